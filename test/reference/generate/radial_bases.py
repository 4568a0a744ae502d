"""Spherical expansion coefficients of featomic on other bases and densities than GTO and Gaussians.

    pip install ase==3.29.0 featomic==0.6.7 metatensor scipy
    python test/reference/generate/radial_bases.py

`values[k][s][l² + l + m][n]` is the coefficient of the atom centres[k] in the channel species[s].
"""

from featomic import SphericalExpansion
from featomic.basis import Explicit, Monomials, SphericalBessel
from featomic.cutoff import Cutoff, ShiftedCosine
from featomic.density import DiracDelta, Gaussian
from featomic.splines import SoapSpliner

import featomic_cases as cases
from expansion import placed
from fixture import write_fixture


def splined(ours):
    """The same hyperparameters for featomic, whose radial integrals are tabulated numerically."""
    radius = ours['cutoff']['radius']
    radial, weight = ours['basis']['radial'], ours['density']['centerWeight']
    size = {'max_radial': radial['count'] - 1, 'radius': radius}
    functions = {'monomial': lambda l: Monomials(angular_channel=l, **size),
                 'bessel': lambda l: SphericalBessel(angular_channel=l, **size)}[radial['type']]
    return SoapSpliner(
        cutoff=Cutoff(radius=radius,
                      smoothing=ShiftedCosine(width=ours['cutoff']['smoothing']['width'])),
        density=(DiracDelta(center_atom_weight=weight) if ours['density']['type'] == 'delta' else
                 Gaussian(width=ours['density']['width'], center_atom_weight=weight)),
        basis=Explicit(by_angular={l: functions(l)
                                   for l in range(ours['basis']['maxAngular'] + 1)},
                       spline_accuracy=1e-9),
    ).get_hypers()


def case(radial, density):
    ours = {
        'cutoff': {'radius': 3.5, 'smoothing': {'type': 'cosine', 'width': 0.7}},
        'density': density,
        'basis': {'maxAngular': 3, 'radial': {'type': radial, 'count': 4}},
    }
    place, shape = placed([1, 6, 8], ours)
    return cases.dense_case(f"{radial}, {density['type']}", cases.ethanol(), ours, [1, 6, 8],
                            SphericalExpansion, place, shape, centres=[0, 2], to_featomic=splined)


def main():
    gaussian = {'type': 'gaussian', 'width': 0.4, 'centerWeight': 1}
    # Of points, only functions whose derivatives featomic can evaluate at r = 0.
    delta = {'type': 'delta', 'centerWeight': 0}
    write_fixture(
        'radial_bases', ['featomic', 'ase', 'scipy'],
        'Coefficients c[centre][species][l² + l + m][n] by featomic; lengths in Å.',
        cases=[case('monomial', gaussian), case('bessel', gaussian),
               case('bessel', delta)])


if __name__ == '__main__':
    main()
