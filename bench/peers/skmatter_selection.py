"""Times scikit-matter's selection of rows:

skmatter_selection.py MATRIX.f64 --method fps|cur|pcov-fps|pcov-cur
"""

import measure


def main():
    parser = measure.parser(__doc__)
    methods = ['fps', 'cur', 'pcov-fps', 'pcov-cur']
    parser.add_argument('--method', choices=methods, default='fps')
    parser.add_argument('--columns', type=int, default=1)
    parser.add_argument('--count', type=int, default=1)
    arguments = parser.parse_args()
    measure.set_threads(arguments.threads)
    import numpy as np
    from skmatter.sample_selection import CUR, FPS, PCovCUR, PCovFPS

    matrix = np.fromfile(arguments.structures).reshape(-1, arguments.columns)
    target = matrix[:, ::7].sum(axis=1, keepdims=True)
    method = dict(zip(methods, [FPS, CUR, PCovFPS, PCovCUR]))[arguments.method]

    def compute():
        return method(n_to_select=arguments.count).fit(matrix, target).selected_idx_

    measure.report(arguments, [], 'skmatter', f'selection, {arguments.method}', compute,
                   per='selection', units=lambda result: 1, indices=compute().tolist())


if __name__ == '__main__':
    main()
