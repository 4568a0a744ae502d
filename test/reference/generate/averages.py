"""Outer and inner averages of SOAP power spectra over structures, by DScribe.

    pip install ase==3.29.0 dscribe==2.1.2
    python test/reference/generate/averages.py

DScribe orthonormalises the polynomials (r_c - r)^(n + 2), n = 1 ... count, by S^(-1/2), another way
than ours, so single columns differ by an orthogonal matrix. Dot products over n and n' of the rows
of two structures do not depend on it: `grams[average][p][l][s][s']` is that of structures s and s'
for the pair of species pairs[p] = [a1, a2], a1 <= a2, the pairs (n, n') and (n', n) of one species
both counted. DScribe's p is pi sqrt(8 / (2l+1)) sum_m c c of Gaussians exp(-x^2 / 2 sigma^2). All
atoms are well within the cutoff, as it counts neighbours beyond it too.
"""

import numpy as np
from ase.build import molecule
from dscribe.descriptors import SOAP

from fixture import write_fixture

SYMBOLS = ('H', 'C', 'O')
RADIUS, WIDTH, COUNT, MAX_ANGULAR = 6.0, 0.5, 3, 3


def structures():
    random = np.random.default_rng(5)
    result = []
    for name in ('CH3CH2OH', 'CH3OH', 'H2CO', 'CH4'):
        atoms = molecule(name)
        atoms.positions = np.round(atoms.positions + 0.1 * random.normal(size=(len(atoms), 3)), 6)
        result.append(atoms)
    return result


def grams(average, frames, pairs):
    soap = SOAP(species=SYMBOLS, r_cut=RADIUS, n_max=COUNT, l_max=MAX_ANGULAR, sigma=WIDTH,
                rbf='polynomial', average=average, periodic=False)
    rows = soap.create(frames)
    twice = np.array([1 if n == other else 2 for n in range(COUNT) for other in range(n, COUNT)])

    def of_pair(first, second):
        block = rows[:, soap.get_location((first, second))]
        block = block.reshape(len(frames), MAX_ANGULAR + 1, -1)
        weights = twice if first == second else np.ones(COUNT**2)
        return np.einsum('slk,tlk,k->lst', block, block, weights)

    return [of_pair(*pair).tolist() for pair in pairs]


def main():
    frames = structures()
    pairs = [[a, b] for i, a in enumerate(SYMBOLS) for b in SYMBOLS[i:]]
    write_fixture(
        'averages', ['dscribe', 'ase'],
        'Dot products of averaged power spectra by DScribe, [average][pair][l][s][s\']; lengths in Å.',
        cutoff=RADIUS, width=WIDTH, count=COUNT, maxAngular=MAX_ANGULAR, pairs=pairs,
        structures=[{'species': atoms.get_chemical_symbols(), 'positions': atoms.positions.tolist()}
                    for atoms in frames],
        grams={average: grams(average, frames, pairs) for average in ('outer', 'inner')})


if __name__ == '__main__':
    main()
