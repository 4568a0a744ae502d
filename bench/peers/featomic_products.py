"""Times featomic's expansion, radial spectrum or λ-SOAP: featomic_products.py STRUCTURES.xyz --calculator NAME"""

import measure


def main():
    parser = measure.soap_parser(__doc__)
    parser.add_argument('--calculator', choices=['expansion', 'radial', 'equivariants'])
    arguments = parser.parse_args()
    measure.set_threads(arguments.threads)
    import featomic
    import numpy as np
    from featomic.clebsch_gordan import EquivariantPowerSpectrum
    from metatensor import Labels

    frames = measure.read_frames(arguments.structures)
    radial = {'type': 'Gto', 'max_radial': arguments.count - 1}
    common = {
        'cutoff': {'radius': arguments.radius,
                   'smoothing': {'type': 'ShiftedCosine', 'width': arguments.smoothing}},
        'density': {'type': 'Gaussian', 'width': arguments.width},
    }
    if arguments.calculator == 'radial':
        calculator = featomic.SoapRadialSpectrum(basis={'radial': radial}, **common)
        compute = lambda: calculator.compute(frames)
    else:
        basis = {'type': 'TensorProduct', 'max_angular': arguments.max_angular, 'radial': radial}
        calculator = featomic.SphericalExpansion(basis=basis, **common)
        compute = lambda: calculator.compute(frames)
        if arguments.calculator == 'equivariants':
            products = EquivariantPowerSpectrum(calculator)
            # λ alone: every parity.
            ranks = Labels(['o3_lambda'], np.arange(3).reshape(-1, 1))
            compute = lambda: products.compute(frames, selected_keys=ranks)

    def norm(tensor):
        return np.sqrt(sum(np.vdot(block.values, block.values) for block in tensor.blocks()))

    measure.report(arguments, frames, 'featomic', arguments.calculator, compute, norm=norm,
                   count=arguments.count, maxAngular=arguments.max_angular)


if __name__ == '__main__':
    main()
