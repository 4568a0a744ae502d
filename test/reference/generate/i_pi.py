"""Conversations of i-PI and of ASE's SocketIOCalculator with ASE's client, byte by byte.

    pip install ase==3.29.0 ipi==3.3.1
    python test/reference/generate/i_pi.py

Each of `conversations` has the `species` and `pbc` of its atoms, what the program `sent`, all of it in base64, what the
client `answered`, in base64 too, and `steps`: `positions` in Å, `cell` as the client saw them, and the `energy`, `forces`
and `stress` (3 × 3) that its Lennard-Jones calculator found, in eV and Å.
"""

import base64
import socket
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

import numpy as np
from ase import Atoms
from ase.build import bulk
from ase.calculators.lj import LennardJones
from ase.calculators.socketio import SocketClient, SocketIOCalculator
from ase.io import write

from fixture import write_fixture


class Recorder(LennardJones):
    """Keeps what it has been asked and has answered."""

    def __init__(self):
        super().__init__(sigma=3.4, epsilon=0.0104, rc=6.0)
        self.steps = []

    def calculate(self, atoms=None, *args, **kwargs):
        super().calculate(atoms, *args, **kwargs)
        step = {'positions': atoms.positions.tolist(), 'cell': np.array(atoms.cell).tolist(),
                'energy': self.results['energy'], 'forces': self.results['forces'].tolist()}
        if atoms.pbc.any():
            xx, yy, zz, yz, xz, xy = self.results['stress']
            step['stress'] = np.array([[xx, xy, xz], [xy, yy, yz], [xz, yz, zz]]).tolist()
        self.steps.append(step)


class Relay:
    """Listens at one Unix socket, connects to another, and writes down what goes each way."""

    def __init__(self, program, own):
        self.sent, self.answered = bytearray(), bytearray()
        self.listener = socket.socket(socket.AF_UNIX)
        Path(own).unlink(missing_ok=True)
        self.listener.bind(own)
        self.listener.listen()
        threading.Thread(target=self.run, args=[program], daemon=True).start()

    def run(self, program):
        client, _ = self.listener.accept()
        server = socket.socket(socket.AF_UNIX)
        server.connect(program)
        back = threading.Thread(target=self.copy, args=[server, client, self.sent])
        back.start()
        self.copy(client, server, self.answered)
        back.join()

    @staticmethod
    def copy(source, target, record):
        while True:
            try:
                chunk = source.recv(65536)
                record += chunk
                target.sendall(chunk)
            except OSError:
                chunk = b''
            if not chunk:
                target.close()
                return


def recorded(program, atoms, converse):
    """What is said while `converse` runs a program that listens at the Unix socket of this name."""
    relay = Relay(f'/tmp/ipi_{program}', f'/tmp/ipi_{program}_relay')
    calculator = Recorder()
    started = atoms.copy()
    started.calc = calculator

    def answer():
        SocketClient(unixsocket=f'{program}_relay').run(started, use_stress=bool(atoms.pbc.any()))

    thread = threading.Thread(target=answer)
    converse(thread)
    thread.join()
    return {'species': atoms.get_chemical_symbols(), 'pbc': [bool(p) for p in atoms.pbc],
            'sent': base64.b64encode(relay.sent).decode(),
            'answered': base64.b64encode(relay.answered).decode(), 'steps': calculator.steps}


def with_ase(atoms, name):
    """Three structures, the second with another cell."""
    def converse(client):
        with SocketIOCalculator(unixsocket=name) as server:
            client.start()
            own = atoms.copy()
            own.calc = server
            own.get_potential_energy()
            if own.pbc.any():
                own.set_cell(own.cell @ (np.eye(3) + 0.02 * np.diag([1, -1, 0.5])), scale_atoms=True)
            own.positions[0] += [0.1, -0.05, 0.02]
            own.get_potential_energy()
            own.positions[0] += 0.05
            own.get_potential_energy()
    return {'program': 'ase', **recorded(name, atoms, converse)}


def with_ipi(atoms, name):
    """Four steps of dynamics at constant energy."""
    with tempfile.TemporaryDirectory() as folder:
        write(f'{folder}/start.xyz', atoms, format='xyz')
        # i-PI wants the cell in the comment line, upper triangular.
        lines = Path(f'{folder}/start.xyz').read_text().splitlines()
        lengths_angles = ' '.join(f'{x:.10f}' for x in atoms.cell.cellpar())
        lines[1] = f'# CELL(abcABC): {lengths_angles} positions{{angstrom}} cell{{angstrom}}'
        Path(f'{folder}/start.xyz').write_text('\n'.join(lines) + '\n')
        Path(f'{folder}/input.xml').write_text(f'''
<simulation verbosity='quiet'>
  <output prefix='run'/>
  <total_steps>4</total_steps>
  <prng><seed>7</seed></prng>
  <ffsocket name='driver' mode='unix' pbc='false'><address>{name}</address></ffsocket>
  <system>
    <initialize nbeads='1'>
      <file mode='xyz'>start.xyz</file>
      <velocities mode='thermal' units='kelvin'>80</velocities>
    </initialize>
    <forces><force forcefield='driver'/></forces>
    <motion mode='dynamics'><dynamics mode='nve'><timestep units='femtosecond'>2</timestep></dynamics></motion>
    <ensemble><temperature units='kelvin'>80</temperature></ensemble>
  </system>
</simulation>
''')

        def converse(client):
            program = Path(sys.executable).parent / 'i-pi'
            server = subprocess.Popen([program, 'input.xml'], cwd=folder, stdout=subprocess.DEVNULL)
            while not Path(f'/tmp/ipi_{name}').exists():
                if server.poll() is not None:
                    raise SystemExit('i-PI ended before it listened')
            client.start()
            server.wait()
        return {'program': 'i-pi', **recorded(name, atoms, converse)}


argon = bulk('Ar', 'fcc', a=5.3)
skewed = argon.repeat((2, 1, 1))
skewed.rattle(0.1, seed=3)
cluster = Atoms('Ar3', positions=[[0, 0, 0], [3.7, 0.2, 0], [1.8, 3.3, -0.4]])
cubic = bulk('Ar', 'fcc', a=5.3, cubic=True)
cubic.rattle(0.1, seed=4)
write_fixture(
    'i_pi', ['ase', 'ipi'], 'Conversations of i-PI and ASE with a client that has the forces',
    conversations=[with_ase(skewed, 'reference_a'), with_ase(cluster, 'reference_b'),
                   with_ipi(cubic, 'reference_c')])
