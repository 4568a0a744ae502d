"""Active learning of a potential with tblite as the calculator, through the command line of soapstone.

    pip install ase==3.29.0 tblite==0.8.0
    python examples/active_learning_tblite.py START.xyz POOL.xyz TEST.xyz --rounds 5 --count 20

START and TEST carry energy and forces, POOL needs no labels. Each round trains a potential with a committee, picks the
structures that it should be taught next, computes them with GFN2-xTB and adds them to the training set. With --random
as many are drawn at random, for comparison. Prints the errors on TEST of each round.
"""

import argparse
import json
import random
import subprocess
from pathlib import Path

from ase.io import read, write
from tblite.ase import TBLite


def soapstone(*args):
    run = subprocess.run(['npx', 'soapstone', *map(str, args), '--json'], check=True,
                         capture_output=True, text=True)
    return json.loads(run.stdout)


def labelled(atoms):
    """The structure with the energy and forces of GFN2-xTB."""
    result = atoms.copy()
    atoms.calc = TBLite(method='GFN2-xTB', accuracy=0.01, verbosity=0)
    result.info = {'energy': atoms.get_potential_energy()}
    result.arrays['forces'] = atoms.get_forces()
    return result


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('start', type=Path)
    parser.add_argument('pool', type=Path)
    parser.add_argument('test', type=Path)
    parser.add_argument('--config', type=Path, help='settings of soapstone train')
    parser.add_argument('--rounds', type=int, default=5)
    parser.add_argument('--count', type=int, default=20)
    parser.add_argument('--folder', type=Path, default=Path('active-learning'))
    parser.add_argument('--random', action='store_true')
    flags = parser.parse_args()
    flags.folder.mkdir(exist_ok=True)
    model, batch, rest, train, settings = (
        flags.folder / name
        for name in ('model.soapstone', 'batch.xyz', 'pool.xyz', 'train.xyz', 'settings.json'))
    config = json.loads(flags.config.read_text()) if flags.config else {}
    settings.write_text(json.dumps({'uncertainty': {'type': 'committee'}, **config}))
    training = read(flags.start, ':')
    write(train, training, format='extxyz')
    write(rest, read(flags.pool, ':'), format='extxyz')
    for round_ in range(flags.rounds + 1):
        soapstone('train', train, '--config', settings, '-o', model)
        errors = soapstone('evaluate', model, flags.test)
        print(f"{len(training)} structures: energy {1000 * errors['energy']['mae']:.2f} meV/atom, "
              f"forces {1000 * errors['forces']['mae']:.1f} meV/Å", flush=True)
        if round_ == flags.rounds:
            break
        if flags.random:
            pool = read(rest, ':')
            random.Random(round_).shuffle(pool)
            picked = pool[:flags.count]
            write(rest, pool[flags.count:], format='extxyz')
        else:
            left = flags.folder / 'left.xyz'
            soapstone('select', model, rest, '--count', flags.count, '-o', batch, '--rest', left)
            left.replace(rest)
            picked = read(batch, ':')
        training += [labelled(atoms) for atoms in picked]
        write(train, training, format='extxyz')


if __name__ == '__main__':
    main()
