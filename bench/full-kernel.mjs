// Training on energies and forces with a kernel for every environment, as is done for single molecules, beside FCHL19
// of qmllib: time and test errors.

import { ratios } from './common/comparison.mjs';
import { dataFile, firstFrames } from './common/data.mjs';
import { workFile } from './common/paths.mjs';
import { inTurn, ours, runProgram } from './common/programs.mjs';
import { atLeast, withSpread } from './common/statistics.mjs';
import { peer, peersInstalled } from './peers/peer.mjs';

export const title =
  'Full kernels with forces: ethanol (rMD17), 200 training and 200 test structures, one thread each';

const config = {
  representation: {
    cutoff: { radius: 4.5 },
    density: { width: 0.45 },
    basis: { maxAngular: 8, radial: { count: 8 } },
  },
  kernel: { zeta: 4 },
  sparse: { count: 'all' },
  validation: { fraction: 0.1 },
};

export async function run({ data, rounds, quick, threads = 1, log }) {
  const file = await firstFrames(dataFile(data, 'rmd17-ethanol/train.xyz'), quick ? 20 : 200);
  const testFile = dataFile(data, 'rmd17-ethanol/test_MD.xyz');
  const test = await firstFrames(testFile, quick ? 20 : 200);
  log('ethanol');
  const results = await inTurn(
    {
      soapstone: () =>
        runProgram(ours('train.mjs', file), {
          test,
          model: workFile('full-kernel.soapstone'),
          threads,
          config: JSON.stringify(config),
        }),
      ...(peersInstalled() && {
        qmllib: () => runProgram(peer('qmllib_training.py', file), { test, threads }),
      }),
    },
    Math.min(rounds, 2),
  );
  const { soapstone, qmllib } = results;
  const seconds = (measurement) => measurement.seconds;
  const time = (rounds) => `${withSpread(rounds.map(seconds))} s`;
  // Published errors of energies are those of the molecule.
  const errors = ([{ energy, forces }]) =>
    `energy ${(9e3 * energy.mae).toFixed(1)} meV, forces ${(1e3 * forces.mae).toFixed(1)} meV/Å`;
  const rows = [
    {
      what: 'soapstone: test errors (MAE)',
      measured: errors(soapstone),
      details: `${time(soapstone)} from the start of the process to the file, noise found on held-out structures`,
    },
  ];
  if (qmllib) {
    const [{ kernelSeconds, solveSeconds }] = qmllib;
    rows.push(
      {
        what: 'qmllib, FCHL19: test errors (MAE)',
        measured: errors(qmllib),
        details: `${time(qmllib)}, of which kernel ${kernelSeconds.toFixed(1)} s, singular values ${solveSeconds.toFixed(1)} s`,
      },
      atLeast('time: qmllib / soapstone', ratios(soapstone, qmllib, seconds), undefined, '×'),
    );
  }
  return { rows, measurements: Object.values(results).flat() };
}
