"""Long-range (LODE) expansion coefficients of featomic, GTO basis and smeared power laws.

    pip install ase==3.29.0 featomic==0.6.7 metatensor
    python test/reference/generate/long_range.py

`values[k][s][l² + l + m][n]` is the coefficient of the atom centres[k] in the channel species[s],
`positionGradients[k][atom][xyz]…` its derivatives, where a case has them.
"""

import numpy as np
from ase.build import bulk
from featomic import LodeSphericalExpansion

import featomic_cases as cases
from fixture import write_fixture


def hypers(exponent, width, count, max_angular, radius, *, k_cutoff=None, center_weight=1.0):
    """Hyperparameters as this package spells them."""
    density = {'type': 'power-law', 'exponent': exponent, 'width': width,
               'kCutoff': 1.2 * np.pi / width if k_cutoff is None else k_cutoff,
               'centerWeight': center_weight}
    return {'cutoff': {'radius': radius}, 'density': density,
            'basis': {'maxAngular': max_angular, 'radial': {'type': 'gto', 'count': count}}}


def featomic_hypers(ours):
    """The same for featomic, with the radial integrals evaluated instead of splined."""
    density, basis = ours['density'], ours['basis']
    return {
        'density': {'type': 'SmearedPowerLaw', 'smearing': density['width'],
                    'exponent': density['exponent'],
                    'center_atom_weight': density['centerWeight']},
        'k_cutoff': density['kCutoff'],
        'basis': {'type': 'TensorProduct', 'max_angular': basis['maxAngular'],
                  'radial': {'type': 'Gto', 'max_radial': basis['radial']['count'] - 1,
                             'radius': ours['cutoff']['radius']},
                  'spline_accuracy': None},
    }


def long_range_case(name, atoms, ours, species, centres=None, gradients=()):
    count, max_angular = ours['basis']['radial']['count'], ours['basis']['maxAngular']

    def place(key):
        l = int(key['o3_lambda'])
        return (species.index(int(key['neighbor_type'])), slice(l * l, (l + 1) ** 2)), \
            lambda array: array

    shape = (len(species), (max_angular + 1) ** 2, count)
    return cases.dense_case(name, atoms, ours, species, LodeSphericalExpansion, place, shape,
                            centres=centres, gradients=gradients, to_featomic=featomic_hypers)


def main():
    salt = cases.rattled(bulk('NaCl', 'rocksalt', a=5.64, cubic=True), 41)
    write_fixture(
        'long_range', ['featomic', 'ase'],
        'Coefficients c[centre][species][l² + l + m][n] by featomic; lengths in Å.',
        cases=[
            *(long_range_case(f'three atoms in a triclinic cell, p = {p}', cases.triclinic(),
                              hypers(p, 0.7, 3, 2, 3.0), [1, 8], gradients=('positions',))
              for p in (0, 1, 2, 3)),
            *(long_range_case(f'three atoms in a triclinic cell, p = {p}', cases.triclinic(),
                              hypers(p, 0.9, 2, 1, 3.5, center_weight=0.3), [1, 8])
              for p in range(4, 10)),
            long_range_case('rock salt', salt, hypers(1, 1.0, 4, 4, 4.0, center_weight=0), [11, 17],
                            centres=[0, 5]),
            long_range_case('rock salt, many waves', salt,
                            hypers(6, 0.6, 5, 3, 4.0, k_cutoff=9.0), [11, 17], centres=[1]),
        ])


if __name__ == '__main__':
    main()
