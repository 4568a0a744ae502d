"""Times DScribe's power spectrum: dscribe_soap.py STRUCTURES.xyz

DScribe has no smoothing of the cutoff and truncates the Gaussians of the neighbours beyond it, so
its numbers differ from ours; the amount of work is the same.
"""

import measure


def main():
    parser = measure.soap_parser(__doc__)
    parser.add_argument('--compression', default='off', help="DScribe's mode, such as mu2")
    arguments = parser.parse_args()
    measure.set_threads(arguments.threads)
    import numpy as np
    from dscribe.descriptors import SOAP

    frames = measure.read_frames(arguments.structures)
    soap = SOAP(species=measure.species_of(frames), r_cut=arguments.radius, n_max=arguments.count,
                l_max=arguments.max_angular, sigma=arguments.width, rbf='gto',
                periodic=bool(frames[0].pbc.any()),
                compression={'mode': arguments.compression})
    details = {'count': arguments.count, 'maxAngular': arguments.max_angular}

    def norm(features):
        return np.sqrt(sum((rows**2).sum() for rows in features))

    def values():
        return as_list(soap.create(frames, n_jobs=arguments.threads))

    measure.report(arguments, frames, 'dscribe', 'power spectrum', values, norm=norm, **details)


def as_list(result):
    """One array per structure; DScribe returns a single array when all of them have one shape."""
    return result if isinstance(result, list) else [result]


if __name__ == '__main__':
    main()
