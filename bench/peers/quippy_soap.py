"""Times the SOAP descriptor of quippy (QUIP/GAP): quippy_soap.py STRUCTURES.xyz

With --gradients it computes derivatives, too.
"""

import measure


def main():
    parser = measure.soap_parser(__doc__)
    parser.add_argument('--gradients', action='store_true')
    parser.add_argument('--mixtures', type=int, default=0,
                        help='mix elements and radial functions to so many channels')
    arguments = parser.parse_args()
    measure.set_threads(arguments.threads)
    import numpy as np
    from quippy.descriptors import Descriptor

    frames = measure.read_frames(arguments.structures)
    species = measure.species_of(frames)
    numbers = ' '.join(map(str, species))
    descriptor = Descriptor(
        f'soap cutoff={arguments.radius} cutoff_transition_width={arguments.smoothing} '
        f'atom_sigma={arguments.width} n_max={arguments.count} l_max={arguments.max_angular} '
        f'n_Z={len(species)} Z={{{numbers}}} n_species={len(species)} species_Z={{{numbers}}}'
        + (f' R_mix=T Z_mix=T K={arguments.mixtures}' if arguments.mixtures else ''))
    details = {'count': arguments.count, 'maxAngular': arguments.max_angular}

    def norm(results):
        return np.sqrt(sum((result['data']**2).sum() for result in results))

    what = 'power spectrum, jacobian' if arguments.gradients else 'power spectrum'
    measure.report(arguments, frames, 'quippy-ase', what,
                   lambda: [descriptor.calc(atoms, grad=arguments.gradients) for atoms in frames],
                   norm=norm, **details)


if __name__ == '__main__':
    main()
