"""Times featomic's spherical expansion and power spectrum: featomic_soap.py STRUCTURES.xyz"""

import measure


def main():
    arguments = measure.soap_parser(__doc__).parse_args()
    measure.set_threads(arguments.threads)
    import featomic
    import numpy as np

    frames = measure.read_frames(arguments.structures)
    hypers = {
        'cutoff': {'radius': arguments.radius,
                   'smoothing': {'type': 'ShiftedCosine', 'width': arguments.smoothing}},
        'density': {'type': 'Gaussian', 'width': arguments.width},
        'basis': {'type': 'TensorProduct', 'max_angular': arguments.max_angular,
                  'radial': {'type': 'Gto', 'max_radial': arguments.count - 1}},
    }
    details = {'count': arguments.count, 'maxAngular': arguments.max_angular}

    def norm(tensor):
        return np.sqrt(sum((block.values**2).sum() for block in tensor.blocks()))

    expansion = featomic.SphericalExpansion(**hypers)
    spectrum = featomic.SoapPowerSpectrum(**hypers)
    measure.report(arguments, frames, 'featomic', 'spherical expansion',
                   lambda: expansion.compute(frames), norm=norm, **details)
    measure.report(arguments, frames, 'featomic', 'power spectrum',
                   lambda: spectrum.compute(frames), norm=norm, **details)
    if arguments.gradients:
        few = frames[: arguments.gradient_frames]
        measure.report(arguments, few, 'featomic', 'power spectrum with gradients',
                       lambda: spectrum.compute(few, gradients=['positions']), norm=norm, **details)


if __name__ == '__main__':
    main()
