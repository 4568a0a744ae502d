"""Farthest point sampling and CUR selection by scikit-matter.

    pip install skmatter==0.4.1 numpy
    python test/reference/generate/selection.py

`matrices[i]` are small matrices whose singular values decay; `cases[j]` names one by its index, what
is picked (`axis`), the options, the `indices` in their order and, for FPS, the distances at the time
of selection (roots of scikit-matter's; the first, infinite, is null).
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
    write_fixture('selection', ['skmatter'], 'Rows and columns picked by FPS and CUR.',
                  matrices=[matrix.tolist() for matrix in matrices], cases=cases)


if __name__ == '__main__':
    main()
