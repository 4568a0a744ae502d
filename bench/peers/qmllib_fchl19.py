"""Times FCHL19 of qmllib: qmllib_fchl19.py STRUCTURES.xyz

Another representation than ours, for molecules, with the cutoffs of its authors (8 Å); a time to
compare with, not numbers. With --gradients it computes derivatives, too.
"""

import measure


def main():
    parser = measure.parser(__doc__)
    parser.add_argument('--gradients', action='store_true')
    arguments = parser.parse_args()
    measure.set_threads(arguments.threads)
    import numpy as np
    from qmllib.representations import generate_fchl19

    frames = measure.read_frames(arguments.structures)
    species = measure.species_of(frames)

    def compute():
        return [generate_fchl19(atoms.numbers, atoms.positions, elements=species, rcut=8.0,
                                acut=8.0, gradients=arguments.gradients) for atoms in frames]

    def norm(results):
        values = (result[0] if arguments.gradients else result for result in results)
        return np.sqrt(sum((rows**2).sum() for rows in values))

    what = 'FCHL19, jacobian' if arguments.gradients else 'FCHL19'
    measure.report(arguments, frames, 'qmllib', what, compute, norm=norm)


if __name__ == '__main__':
    main()
