"""Times scikit-matter's selection of rows: skmatter_selection.py MATRIX.f64 --method fps|cur"""

import measure


def main():
    parser = measure.parser(__doc__)
    parser.add_argument('--method', choices=['fps', 'cur'], default='fps')
    parser.add_argument('--columns', type=int, default=1)
    parser.add_argument('--count', type=int, default=1)
    arguments = parser.parse_args()
    measure.set_threads(arguments.threads)
    import numpy as np
    from skmatter.sample_selection import CUR, FPS

    matrix = np.fromfile(arguments.structures).reshape(-1, arguments.columns)
    method = {'fps': FPS, 'cur': CUR}[arguments.method]

    def compute():
        return method(n_to_select=arguments.count).fit(matrix).selected_idx_

    measure.report(arguments, [], 'skmatter', f'selection, {arguments.method}', compute,
                   per='selection', units=lambda result: 1, indices=compute().tolist())


if __name__ == '__main__':
    main()
