"""Farthest point sampling and CUR selection by scikit-matter, without and with targets (PCov).

    pip install skmatter==0.4.1 numpy
    python test/reference/generate/selection.py

`matrices[i]` are small matrices whose singular values decay; `cases[j]` names one by its index, what
is picked (`axis`), the options, the `indices` in their order and, for FPS, the distances at the time
of selection (roots of scikit-matter's; the first, infinite, is null). Cases with `mixing` are those
of PCovFPS and PCovCUR for the first `columns` columns of `targets[i]`. Columns of the third matrix have
none: scikit-matter inverts squares of its singular values down to 1e-14 of the largest.
"""

import numpy as np
from skmatter import feature_selection, sample_selection

from fixture import write_fixture

MODULES = {'rows': sample_selection, 'columns': feature_selection}


def decaying(rng, rows, columns, decades):
    rank = min(rows, columns)
    scales = 10.0 ** (-decades * np.arange(rank) / rank)
    # Few digits keep the file small; what the programs read is what is written.
    return np.round((rng.normal(size=(rows, rank)) * scales) @ rng.normal(size=(rank, columns)), 6)


def learnable(rng, matrix, count):
    """Targets that are linear in the matrix, of its scale, but for a fifth that is noise."""
    values = matrix @ rng.normal(size=(matrix.shape[1], count))
    values = values / values.std(axis=0) + 0.2 * rng.normal(size=values.shape)
    return np.round(values * matrix.std(), 6)


def with_targets(number, matrix, targets):
    cases = []
    for axis, module in MODULES.items():
        if axis == 'columns' and np.linalg.cond(matrix) > 1e6:
            continue
        for mixing, columns in ((0.5, 1), (0.1, 3), (0.9, 3), (0.0, 3)):
            y = targets[:, :columns]
            common = {'matrix': number, 'axis': axis, 'columns': columns, 'mixing': mixing}
            fps = module.PCovFPS(mixing=mixing, n_to_select=12, initialize=3).fit(matrix, y)
            squares = fps.hausdorff_at_select_[fps.selected_idx_]
            cases.append({'method': 'fps', **common, 'start': 3,
                          'indices': fps.selected_idx_.tolist(),
                          'distances': [None, *np.sqrt(squares[1:]).tolist()]})
            # Of targets alone there are no more vectors than targets.
            for k, every in ((1, 1), (min(2, columns), 3), (columns, 0)):
                cur = module.PCovCUR(mixing=mixing, n_to_select=10, k=k,
                                     recompute_every=every).fit(matrix, y)
                cases.append({'method': 'cur', **common, 'k': k, 'recomputeEvery': every,
                              'indices': cur.selected_idx_.tolist()})
    return cases


def main():
    rng = np.random.default_rng(7)
    matrices = [decaying(rng, 60, 25, 2), decaying(rng, 25, 60, 2), decaying(rng, 40, 40, 4),
                decaying(rng, 30, 50, 0)]
    cases = []
    for number, matrix in enumerate(matrices):
        for axis, module in MODULES.items():
            for start in (0, 11):
                fps = module.FPS(n_to_select=20, initialize=start).fit(matrix)
                # get_select_distance sorts by index; the attribute keeps the order.
                squares = fps.hausdorff_at_select_[fps.selected_idx_]
                cases.append({'method': 'fps', 'matrix': number, 'axis': axis, 'start': start,
                              'indices': fps.selected_idx_.tolist(),
                              'distances': [None, *np.sqrt(squares[1:]).tolist()]})
            for k, every in ((1, 1), (4, 1), (2, 3), (3, 0)):
                cur = module.CUR(n_to_select=16, k=k, recompute_every=every).fit(matrix)
                cases.append({'method': 'cur', 'matrix': number, 'axis': axis, 'k': k,
                              'recomputeEvery': every, 'indices': cur.selected_idx_.tolist()})
    targets = [learnable(rng, matrix, 3) for matrix in matrices]
    for number, (matrix, y) in enumerate(zip(matrices, targets)):
        cases += with_targets(number, matrix, y)
    write_fixture('selection', ['skmatter'],
                  'Rows and columns picked by FPS and CUR, PCov-FPS and PCov-CUR.',
                  matrices=[matrix.tolist() for matrix in matrices],
                  targets=[y.tolist() for y in targets], cases=cases)


if __name__ == '__main__':
    main()
