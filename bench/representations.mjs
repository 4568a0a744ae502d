// Power spectra beside featomic, DScribe and quippy.

import { agreementRow, speedRows } from './common/comparison.mjs';
import { inTurn, ours, runProgram } from './common/programs.mjs';
import { workload } from './common/workloads.mjs';
import { peer, peersInstalled } from './peers/peer.mjs';

export const title =
  'Power spectrum: n = 8, l ≤ 6, 5 Å, one thread each, ours into an array that is reused';

const hyperparameters = { radius: 5, smoothing: 0.5, width: 0.4, count: 8, maxAngular: 6 };

export async function run({ rounds, runs, log }) {
  const rows = [];
  const measurements = [];
  const withPeers = peersInstalled();
  const flags = { ...hyperparameters, threads: 1, runs };
  for (const name of ['ethanol', 'silicon', 'water']) {
    log(name);
    const file = await workload(name);
    const program = (command) => () => runProgram(command, flags);
    const results = await inTurn(
      {
        soapstone: program(ours('power-spectrum.mjs', file)),
        ...(withPeers && {
          featomic: program(peer('featomic_soap.py', file)),
          DScribe: program(peer('dscribe_soap.py', file)),
          quippy: program(peer('quippy_soap.py', file)),
        }),
      },
      rounds,
    );
    rows.push(...speedRows(name, results, { target: 5, scale: 1e6, unit: 'µs/atom' }));
    if (withPeers) rows.push(...(await agreement(name, file)));
    measurements.push(...Object.values(results).flat());
  }
  return { rows, measurements };
}

/**
 * featomic's numbers and ours are to be the same: the norm of all features, and the scalar products of some
 * atoms' features, which no choice of signs or order can change. The others' conventions differ.
 */
async function agreement(name, file) {
  const flags = { ...hyperparameters, threads: 1, runs: 1, gram: 12 };
  const mine = await runProgram(ours('power-spectrum.mjs', file), flags);
  const theirs = await runProgram(peer('featomic_soap.py', file), flags);
  return [
    agreementRow(`${name}: norm against featomic`, [mine.norm], [theirs.norm], 1e-6),
    agreementRow(
      `${name}: Gram matrix against featomic`,
      mine.gram.flat(),
      theirs.gram.flat(),
      1e-6,
    ),
  ];
}
