"""Makes the data set that the package carries in data/: ethanol and small water clusters, GFN2-xTB.

    pip install ase==3.29.0 tblite==0.8.0
    python scripts/generate-demo-data.py [data]

Two thirds of the frames are snapshots of Langevin dynamics (0.5 fs steps, 200 fs apart, each
trajectory from its own start), the rest are relaxed geometries with Gaussian noise on every
coordinate, which reach the steep walls that dynamics seldom visits. Train and test frames come
from different trajectories. Positions are rounded to the 6 decimals of the file before they are
labelled, so that energy and forces belong to the numbers that a reader gets. The seed is fixed;
another build of tblite may differ in the last digits, and with them, after some steps, in the
trajectories.
"""

import sys
from pathlib import Path

import numpy as np
from ase import Atoms, units
from ase.build import molecule
from ase.md.langevin import Langevin
from ase.md.velocitydistribution import thermalize_momenta
from ase.optimize import BFGS
from scipy.spatial.transform import Rotation
from tblite.ase import TBLite

METHOD = 'GFN2-xTB'
UNPAIRED = {'H': 1, 'C': 2, 'O': 2}
TEMPERATURES = (300, 500)  # K
TIME_STEP = 0.5 * units.fs
STEPS_BETWEEN_FRAMES = 400
EQUILIBRATION_STEPS = 1000
FRICTION = 0.02 / units.fs
NOISE = (0.01, 0.07)  # Å, standard deviation per coordinate, drawn anew for every frame
CLUSTER_SIZES = (2, 3, 4, 5)
CLUSTER_FRAMES_PER_START = 6


def calculator(**options):
    return TBLite(method=METHOD, accuracy=0.01, verbosity=0, **options)


def relaxed(atoms, fmax=0.01):
    atoms.calc = calculator()
    BFGS(atoms, logfile=None).run(fmax=fmax, steps=300)
    return atoms


def dynamics(atoms, temperature, count, rng):
    """`count` snapshots of one trajectory that starts at `atoms`."""
    atoms = atoms.copy()
    atoms.calc = calculator()
    thermalize_momenta(atoms, temperature_K=temperature, rng=rng)
    integrator = Langevin(atoms, TIME_STEP, temperature_K=temperature, friction=FRICTION,
                          fixcm=False, rng=rng)
    integrator.run(EQUILIBRATION_STEPS)
    for _ in range(count):
        integrator.run(STEPS_BETWEEN_FRAMES)
        yield atoms.copy()


def rattled(atoms, rng):
    atoms = atoms.copy()
    atoms.positions += rng.normal(0, rng.uniform(*NOISE), atoms.positions.shape)
    return atoms


def water_cluster(size, rng):
    """`size` molecules, turned at random, dropped into a sphere where no two oxygens clash."""
    monomer = molecule('H2O')
    monomer.positions -= monomer.positions[0]
    radius = 1.8 * size ** (1 / 3)
    oxygens = []
    while len(oxygens) < size:
        point = rng.uniform(-radius, radius, 3)
        clash = any(np.linalg.norm(point - other) < 2.6 for other in oxygens)
        if np.linalg.norm(point) < radius and not clash:
            oxygens.append(point)
    turned = [monomer.positions @ Rotation.random(rng=rng).as_matrix().T for _ in oxygens]
    positions = np.concatenate([turn + oxygen for turn, oxygen in zip(turned, oxygens)])
    return relaxed(Atoms('OH2' * size, positions), fmax=0.05)


def ethanol_frames(count, rng):
    ground_state = relaxed(molecule('CH3CH2OH'))
    moving = count // (len(TEMPERATURES) + 1)
    for temperature in TEMPERATURES:
        for atoms in dynamics(ground_state, temperature, moving, rng):
            yield atoms, f'ethanol_{temperature}K'
    for _ in range(count - moving * len(TEMPERATURES)):
        yield rattled(ground_state, rng), 'ethanol_rattled'


def water_frames(count, rng):
    made = 0
    while made < count:
        for size in CLUSTER_SIZES:
            start = water_cluster(size, rng)
            batch = [(atoms, f'water{size}_300K')
                     for atoms in dynamics(start, 300, CLUSTER_FRAMES_PER_START * 2 // 3, rng)]
            batch += [(rattled(start, rng), f'water{size}_rattled')
                      for _ in range(CLUSTER_FRAMES_PER_START // 3)]
            batch = batch[: count - made]
            made += len(batch)
            yield from batch


def isolated_atoms():
    for symbol, unpaired in UNPAIRED.items():
        yield Atoms(symbol, positions=[[0, 0, 0]]), 'isolated_atom', {'multiplicity': unpaired + 1}


def labelled(atoms, config_type, options=None):
    """One extended XYZ frame: positions rounded first, then energy (eV) and forces (eV/Å)."""
    atoms.positions = np.round(atoms.positions - atoms.get_center_of_mass(), 6) + 0.0
    atoms.calc = calculator(**(options or {}))
    energy = atoms.get_potential_energy()
    forces = np.round(atoms.get_forces(), 6) + 0.0
    header = (f'Properties=species:S:1:pos:R:3:forces:R:3 energy={energy:.8f} '
              f'config_type={config_type} method={METHOD} pbc="F F F"')
    rows = (f'{symbol:<2}' + ''.join(f'{value:12.6f}' for value in (*position, *force))
            for symbol, position, force in zip(atoms.symbols, atoms.positions, forces))
    return '\n'.join([str(len(atoms)), header, *rows]) + '\n'


def main(folder):
    folder.mkdir(exist_ok=True)
    files = {
        'isolated-atoms.xyz': isolated_atoms(),
        'ethanol-train.xyz': ethanol_frames(300, np.random.default_rng(1)),
        'ethanol-test.xyz': ethanol_frames(100, np.random.default_rng(2)),
        'water-train.xyz': water_frames(150, np.random.default_rng(3)),
        'water-test.xyz': water_frames(50, np.random.default_rng(4)),
    }
    for name, frames in files.items():
        with open(folder / name, 'w', encoding='utf-8', newline='\n') as file:
            file.writelines(labelled(*frame) for frame in frames)
        print(f'{folder / name}: {(folder / name).stat().st_size} bytes')


if __name__ == '__main__':
    default = Path(__file__).resolve().parent.parent / 'data'
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else default)
