"""SOAP power spectra of featomic, GTO basis and Gaussian density, in featomic's own convention.

    pip install ase==3.29.0 featomic==0.6.7 metatensor
    python test/reference/generate/power_spectrum.py

`values[k][p][l][n1][n2]` belongs to the atom centres[k] and the pair of species pairs[p] = [a1, a2],
a1 ≤ a2: (-1)^l (2l+1)^(-1/2) Σ_m c(a1, n1, l, m) c(a2, n2, l, m), times √2 where a1 ≠ a2. The sign
(-1)^l is featomic's, and so is keeping (n1, n2) beside (n2, n1) where a1 = a2.
`positionGradients[k][atom][xyz]…` and `strainGradients[k][a][b]…` (r → r (1 + ε), row vectors) are
its derivatives, where a case has them.
"""

from featomic import SoapPowerSpectrum

import featomic_cases as cases
from fixture import write_fixture


def power_spectrum_case(name, atoms, ours, species, **options):
    count, max_angular = ours['basis']['radial']['count'], ours['basis']['maxAngular']
    pairs = [[a, b] for i, a in enumerate(species) for b in species[i:]]

    def place(key):
        pair = [int(key['neighbor_1_type']), int(key['neighbor_2_type'])]
        return (pairs.index(pair),), lambda array: array.reshape(
            *array.shape[:-1], max_angular + 1, count, count)

    shape = (len(pairs), max_angular + 1, count, count)
    entry = cases.dense_case(name, atoms, ours, species, SoapPowerSpectrum, place, shape, **options)
    return {**entry, 'pairs': pairs}


def main():
    willatt = {'scale': 2.0, 'rate': 1.5, 'exponent': 4}
    both = ('positions', 'strain')
    write_fixture(
        'power_spectrum', ['featomic', 'ase'],
        'Power spectra p[centre][pair][l][n1][n2] by featomic, its sign (-1)^l kept; lengths in Å.',
        cases=[
            power_spectrum_case('ethanol', cases.ethanol(), cases.hypers(3, 3, 3.5, 0.4), [1, 6, 8]),
            power_spectrum_case('water dimer, radial scaling, centre weight 0.5',
                                cases.water_dimer(),
                                cases.hypers(2, 2, 3.0, 0.3, center_weight=0.5, scaling=willatt),
                                [1, 8], centres=[0, 4], gradients=both),
            power_spectrum_case('three atoms in a triclinic cell smaller than the cutoff',
                                cases.triclinic(), cases.hypers(2, 3, 4.1, 0.5, smoothing=1.0),
                                [1, 8], gradients=both),
            power_spectrum_case('silicon, one environment', cases.silicon(),
                                cases.hypers(8, 6, 5.0, 0.4), [14], centres=[0]),
            power_spectrum_case('copper, primitive cell', cases.copper(),
                                cases.hypers(3, 4, 4.0, 0.5, center_weight=0), [29],
                                gradients=both),
            power_spectrum_case('single atom', cases.oxygen_atom(),
                                cases.hypers(4, 1, 4.0, 0.2), [1, 8]),
        ])


if __name__ == '__main__':
    main()
