"""Times scikit-learn's kernels between rows: sklearn_kernels.py MATRIX.f64 --method gaussian --columns F

`ridge` trains on the first half of the rows and predicts the second, as ours/kernels.mjs does.
"""

import measure

WIDTH = 0.5


def main():
    parser = measure.parser(__doc__)
    parser.add_argument('--method', default='gaussian')
    parser.add_argument('--columns', type=int, default=1)
    arguments = parser.parse_args()
    measure.set_threads(arguments.threads)
    import numpy as np
    from sklearn.gaussian_process.kernels import Matern
    from sklearn.kernel_ridge import KernelRidge
    from sklearn.metrics.pairwise import laplacian_kernel, polynomial_kernel, rbf_kernel

    matrix = np.fromfile(arguments.structures).reshape(-1, arguments.columns)
    rows = len(matrix)
    half = rows // 2
    gamma = 1 / (2 * WIDTH**2)

    def ridge():
        labels = np.sin(50 * matrix[:half, 0])
        model = KernelRidge(alpha=0.01**2, kernel='rbf', gamma=gamma).fit(matrix[:half], labels)
        return model.predict(matrix[half:])

    compute = {
        'dot-product': lambda: polynomial_kernel(matrix, degree=2, gamma=1, coef0=0),
        'gaussian': lambda: rbf_kernel(matrix, gamma=gamma),
        'matern': lambda: Matern(length_scale=WIDTH, nu=1.5)(matrix),
        'laplacian': lambda: laplacian_kernel(matrix, gamma=1 / WIDTH),
        'ridge': ridge,
    }[arguments.method]
    result = compute()
    sample = result if arguments.method == 'ridge' else result.ravel()[::9973]
    if arguments.method != 'ridge':
        sample = sample[:rows * rows // 9973]
    measure.report(arguments, [], 'scikit-learn', f'kernels, {arguments.method}', compute,
                   per='matrix', units=lambda result: 1, sample=sample.tolist())


if __name__ == '__main__':
    main()
