"""Times scikit-learn's kernel principal components: sklearn_maps.py MATRIX.f64 --method gaussian --columns F"""

import measure

WIDTH = 0.5


def main():
    parser = measure.parser(__doc__)
    parser.add_argument('--method', default='gaussian')
    parser.add_argument('--columns', type=int, default=1)
    arguments = parser.parse_args()
    measure.set_threads(arguments.threads)
    import numpy as np
    from sklearn.decomposition import KernelPCA

    matrix = np.fromfile(arguments.structures).reshape(-1, arguments.columns)
    kernel = {
        'dot-product': {'kernel': 'poly', 'degree': 2, 'gamma': 1, 'coef0': 0},
        'gaussian': {'kernel': 'rbf', 'gamma': 1 / (2 * WIDTH**2)},
    }[arguments.method]

    def compute():
        return KernelPCA(n_components=2, **kernel).fit(matrix).eigenvalues_

    measure.report(arguments, [], 'scikit-learn', f'kernel principal components, {arguments.method}', compute,
                   per='map', units=lambda result: 1, eigenvalues=compute().tolist())


if __name__ == '__main__':
    main()
