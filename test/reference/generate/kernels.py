"""Kernels between structures by DScribe; kernels between rows and kernel ridge regression by scikit-learn.

    pip install dscribe==2.1.2 scikit-learn==1.8.0 numpy
    python test/reference/generate/kernels.py

`structures` holds the features of the environments of each structure (environments × 6), `others` those
of two more. `ofStructures`: for a `kernel` between environments, DScribe's `average` and `rematch` (with
`gamma`, and Sinkhorn's iteration converged) between all structures, divided by the square roots of their
own kernels, and `between`, the same of structures and others. `ofRows`: for a `kernel`, the matrix `values` of
all rows of `structures` with those of `others`, and by kernel ridge regression with `noise` (alpha is
its square) on `targets`, one a row, `predictions` for the rows of `others`.
"""

import numpy as np
from dscribe.kernels import AverageKernel, REMatchKernel
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import RBF, Matern
from sklearn.kernel_ridge import KernelRidge
from sklearn.metrics.pairwise import laplacian_kernel, polynomial_kernel, rbf_kernel

from fixture import write_fixture

NOISE, GAMMA = 0.1, 0.3


def main():
    rng = np.random.default_rng(11)

    def environments(count):
        return np.round(rng.uniform(0, 1, size=(count, 6)), 4)

    structures = [environments(count) for count in (3, 5, 4, 1)]
    others = [environments(count) for count in (2, 6)]

    def unit(rows):
        return rows / np.linalg.norm(rows, axis=1, keepdims=True)

    of_structures = []
    for kernel, metric, prepare in [
        ({'type': 'dot-product', 'zeta': 1}, {'metric': 'linear'}, unit),
        ({'type': 'dot-product', 'zeta': 3},
         {'metric': 'polynomial', 'degree': 3, 'gamma': 1, 'coef0': 0}, unit),
        ({'type': 'gaussian', 'width': 0.8, 'normalize': False},
         {'metric': 'rbf', 'gamma': 1 / (2 * 0.8**2)}, np.asarray),
        ({'type': 'laplacian', 'width': 2.5, 'normalize': False},
         {'metric': 'laplacian', 'gamma': 1 / 2.5}, np.asarray),
    ]:
        x, y = [prepare(rows) for rows in structures], [prepare(rows) for rows in others]
        average = AverageKernel(**metric)
        rematch = REMatchKernel(alpha=GAMMA, threshold=1e-26, **metric)
        of_structures.append({
            'kernel': kernel,
            'average': {'own': average.create(x).tolist(), 'between': average.create(x, y).tolist()},
            'rematch': {'own': rematch.create(x).tolist(), 'between': rematch.create(x, y).tolist()},
        })

    x, y = np.concatenate(structures), np.concatenate(others)
    targets = np.round(np.sin(3 * x[:, 0]) + x[:, 1] * x[:, 2], 6)
    of_rows = []
    for kernel, function in [
        ({'type': 'dot-product', 'zeta': 2, 'normalize': False},
         lambda a, b: polynomial_kernel(a, b, degree=2, gamma=1, coef0=0)),
        ({'type': 'gaussian', 'width': 0.7, 'normalize': False},
         lambda a, b: rbf_kernel(a, b, gamma=1 / (2 * 0.7**2))),
        ({'type': 'laplacian', 'width': 1.9, 'normalize': False},
         lambda a, b: laplacian_kernel(a, b, gamma=1 / 1.9)),
        *[({'type': 'matern', 'width': 0.9, 'smoothness': nu, 'normalize': False},
           Matern(length_scale=0.9, nu=nu)) for nu in (0.5, 1.5, 2.5)],
    ]:
        ridge = KernelRidge(alpha=NOISE**2, kernel='precomputed').fit(function(x, x), targets)
        of_rows.append({'kernel': kernel, 'values': function(x, y).tolist(),
                        'predictions': ridge.predict(function(y, x)).tolist()})

    process = GaussianProcessRegressor(RBF(0.7), alpha=NOISE**2, optimizer=None).fit(x, targets)
    mean, deviation = process.predict(y, return_std=True)
    write_fixture(
        'kernels', ['dscribe', 'scikit-learn'], 'Kernels between structures and between rows.',
        noise=NOISE, gamma=GAMMA, structures=[rows.tolist() for rows in structures],
        others=[rows.tolist() for rows in others], targets=targets.tolist(),
        ofStructures=of_structures, ofRows=of_rows,
        process={'kernel': {'type': 'gaussian', 'width': 0.7, 'normalize': False},
                 'predictions': mean.tolist(), 'deviations': deviation.tolist(),
                 'logMarginalLikelihood': process.log_marginal_likelihood_value_})


if __name__ == '__main__':
    main()
