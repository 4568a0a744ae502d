"""Spherical expansion coefficients of featomic, GTO basis and Gaussian density.

    pip install ase==3.29.0 featomic==0.6.7 metatensor
    python test/reference/generate/expansion.py

`values[k][s][l² + l + m][n]` is the coefficient of the atom centres[k] in the channel species[s].
`positionGradients[k][atom][xyz]…` and `strainGradients[k][a][b]…` (r → r (1 + ε), row vectors) are
its derivatives, where a case has them.
"""

from featomic import SphericalExpansion

import featomic_cases as cases
from fixture import write_fixture


def placed(species, ours):
    """Where blocks of the expansion go in an array [species][l² + l + m][n], and its shape."""
    count, max_angular = ours['basis']['radial']['count'], ours['basis']['maxAngular']

    def place(key):
        l = int(key['o3_lambda'])
        harmonics = slice(l * l, (l + 1) ** 2)
        return (species.index(int(key['neighbor_type'])), harmonics), lambda array: array

    return place, (len(species), (max_angular + 1) ** 2, count)


def expansion_case(name, atoms, ours, species, **options):
    place, shape = placed(species, ours)
    return cases.dense_case(name, atoms, ours, species, SphericalExpansion, place, shape, **options)


def main():
    willatt = {'scale': 2.0, 'rate': 1.5, 'exponent': 4}
    both = ('positions', 'strain')
    write_fixture(
        'expansion', ['featomic', 'ase'],
        'Coefficients c[centre][species][l² + l + m][n] by featomic; lengths in Å.',
        cases=[
            expansion_case('ethanol', cases.ethanol(), cases.hypers(4, 3, 3.5, 0.4), [1, 6, 8]),
            expansion_case('water dimer, radial scaling, centre weight 0.5', cases.water_dimer(),
                           cases.hypers(3, 2, 3.0, 0.3, center_weight=0.5, scaling=willatt), [1, 8],
                           centres=[0, 4], gradients=both),
            expansion_case('three atoms in a triclinic cell smaller than the cutoff',
                           cases.triclinic(), cases.hypers(3, 2, 4.1, 0.5, smoothing=1.0), [1, 8],
                           gradients=both),
            expansion_case('silicon, one environment', cases.silicon(),
                           cases.hypers(8, 6, 5.0, 0.4), [14], centres=[0]),
            expansion_case('copper, primitive cell', cases.copper(),
                           cases.hypers(4, 4, 4.0, 0.5, center_weight=0), [29], gradients=both),
            expansion_case('single atom', cases.oxygen_atom(), cases.hypers(6, 1, 4.0, 0.2), [1, 8]),
        ])


if __name__ == '__main__':
    main()
