"""Fits a SOAP-GAP with gap_fit and reports time and peak memory.

    gap_fit.py TRAIN.xyz --model OUT.xml --radius 5.2 --baseline -4.04 --sparse 1000

Settings as published for the mlearn sets (Zuo et al., J. Phys. Chem. A 2020, 124, 731). They give
radius, baseline and sparse points: Ni 3.9 -0.97 4000, Cu 4.1 -0.65 4000, Mo 5.2 -4.04 2000.
"""

import argparse
import os
import shutil
import subprocess
import sys
import time
from importlib.metadata import version
from pathlib import Path

import measure


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('structures', type=Path, help='extended XYZ file, energy and forces')
    parser.add_argument('--model', type=Path, required=True, help='XML file to write')
    parser.add_argument('--radius', type=float, required=True, help='cutoff radius, Å')
    parser.add_argument('--baseline', type=float, required=True, help='energy of an isolated atom')
    parser.add_argument('--sparse', type=int, required=True, help='number of sparse points')
    parser.add_argument('--threads', type=int, default=1)
    arguments = parser.parse_args()
    measure.set_threads(arguments.threads)

    descriptor = (
        f'soap l_max=8 n_max=8 atom_sigma=0.5 zeta=4 cutoff={arguments.radius} '
        f'cutoff_transition_width=0.5 delta=1.0 f0=0.0 n_sparse={arguments.sparse} '
        'covariance_type=dot_product sparse_method=cur_points')
    # gap_fit leaves an index file beside the structures that it reads, so it gets a copy.
    arguments.model.parent.mkdir(parents=True, exist_ok=True)
    structures = arguments.model.with_suffix('.train.xyz')
    for stale in arguments.model.parent.glob(f'{arguments.model.name}*'):
        stale.unlink()
    shutil.copyfile(arguments.structures, structures)
    command = [
        str(Path(sys.executable).parent / 'gap_fit'), f'at_file={structures}',
        f'gap={{{descriptor}}}', 'sparse_jitter=1e-08', f'e0={arguments.baseline}', 'e0_offset=0.0',
        'default_sigma={0.01 0.05 0.01 1}', 'energy_parameter_name=energy',
        'force_parameter_name=forces', 'virial_parameter_name=NONE', 'do_copy_at_file=F',
        'sparse_separate_file=T', f'gp_file={arguments.model}',
    ]
    log = arguments.model.with_suffix('.log')
    start = time.perf_counter()
    with open(log, 'w', encoding='utf-8') as output:
        process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT)
        _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - start
    if os.waitstatus_to_exitcode(status) != 0:
        measure.fail(f'gap_fit failed, see {log}')
    frames = measure.read_frames(arguments.structures)
    measure.emit({
        'program': 'quippy-ase',
        'version': version('quippy-ase'),
        'what': 'training',
        'workload': arguments.structures.stem,
        'threads': arguments.threads,
        'structures': len(frames),
        'atoms': sum(map(len, frames)),
        'sparsePoints': arguments.sparse,
        'seconds': seconds,
        'peakMemoryBytes': usage.ru_maxrss * 1024,
    })


if __name__ == '__main__':
    main()
