"""Times featomic's long-range expansion: featomic_lode.py STRUCTURES.xyz"""

import measure


def main():
    parser = measure.soap_parser(__doc__)
    arguments = parser.parse_args()
    measure.set_threads(arguments.threads)
    import featomic
    import numpy as np

    frames = measure.read_frames(arguments.structures)
    expansion = featomic.LodeSphericalExpansion(
        density={'type': 'SmearedPowerLaw', 'smearing': arguments.width, 'exponent': 1},
        basis={'type': 'TensorProduct', 'max_angular': arguments.max_angular,
               'radial': {'type': 'Gto', 'max_radial': arguments.count - 1,
                          'radius': arguments.radius}})

    def norm(tensor):
        return np.sqrt(sum(np.vdot(block.values, block.values) for block in tensor.blocks()))

    measure.report(arguments, frames, 'featomic', 'long-range expansion',
                   lambda: expansion.compute(frames), norm=norm,
                   count=arguments.count, maxAngular=arguments.max_angular)


if __name__ == '__main__':
    main()
