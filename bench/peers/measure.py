"""What every peer script shares: its arguments, how it times, the one JSON line per measurement.

A peer is imported only after the number of threads is set, because most of them read it when they
are loaded. A script prints nothing but JSON lines on stdout.
"""

import argparse
import json
import os
import statistics
import sys
import time
from importlib.metadata import version
from pathlib import Path


def parser(description):
    result = argparse.ArgumentParser(description=description)
    result.add_argument('structures', type=Path, help='extended XYZ file')
    result.add_argument('--threads', type=int, default=1)
    result.add_argument('--runs', type=int, default=5, help='timed runs, after one that warms up')
    return result


def soap_parser(description):
    """The hyperparameters of a density expansion, defaults as in the published comparisons."""
    result = parser(description)
    result.add_argument('--radius', type=float, default=5.0, help='cutoff radius, Å')
    result.add_argument('--smoothing', type=float, default=0.5, help='width of the cosine, Å')
    result.add_argument('--width', type=float, default=0.4, help='width of the Gaussians, Å')
    result.add_argument('--count', type=int, default=8, help='number of radial functions')
    result.add_argument('--max-angular', type=int, default=6)
    return result


def read_frames(path):
    import ase.io
    if not path.is_file():
        fail(f'there is no file {path}')
    return ase.io.read(path, ':')


def set_threads(count):
    for name in ('OMP_NUM_THREADS', 'RAYON_NUM_THREADS', 'OPENBLAS_NUM_THREADS', 'MKL_NUM_THREADS'):
        os.environ[name] = str(count)


def species_of(frames):
    return sorted({int(number) for atoms in frames for number in atoms.numbers})


def report(arguments, frames, program, what, compute, *, norm=None, per='atom', units=None,
           **details):
    """Times `compute` over `frames` and prints the measurement.

    `norm` turns the last result into one number that tells whether two programs did the same work;
    `units` counts what the time is divided by, the atoms if absent.
    """
    result = compute()
    seconds = []
    for _ in range(arguments.runs):
        start = time.perf_counter()
        result = compute()
        seconds.append(time.perf_counter() - start)
    atoms = sum(len(frame) for frame in frames)
    count = atoms if units is None else units(result)
    line = {
        'program': program,
        'version': version(program),
        'what': what,
        'workload': arguments.structures.stem,
        'threads': arguments.threads,
        'structures': len(frames),
        'atoms': atoms,
        'per': per,
        'secondsPerUnit': {
            'median': statistics.median(seconds) / count,
            'min': min(seconds) / count,
            'max': max(seconds) / count,
        },
        'runs': arguments.runs,
        **details,
    }
    if norm is not None:
        line['norm'] = float(norm(result))
    emit(line)


def emit(line):
    print(json.dumps(line), flush=True)


def fail(message):
    sys.exit(f'{Path(sys.argv[0]).name}: {message}')
