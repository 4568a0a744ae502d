"""ASE moves the atoms, soapstone says what drives them: a relaxed cell, then dynamics at a temperature.

    pip install ase==3.29.0
    python examples/ase_dynamics.py MODEL.soapstone START.xyz -o trajectory.xyz --temperature 300 --steps 200

A periodic START is relaxed with its cell first, a molecule in place. Whatever else ASE does with a calculator (phonons, barriers,
optimisers) it does with this one.
"""

import argparse
import subprocess
from contextlib import contextmanager

from ase import units
from ase.calculators.socketio import SocketIOCalculator
from ase.filters import FrechetCellFilter
from ase.io import read, write
from ase.md.langevin import Langevin
from ase.md.velocitydistribution import thermalize_momenta
from ase.optimize import BFGS


@contextmanager
def soapstone(model, start, name='soapstone'):
    """A calculator for the atoms of a file; ends with the program at its other end."""
    with SocketIOCalculator(unixsocket=name) as calculator:
        driver = subprocess.Popen(['npx', 'soapstone', 'drive', model, start, '--unix', name])
        try:
            yield calculator
        finally:
            calculator.close()
            driver.wait()


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('model')
    parser.add_argument('start')
    parser.add_argument('-o', '--output', default='trajectory.xyz')
    parser.add_argument('--temperature', type=float, default=300, help='K')
    parser.add_argument('--steps', type=int, default=200, help='of 1 fs')
    flags = parser.parse_args()
    atoms = read(flags.start)
    with soapstone(flags.model, flags.start) as atoms.calc:
        BFGS(FrechetCellFilter(atoms) if atoms.pbc.any() else atoms).run(fmax=0.02, steps=300)
        volume = f', {atoms.get_volume():.3f} Å³' if atoms.pbc.any() else ''
        print(f'relaxed: {atoms.get_potential_energy():.4f} eV{volume}')
        thermalize_momenta(atoms, temperature_K=flags.temperature)
        dynamics = Langevin(atoms, 1 * units.fs, temperature_K=flags.temperature,
                            friction=0.01 / units.fs, fixcm=False)
        frames = []
        dynamics.attach(lambda: frames.append(atoms.copy()), interval=10)
        dynamics.run(flags.steps)
        print(f'{flags.steps} steps: {atoms.get_temperature():.0f} K')
        write(flags.output, frames)


if __name__ == '__main__':
    main()
