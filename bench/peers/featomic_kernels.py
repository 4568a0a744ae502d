"""Times λ-kernels from structures: featomic's λ-SOAP, the kernels with numpy.

featomic_kernels.py STRUCTURES.xyz --rank 1|2

k_μμ'(i, j) = x_iμ · x_jμ' / (|p_i| |p_j|) (p_i · p_j / (|p_i| |p_j|))², zero between elements, as
ours/tensor-kernels.mjs computes it. Environments come element by element, lightest first.
"""

import measure


def main():
    parser = measure.soap_parser(__doc__)
    parser.add_argument('--rank', type=int, default=1)
    arguments = parser.parse_args()
    measure.set_threads(arguments.threads)
    import featomic
    import numpy as np
    from featomic.clebsch_gordan import EquivariantPowerSpectrum
    from metatensor import Labels

    frames = measure.read_frames(arguments.structures)
    radial = {'type': 'Gto', 'max_radial': arguments.count - 1}
    spectrum = EquivariantPowerSpectrum(featomic.SphericalExpansion(
        cutoff={'radius': arguments.radius,
                'smoothing': {'type': 'ShiftedCosine', 'width': arguments.smoothing}},
        density={'type': 'Gaussian', 'width': arguments.width},
        basis={'type': 'TensorProduct', 'max_angular': arguments.max_angular, 'radial': radial},
    ))
    # σ = 1: tensors that have the parity (−1)^λ.
    keys = Labels(['o3_lambda', 'o3_sigma'], np.array([[0, 1], [arguments.rank, 1]]))

    def features(tensor, rank, species):
        blocks = [block for key, block in tensor.items()
                  if key['o3_lambda'] == rank and key['center_type'] == species]
        # The products of different l stand for both orders.
        scaled = [block.values * np.where(block.properties['l_1'] == block.properties['l_2'], 1,
                                          np.sqrt(2)) for block in blocks]
        return np.concatenate(scaled, axis=2)

    def compute():
        tensor = spectrum.compute(frames, selected_keys=keys)
        kernels = []
        for species in measure.species_of(frames):
            scalars = features(tensor, 0, species)[:, 0, :]
            tensors = features(tensor, arguments.rank, species)
            norms = np.linalg.norm(scalars, axis=1)
            scalars /= norms[:, None]
            tensors /= norms[:, None, None]
            atoms, components, width = tensors.shape
            rows = tensors.reshape(-1, width)
            kernel = (rows @ rows.T).reshape(atoms, components, atoms, components)
            kernel *= ((scalars @ scalars.T)**2)[:, None, :, None]
            kernels.append(kernel.reshape(atoms * components, -1))
        return kernels

    kernels = compute()
    measure.report(arguments, frames, 'featomic', f'kernels of rank {arguments.rank}', compute,
                   squares=[float((kernel**2).sum()) for kernel in kernels],
                   traces=[float(np.trace(kernel)) for kernel in kernels])


if __name__ == '__main__':
    main()
