"""Times vesin's full neighbour list: vesin_neighbours.py STRUCTURES.xyz"""

import measure


def main():
    arguments = measure.parser(__doc__)
    arguments.add_argument('--radius', type=float, default=5.0, help='cutoff radius, Å')
    arguments = arguments.parse_args()
    measure.set_threads(arguments.threads)
    from vesin import NeighborList

    frames = measure.read_frames(arguments.structures)
    lister = NeighborList(cutoff=arguments.radius, full_list=True, n_threads=arguments.threads)

    def compute():
        pairs = 0
        for atoms in frames:
            i, *_ = lister.compute(points=atoms.positions, box=atoms.cell.array,
                                   periodic=atoms.pbc.tolist(), quantities='ijSDd')
            pairs += len(i)
        return pairs

    measure.report(arguments, frames, 'vesin', 'neighbour list', compute, norm=float, per='pair',
                   units=int)


if __name__ == '__main__':
    main()
