// Power spectra beside featomic and DScribe.

import { agreementRow, speedRows } from './common/comparison.mjs';
import { inTurn, ours, runProgram } from './common/programs.mjs';
import { workload } from './common/workloads.mjs';
import { peer, peersInstalled } from './peers/peer.mjs';

export const title = 'Power spectrum: n = 8, l ≤ 6, 5 Å, one thread each';

/** Atoms between which scalar products are compared, which no choice of signs or order can change. */
const gramAtoms = 12;

export async function run({ rounds, runs, log }) {
  const rows = [];
  const measurements = [];
  const hyperparameters = { radius: 5, smoothing: 0.5, width: 0.4, count: 8, maxAngular: 6 };
  for (const name of ['ethanol', 'silicon', 'water']) {
    log(name);
    const file = await workload(name);
    const flags = { ...hyperparameters, threads: 1, runs };
    const gram = gramAtoms;
    const results = await inTurn(
      {
        soapstone: () => runProgram(ours('power-spectrum.mjs', file), { ...flags, gram }),
        ...(peersInstalled() && {
          featomic: () => runProgram(peer('featomic_soap.py', file), { ...flags, gram }),
          DScribe: () => runProgram(peer('dscribe_soap.py', file), flags),
        }),
      },
      rounds,
    );
    rows.push(...speedRows(name, results, { target: 5, scale: 1e6, unit: 'µs/atom' }));
    if (results.featomic) {
      const [mine, theirs] = [results.soapstone[0], results.featomic[0]];
      rows.push(
        agreementRow(`${name}: norm against featomic`, [mine.norm], [theirs.norm], 1e-6),
        agreementRow(
          `${name}: Gram matrix against featomic`,
          mine.gram.flat(),
          theirs.gram.flat(),
          1e-6,
        ),
      );
    }
    measurements.push(...Object.values(results).flat());
  }
  return { rows, measurements };
}
