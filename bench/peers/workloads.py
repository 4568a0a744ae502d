"""Writes the structures that every program is timed on, so that all of them read the same files.

    python workloads.py OUT_FOLDER

ethanol: 300 rattled molecules; silicon: 512 rattled atoms; water: 192 atoms, molecules turned at
random; silicon-large and water-large: the same with 13 824 and 5184 atoms, for neighbour lists.
"""

import sys
from pathlib import Path

import ase.io
import numpy as np
from ase import Atoms
from ase.build import bulk, molecule
from scipy.spatial.transform import Rotation

WATER_SPACING = 3.104  # Å; one molecule per cube of this edge is the density of the liquid


def ethanol(count):
    rng = np.random.default_rng(0)
    frames = []
    for _ in range(count):
        atoms = molecule('CH3CH2OH')
        atoms.positions += rng.normal(0, 0.08, atoms.positions.shape)
        frames.append(atoms)
    return frames


def silicon(repeat):
    atoms = bulk('Si', 'diamond', a=5.43, cubic=True) * (repeat, repeat, repeat)
    atoms.positions += np.random.default_rng(1).normal(0, 0.05, atoms.positions.shape)
    return atoms


def water(repeat):
    rng = np.random.default_rng(2)
    monomer = molecule('H2O')
    monomer.positions -= monomer.positions[0]
    sites = WATER_SPACING * np.stack(np.meshgrid(*[np.arange(repeat)] * 3, indexing='ij'), -1)
    positions = [monomer.positions @ Rotation.random(rng=rng).as_matrix().T + site
                 for site in sites.reshape(-1, 3)]
    return Atoms(list(monomer.symbols) * repeat**3, np.concatenate(positions),
                 cell=[repeat * WATER_SPACING] * 3, pbc=True)


def main(folder):
    folder.mkdir(parents=True, exist_ok=True)
    workloads = {
        'ethanol': ethanol(300),
        'silicon': silicon(4),
        'water': water(4),
        'silicon-large': silicon(12),
        'water-large': water(12),
    }
    for name, frames in workloads.items():
        ase.io.write(folder / f'{name}.xyz', frames, format='extxyz')


if __name__ == '__main__':
    if len(sys.argv) != 2:
        sys.exit('usage: workloads.py OUT_FOLDER')
    main(Path(sys.argv[1]))
