"""Times featomic's power spectrum: featomic_soap.py STRUCTURES.xyz

With --gram N it also prints the scalar products of the first N atoms' features, which do not depend
on signs and order, for comparison with ours. With --gradients it computes derivatives, too.
"""

import measure


def main():
    parser = measure.soap_parser(__doc__)
    parser.add_argument('--gram', type=int, default=0)
    parser.add_argument('--gradients', action='store_true')
    arguments = parser.parse_args()
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
        blocks = [block.gradient('positions') if arguments.gradients else block
                  for block in tensor.blocks()]
        # Without copies: the derivatives of large workloads fill gigabytes.
        return np.sqrt(sum(np.vdot(block.values, block.values) for block in blocks))

    def gram(tensor, size):
        dense = tensor.keys_to_samples('center_type')
        dense = dense.keys_to_properties(['neighbor_1_type', 'neighbor_2_type'])
        rows = dense.block().values[:size]
        return (rows @ rows.T).tolist()

    spectrum = featomic.SoapPowerSpectrum(**hypers)
    if arguments.gram:
        details['gram'] = gram(spectrum.compute(frames), arguments.gram)
    what = 'power spectrum, jacobian' if arguments.gradients else 'power spectrum'
    gradients = ['positions'] if arguments.gradients else None
    measure.report(arguments, frames, 'featomic', what,
                   lambda: spectrum.compute(frames, gradients=gradients), norm=norm, **details)


if __name__ == '__main__':
    main()
