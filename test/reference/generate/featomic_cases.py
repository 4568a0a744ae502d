"""The structures and hyperparameters shared by the generators that run featomic."""

import numpy as np
from ase import Atoms
from ase.build import bulk, molecule


def rattled(atoms, seed, width=0.1):
    atoms.positions += np.random.default_rng(seed).normal(0, width, atoms.positions.shape)
    return atoms


def ethanol():
    return rattled(molecule('CH3CH2OH'), 31)


def water_dimer():
    first, second = molecule('H2O'), molecule('H2O')
    second.rotate(70, (1, 2, 3))
    second.positions += (2.4, 1.3, 0.6)
    return rattled(first + second, 32, 0.05)


def triclinic():
    """Three atoms in a cell smaller than the cutoff, so that every atom sees images of itself."""
    cell = [[3.1, 0.2, -0.3], [0.9, 2.8, 0.1], [-0.5, 0.7, 3.4]]
    return Atoms('OHH', scaled_positions=[[0.1, 0.2, 0.05], [0.35, 0.25, 0.2], [0.6, 0.7, 0.55]],
                 cell=cell, pbc=True)


def silicon():
    return rattled(bulk('Si', cubic=True), 33)


def copper():
    return bulk('Cu')


def oxygen_atom():
    return Atoms('O')


def hypers(count, max_angular, radius, width, *, smoothing=0.5, center_weight=1.0, scaling=None):
    """Hyperparameters as this package spells them."""
    density = {'type': 'gaussian', 'width': width, 'centerWeight': center_weight}
    if scaling is not None:
        density['scaling'] = {'type': 'willatt', **scaling}
    return {
        'cutoff': {'radius': radius, 'smoothing': {'type': 'cosine', 'width': smoothing}},
        'density': density,
        'basis': {'maxAngular': max_angular, 'radial': {'type': 'gto', 'count': count}},
    }


def featomic_hypers(ours):
    """The same for featomic, with the radial integrals evaluated instead of splined."""
    density = {'type': 'Gaussian', 'width': ours['density']['width'],
               'center_atom_weight': ours['density']['centerWeight']}
    if 'scaling' in ours['density']:
        density['scaling'] = {**ours['density']['scaling'], 'type': 'Willatt2018'}
    radial = {'type': 'Gto', 'max_radial': ours['basis']['radial']['count'] - 1}
    return {
        'cutoff': {'radius': ours['cutoff']['radius'],
                   'smoothing': {'type': 'ShiftedCosine',
                                 'width': ours['cutoff']['smoothing']['width']}},
        'density': density,
        'basis': {'type': 'TensorProduct', 'max_angular': ours['basis']['maxAngular'],
                  'radial': radial, 'spline_accuracy': None},
    }


def structure(atoms):
    return {'species': atoms.numbers.tolist(), 'positions': atoms.positions.tolist(),
            'cell': atoms.cell.array.tolist(), 'pbc': atoms.pbc.tolist()}


def dense_case(name, atoms, ours, species, calculator, place, shape, centres=None, gradients=(),
               to_featomic=featomic_hypers):
    """One fixture entry: featomic's sparse blocks scattered into arrays [centre]…`shape`.

    `place(key)` yields where a block goes in `shape` and how its [component…, property] values are
    reshaped. Gradients: positions [centre][moved atom][xyz]…, strain [centre][a][b]… as featomic
    defines it, r → r (1 + ε) for row vectors.
    """
    tensor = calculator(**to_featomic(ours)).compute(atoms, gradients=list(gradients))
    count = len(atoms)
    values = np.zeros((count, *shape))
    positions = np.zeros((count, count, 3, *shape))
    strain = np.zeros((count, 3, 3, *shape))
    for key, block in tensor.items():
        where, to = place(key)
        centre_of = block.samples.values[:, 1]
        values[(centre_of, *where)] = to(block.values)
        if 'positions' in gradients:
            gradient = block.gradient('positions')
            for (sample, _, moved), row in zip(gradient.samples.values, gradient.values):
                positions[(centre_of[sample], moved, slice(None), *where)] = to(row)
        if 'strain' in gradients:
            gradient = block.gradient('strain')
            for (sample,), row in zip(gradient.samples.values, gradient.values):
                strain[(centre_of[sample], slice(None), slice(None), *where)] = to(row)
    centres = list(range(count)) if centres is None else centres
    entry = {'name': name, 'structure': structure(atoms), 'hyperparameters': ours,
             'species': species, 'centres': centres, 'values': values[centres].tolist()}
    if 'positions' in gradients:
        entry['positionGradients'] = positions[centres].tolist()
    if 'strain' in gradients:
        entry['strainGradients'] = strain[centres].tolist()
    return entry
