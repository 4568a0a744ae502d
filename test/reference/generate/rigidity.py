"""Local prediction rigidity of linear models by scikit-matter.

    pip install skmatter==0.4.1 numpy
    python test/reference/generate/rigidity.py

`training` and `test` are features of structures, environments × 6 each. Each of `cases` has a regulariser `alpha`
and the `rigidity` of each environment of each test structure.
"""

import numpy as np
from skmatter.metrics import local_prediction_rigidity

from fixture import write_fixture

random = np.random.default_rng(7)


def structures(sizes):
    return [random.normal(size=(size, 6)) + 0.5 for size in sizes]


training = structures([3, 5, 4, 2, 6, 3, 4])
test = structures([2, 4, 1])
write_fixture(
    'rigidity', ['skmatter', 'numpy'], 'Local prediction rigidity of linear models',
    training=[x.tolist() for x in training],
    test=[x.tolist() for x in test],
    cases=[
        {'alpha': alpha,
         'rigidity': [x.tolist() for x in local_prediction_rigidity(training, test, alpha)[0]]}
        for alpha in (1e-8, 1e-3, 1.0)
    ])
