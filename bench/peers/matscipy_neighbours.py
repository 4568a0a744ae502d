"""Times matscipy's neighbour list: matscipy_neighbours.py STRUCTURES.xyz"""

import measure


def main():
    arguments = measure.parser(__doc__)
    arguments.add_argument('--radius', type=float, default=5.0, help='cutoff radius, Å')
    arguments = arguments.parse_args()
    measure.set_threads(arguments.threads)
    from matscipy.neighbours import neighbour_list

    frames = measure.read_frames(arguments.structures)
    for atoms in frames:
        atoms.cell = atoms.cell.complete()  # it refuses a singular cell, also where not periodic

    def compute():
        return sum(len(neighbour_list('ijSDd', atoms, arguments.radius)[0]) for atoms in frames)

    measure.report(arguments, frames, 'matscipy', 'neighbour list', compute, norm=float, per='pair',
                   units=int)


if __name__ == '__main__':
    main()
