"""Times sphericart's spherical harmonics: sphericart_harmonics.py VECTORS.f64

The file holds doubles, three to a vector.
"""

import measure


def main():
    parser = measure.parser(__doc__)
    parser.add_argument('--max-angular', type=int, default=6)
    parser.add_argument('--gradients', type=int, default=0)
    arguments = parser.parse_args()
    measure.set_threads(arguments.threads)
    import numpy as np
    from sphericart import SphericalHarmonics

    vectors = np.fromfile(arguments.structures).reshape(-1, 3)
    harmonics = SphericalHarmonics(arguments.max_angular)

    def compute():
        if arguments.gradients:
            return harmonics.compute_with_gradients(vectors)
        return (harmonics.compute(vectors),)

    def weighed(arrays):
        return sum((a.ravel() * (np.arange(a.size) % 97 + 1)).sum() for a in arrays)

    measure.report(arguments, [], 'sphericart', 'spherical harmonics', compute, norm=weighed,
                   per='point', units=lambda result: len(vectors))


if __name__ == '__main__':
    main()
