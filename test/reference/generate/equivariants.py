"""λ-SOAP power spectra of featomic, for proper and pseudotensors.

    pip install ase==3.29.0 featomic==0.6.7 metatensor
    python test/reference/generate/equivariants.py

A block holds one rank λ, parity σ and pair of species [a1, a2]: `values[k][μ][q]` belongs to the atom
centres[k] and the property [l1, l2, n1, n2] of `properties[q]`,
Σ_{m m'} ⟨l2 m'; l1 m|λ μ⟩ c(a1, n1, l1, m) c(a2, n2, l2, m'), featomic's order of the two.
"""

import numpy as np
from featomic import SphericalExpansion
from featomic.clebsch_gordan import EquivariantPowerSpectrum
from metatensor import Labels

import featomic_cases as cases
from fixture import write_fixture


def equivariant_case(name, atoms, ours, species, ranks, centres):
    calculator = EquivariantPowerSpectrum(SphericalExpansion(**cases.featomic_hypers(ours)))
    tensor = calculator.compute(
        atoms, neighbors_to_properties=False,
        selected_keys=Labels(['o3_lambda'], np.array(ranks)[:, None]))
    blocks = {}
    for key, block in tensor.items():
        where = tuple(int(key[name]) for name in
                      ('o3_lambda', 'o3_sigma', 'neighbor_1_type', 'neighbor_2_type'))
        entry = blocks.setdefault(where, {
            'lambda': where[0], 'sigma': where[1], 'species': list(where[2:]),
            'properties': [], 'values': [None] * len(centres)})
        columns = block.properties.values.tolist()
        names = block.properties.names
        entry['properties'] = [[row[names.index(n)] for n in ('l_1', 'l_2', 'n_1', 'n_2')]
                               for row in columns]
        for sample, row in zip(block.samples.values[:, 1], block.values):
            if int(sample) in centres:
                entry['values'][centres.index(int(sample))] = row.tolist()
    return {'name': name, 'structure': cases.structure(atoms), 'hyperparameters': ours,
            'species': species, 'ranks': ranks, 'centres': centres,
            'blocks': list(blocks.values())}


def main():
    write_fixture(
        'equivariants', ['featomic', 'ase'],
        'Equivariant power spectra values[centre][μ][property] by featomic; lengths in Å.',
        cases=[
            equivariant_case('water dimer', cases.water_dimer(), cases.hypers(2, 2, 3.0, 0.4),
                             [1, 8], [0, 1, 2, 3], [0, 4]),
            equivariant_case('copper-like cell of three atoms', cases.triclinic(),
                             cases.hypers(2, 3, 3.6, 0.5), [1, 8], [1, 2], [0]),
        ])


if __name__ == '__main__':
    main()
