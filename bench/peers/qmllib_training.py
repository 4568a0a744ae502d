"""Trains on energies and forces of molecules with qmllib, and tests: qmllib_training.py TRAIN.xyz --test TEST.xyz

FCHL19 with operator machine learning, as in A. S. Christensen et al., J. Chem. Phys. 152, 044107
(2020): a kernel for every environment of the training set, least squares on all labels by singular
values. All molecules have the same elements in the same order.
"""

import time

START = time.perf_counter()

import measure


def main():
    parser = measure.parser(__doc__)
    parser.add_argument('--test')
    parser.add_argument('--sigma', type=float, default=2.0, help='width of the kernel')
    parser.add_argument('--rcond', type=float, default=1e-11, help='least singular value')
    arguments = parser.parse_args()
    measure.set_threads(arguments.threads)
    from pathlib import Path

    import numpy as np
    from qmllib.kernels import get_atomic_local_gradient_kernel, get_atomic_local_kernel
    from qmllib.representations import generate_fchl19
    from qmllib.solvers import svd_solve

    frames = measure.read_frames(arguments.structures)
    species = measure.species_of(frames)

    def representation(frames):
        pairs = [generate_fchl19(atoms.numbers, atoms.positions, elements=species, rcut=8.0,
                                 acut=8.0, gradients=True) for atoms in frames]
        values, gradients = (np.array(part) for part in zip(*pairs))
        return values, gradients, [atoms.numbers for atoms in frames]

    def kernels(basis, values, gradients, numbers):
        x, _, charges = basis
        return (get_atomic_local_kernel(x, values, charges, numbers, arguments.sigma),
                get_atomic_local_gradient_kernel(x, values, gradients, charges, numbers,
                                                 arguments.sigma))

    def labels(frames):
        return (np.array([atoms.get_potential_energy() for atoms in frames]),
                np.concatenate([atoms.get_forces().ravel() for atoms in frames]))

    energies, forces = labels(frames)
    mean = energies.mean()
    basis = representation(frames)
    after_representation = time.perf_counter()
    kernel = np.concatenate(kernels(basis, *basis))
    after_kernel = time.perf_counter()
    weights = svd_solve(kernel, np.concatenate((energies - mean, forces)), rcond=arguments.rcond)
    end = time.perf_counter()

    test = measure.read_frames(Path(arguments.test))
    energy_errors, force_errors = [], []
    for first in range(0, len(test), 50):  # derivatives of more take gigabytes
        part = test[first:first + 50]
        of_energies, of_forces = kernels(basis, *representation(part))
        true_energies, true_forces = labels(part)
        energy_errors.append(np.abs(of_energies @ weights + mean - true_energies))
        force_errors.append(np.abs(of_forces @ weights - true_forces))
    atoms = len(frames[0])
    measure.emit({
        'program': 'qmllib',
        'version': measure.version('qmllib'),
        'what': 'training with forces',
        'workload': arguments.structures.stem,
        'threads': arguments.threads,
        'structures': len(frames),
        'atoms': sum(map(len, frames)),
        'seconds': end - START,
        'kernelSeconds': after_kernel - after_representation,
        'solveSeconds': end - after_kernel,
        'energy': {'mae': float(np.concatenate(energy_errors).mean()) / atoms},
        'forces': {'mae': float(np.concatenate(force_errors).mean())},
    })


if __name__ == '__main__':
    main()
