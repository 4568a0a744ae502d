// npm run bench:peers: installs the programs that the benchmarks run beside ours, in their own
// virtual environment bench/peers/.venv, which git ignores. Needs Python 3.10 to 3.13.

import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { Failure, main, mustRun, run } from '../../scripts/project.mjs';
import { folder, peerPython } from './peer.mjs';

const requirements = path.join(folder, 'requirements.txt');
const environment = path.join(folder, '.venv');
// What was installed: written last, so that an interrupted installation is started anew.
const installed = path.join(environment, 'installed.txt');

function findPython() {
  const candidates = [process.env.PYTHON, 'python3.11', 'python3.12', 'python3.13', 'python3.10'];
  const probe = 'import sys, venv, ensurepip; sys.exit(not (3, 10) <= sys.version_info < (3, 14))';
  const python = [...candidates, 'python3'].find(
    (name) => name && run(name, ['-c', probe], { quiet: true }).ok,
  );
  if (!python) {
    throw new Failure(
      'The peers need Python 3.10 to 3.13 with venv: install it (apt install python3-venv) ' +
        'or name one in the environment variable PYTHON.',
    );
  }
  return python;
}

await main(() => {
  const wanted = readFileSync(requirements, 'utf8');
  if (!existsSync(installed) || readFileSync(installed, 'utf8') !== wanted) {
    rmSync(environment, { recursive: true, force: true });
    mustRun(findPython(), ['-m', 'venv', environment]);
    mustRun(peerPython, ['-m', 'pip', 'install', '--quiet', '--requirement', requirements]);
    writeFileSync(installed, wanted);
  }
  console.log(`The peers are ready in ${path.relative(process.cwd(), environment)}.`);
});
