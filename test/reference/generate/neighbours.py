"""Neighbour lists of awkward cells on which vesin, matscipy and a plain loop over images agree.

    pip install ase==3.29.0 vesin==0.6.2 matscipy==1.3.1
    python test/reference/generate/neighbours.py

Each case: positions and cell rows in Å, pbc, cutoff, and the full list sorted by (i, j, S) with
r_ij = r_j - r_i + S · cell and distance d < cutoff. The centre itself (i = j, S = 0) is left out,
its images are in. The script stops where the programs disagree.
"""

import itertools

import numpy as np
from ase import Atoms
from ase.build import bulk, fcc111, molecule
from matscipy.neighbours import neighbour_list
from vesin import NeighborList

from fixture import write_fixture

MARGIN = 1e-9  # Å; no pair of a case may lie this close to the cutoff, where round-off decides


def brute_force(atoms, cutoff):
    cell, pbc, positions = atoms.cell.array, atoms.pbc, atoms.positions
    # Enough shifts to bridge the spread of the atoms and the cutoff along every periodic axis.
    heights = np.where(pbc, 1 / np.linalg.norm(np.linalg.pinv(cell), axis=0).clip(1e-300), np.inf)
    spread = np.ptp(positions @ np.linalg.pinv(cell), axis=0) if pbc.any() else np.zeros(3)
    reach = np.where(pbc, np.ceil(cutoff / heights + spread), 0).astype(int)
    pairs = []
    for shift in itertools.product(*(range(-n, n + 1) for n in reach)):
        vectors = positions[None] - positions[:, None] + np.array(shift) @ cell
        distances = np.linalg.norm(vectors, axis=-1)
        assert not np.any(abs(distances - cutoff) < MARGIN), 'a pair sits on the cutoff'
        for i, j in zip(*np.nonzero(distances < cutoff)):
            if i != j or any(shift):
                pairs.append((int(i), int(j), *shift, float(distances[i, j])))
    return sorted(pairs)


def with_vesin(atoms, cutoff):
    calculator = NeighborList(cutoff=cutoff, full_list=True)
    return calculator.compute(atoms.positions, atoms.cell.array, atoms.pbc.tolist(), 'ijSd')


def with_matscipy(atoms, cutoff):
    atoms = atoms.copy()
    atoms.cell = atoms.cell.complete()  # it refuses a singular cell, also where not periodic
    return neighbour_list('ijSd', atoms, cutoff)


def same_pairs(result, reference):
    i, j, shifts, distances = result
    pairs = sorted((int(a), int(b), *map(int, s), float(d))
                   for a, b, s, d in zip(i, j, shifts, distances))
    return len(pairs) == len(reference) and all(
        one[:5] == other[:5] and abs(one[5] - other[5]) < 1e-10
        for one, other in zip(pairs, reference))


def case(name, atoms, cutoff):
    reference = brute_force(atoms, cutoff)
    for program in (with_vesin, with_matscipy):
        assert same_pairs(program(atoms, cutoff), reference), f'{program.__name__}: {name}'
    print(f'{name}: {len(reference)} pairs')
    return {
        'name': name,
        'cutoff': cutoff,
        'pbc': atoms.pbc.tolist(),
        'cell': atoms.cell.array.tolist(),
        'positions': atoms.positions.tolist(),
        'pairs': {
            'i': [pair[0] for pair in reference],
            'j': [pair[1] for pair in reference],
            'shift': [pair[2:5] for pair in reference],
            'distance': [pair[5] for pair in reference],
        },
    }


def random_atoms(rng, count, cell, pbc):
    return Atoms('H' * count, scaled_positions=rng.random((count, 3)), cell=cell, pbc=pbc)


def main():
    rng = np.random.default_rng(20)
    triclinic = [[5.2, 0.3, -0.4], [1.7, 4.6, 0.2], [-1.1, 1.9, 5.5]]
    skewed = [[3.1, 0, 0], [2.9, 1.4, 0], [2.7, 1.1, 1.6]]
    left_handed = [[0, 5.1, 0.4], [4.7, 0.2, 0], [0.3, -0.2, 5.9]]
    slab = fcc111('Al', (2, 2, 2))
    slab.rattle(0.05, rng=rng)
    rattled_silicon = bulk('Si', cubic=True)
    rattled_silicon.rattle(0.1, rng=rng)
    far_outside = random_atoms(rng, 6, triclinic, True)
    far_outside.positions += rng.integers(-7, 8, (6, 3)) @ np.array(triclinic)
    outside_open_axis = random_atoms(rng, 6, triclinic, (True, False, True))
    outside_open_axis.positions += rng.normal(0, 6, (6, 3))
    # In a cell, an atom a hair below zero wraps to a fractional coordinate that rounds to one.
    on_the_face = Atoms('H3', [[-1e-17, 0, 0], [0, 4, 0], [2, 2, -1e-18]], cell=[4, 4, 4], pbc=True)
    molecule_in_space = molecule('CH3CH2OH')
    molecule_in_space.positions += 1000.0

    cases = [
        case('triclinic cell', random_atoms(rng, 8, triclinic, True), 3.5),
        case('triclinic cell, cutoff larger than the cell', random_atoms(rng, 2, skewed, True), 4.2),
        case('left-handed cell', random_atoms(rng, 7, left_handed, True), 3.7),
        case('rotated silicon', _rotated(rattled_silicon, rng), 4.0),
        case('single atom, tiny cubic cell', Atoms('H', cell=[1.3, 1.3, 1.3], pbc=True), 3.0),
        case('single atom, primitive fcc cell', bulk('Cu'), 4.0),
        case('single atom, periodic along c', Atoms('H', cell=[2, 3, 1.9], pbc=(0, 0, 1)), 5.0),
        case('periodic along a and b', random_atoms(rng, 8, triclinic, (True, True, False)), 3.6),
        case('periodic along b', random_atoms(rng, 8, triclinic, (False, True, False)), 3.6),
        case('cell given but not periodic', random_atoms(rng, 8, triclinic, False), 3.6),
        case('molecule without a cell', molecule('CH3CH2OH'), 2.6),
        case('molecule without a cell, far from the origin', molecule_in_space, 2.6),
        case('atoms many cells away', far_outside, 3.8),
        case('atoms outside along an open axis', outside_open_axis, 3.8),
        case('atoms on the faces of the cell', on_the_face, 4.3),
        case('slab with a zero third cell vector', slab, 3.3),
        case('long thin cell', random_atoms(rng, 9, [[2.2, 0, 0], [0.4, 2.4, 0], [0, 0, 19.0]], True),
             3.1),
        case('single isolated atom', Atoms('H'), 5.0),
        case('two atoms just inside the cutoff', Atoms('H2', [[0, 0, 0], [0, 0, 2.9999999]]), 3.0),
        case('two atoms just outside the cutoff', Atoms('H2', [[0, 0, 0], [0, 0, 3.0000001]]), 3.0),
    ]
    write_fixture('neighbours', ['vesin', 'matscipy', 'ase'],
                  'Full neighbour lists sorted by (i, j, shift); lengths in Å.', cases=cases)


def _rotated(atoms, rng):
    rotation, _ = np.linalg.qr(rng.normal(size=(3, 3)))
    atoms.set_cell(atoms.cell.array @ rotation, scale_atoms=True)
    return atoms


if __name__ == '__main__':
    main()
