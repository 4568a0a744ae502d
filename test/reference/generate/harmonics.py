"""Real spherical harmonics and their Cartesian gradients by sphericart, values checked with scipy.

    pip install sphericart==2.0.4 scipy numpy
    python test/reference/generate/harmonics.py

`values[p][l² + l + m]` is Y_lm of the direction of points[p], m = -l…l, orthonormal on the sphere,
without the Condon–Shortley phase (l = 1 is y, z, x). `gradients[p][xyz][l² + l + m]` is the
derivative of Y_lm(r/|r|) in r, so it scales as 1/|r|. The points are neither normalised nor generic:
poles, axes, short and long vectors are among them.
"""

import numpy as np
from scipy.special import sph_harm_y
from sphericart import SphericalHarmonics

from fixture import write_fixture

MAX_ANGULAR = 8


def real_harmonics(points):
    """The same from scipy's complex harmonics, which carry the Condon–Shortley phase (-1)^m."""
    x, y, z = points.T
    theta, phi = np.arctan2(np.hypot(x, y), z), np.arctan2(y, x)
    columns = []
    for l in range(MAX_ANGULAR + 1):
        for m in range(-l, l + 1):
            complex_value = sph_harm_y(l, abs(m), theta, phi) * (-1) ** m
            part = complex_value.imag if m < 0 else complex_value.real
            columns.append(part * (1 if m == 0 else np.sqrt(2)))
    return np.stack(columns, axis=1)


def main():
    rng = np.random.default_rng(21)
    special = [[0, 0, 1], [0, 0, -2], [1, 0, 0], [0, -1, 0], [1e-7, 0, 1], [0, -3e-5, -1],
               [1e-3, 2e-3, -1e-3], [120.0, -340.0, 75.0], [1, 1, 1], [-1, 1, -1]]
    points = np.concatenate([np.array(special, dtype=float), rng.normal(0, 2, (14, 3))])
    values, gradients = SphericalHarmonics(MAX_ANGULAR).compute_with_gradients(points)
    assert np.abs(values - real_harmonics(points)).max() < 5e-14
    write_fixture(
        'harmonics', ['sphericart', 'scipy'],
        'Real spherical harmonics of the directions of `points` and their derivatives in the points.',
        maxAngular=MAX_ANGULAR, points=points.tolist(), values=values.tolist(),
        gradients=gradients.tolist())


if __name__ == '__main__':
    main()
