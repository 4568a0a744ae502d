"""Most likely hyperparameters of Gaussian processes by scikit-learn.

    pip install scikit-learn==1.8.0 scipy numpy
    python test/reference/generate/gaussian_process.py

`features` are 60 × 2, `targets` 60 × 1, `test` 5 × 2. Each of `cases` has the `terms` of a kernel with
the values at the start, `noise` (a standard deviation) at the start, the log marginal
likelihood there with its `gradient` with respect to the logarithms (noise unless `noiseIsFixed`, then
weight and width of each term), and of the maximum `noise`, `terms`, the likelihood and `predictions`
for `test`.
"""

import numpy as np
from scipy.optimize import minimize
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import (RBF, ConstantKernel, DotProduct, Exponentiation,
                                              Matern, WhiteKernel)

from fixture import write_fixture

WIDE = (1e-12, 1e12)


def to_machine_precision(objective, start, bounds):
    """scikit-learn's own stops five digits earlier."""
    found = minimize(objective, start, method='L-BFGS-B', jac=True, bounds=bounds,
                     options={'ftol': 1e-16, 'gtol': 1e-8, 'maxiter': 1000})
    return found.x, found.fun


def peer_kernel(kernel):
    if kernel['type'] == 'gaussian':
        return RBF(kernel['width'], WIDE)
    if kernel['type'] == 'matern':
        return Matern(kernel['width'], WIDE, nu=kernel['smoothness'])
    return Exponentiation(DotProduct(0, 'fixed'), kernel['zeta'])


def of(kernel, terms):
    """Noise and terms with the values that scikit-learn's kernel has."""
    *factors, white = flat(kernel)
    products = zip(factors[0::2], factors[1::2])
    found = []
    for (constant, shape), term in zip(products, terms):
        own = dict(term['kernel'])
        if 'width' in own:
            own['width'] = float(shape.length_scale)
        found.append({'weight': constant.constant_value, 'kernel': own})
    return {'noise': float(np.sqrt(white.noise_level)), 'terms': found}


def flat(kernel):
    if hasattr(kernel, 'k1'):
        return flat(kernel.k1) + flat(kernel.k2)
    return [kernel]


def main():
    rng = np.random.default_rng(5)
    features = np.round(rng.uniform(0.2, 2.2, size=(60, 2)), 4)
    test = np.round(rng.uniform(0.4, 2.0, size=(5, 2)), 4)
    x, y = features.T
    targets = np.round(0.6 * np.sin(5 * x + y) + np.cos(2 * y) + 2 * x * y
                       + 0.2 * rng.normal(size=60), 6)

    def term(weight, **kernel):
        return {'weight': weight, 'kernel': {'normalize': False, **kernel}}

    starts = [
        (0.2, [term(1.5, type='gaussian', width=0.9)]),
        (0.2, [term(0.8, type='matern', width=1.1, smoothness=0.5)]),
        (0.2, [term(1.0, type='matern', width=0.7, smoothness=1.5)]),
        (0.2, [term(1.0, type='matern', width=2.0, smoothness=2.5)]),
        (0.1, [term(0.3, type='gaussian', width=1.0), term(0.4, type='dot-product', zeta=2)]),
        (0.1, [term(1.0, type='gaussian', width=3.0), term(0.3, type='gaussian', width=0.4)]),
    ]
    cases = []
    for noise, terms in starts:
        kernel = sum((ConstantKernel(t['weight'], WIDE) * peer_kernel(t['kernel']) for t in terms[1:]),
                     start=ConstantKernel(terms[0]['weight'], WIDE) * peer_kernel(terms[0]['kernel']))
        # The rough kernel would explain all the noise.
        fixed = terms[0]['kernel'].get('smoothness') == 0.5
        kernel = kernel + WhiteKernel(noise ** 2, 'fixed' if fixed else WIDE)
        process = GaussianProcessRegressor(kernel, alpha=0, optimizer=to_machine_precision)
        process.fit(features, targets)
        at_start, gradient = process.log_marginal_likelihood(kernel.theta, eval_gradient=True)
        if not fixed:  # d/d ln σ is twice d/d ln σ².
            gradient = [2 * gradient[-1], *gradient[:-1]]
        cases.append({'noise': noise, 'noiseIsFixed': fixed, 'terms': terms,
                      'logMarginalLikelihood': float(at_start), 'gradient': list(gradient),
                      'maximum': {**of(process.kernel_, terms),
                                  'logMarginalLikelihood': float(
                                      process.log_marginal_likelihood_value_),
                                  'predictions': process.predict(test).tolist()}})
    write_fixture('gaussian_process', ['scikit-learn', 'scipy'],
                  'Most likely hyperparameters of Gaussian processes.',
                  features=features.tolist(), targets=targets.tolist(), test=test.tolist(),
                  cases=cases)


if __name__ == '__main__':
    main()
