// Farthest point sampling and CUR on environments beside scikit-matter: the same indices, sooner.

import { writeFileSync } from 'node:fs';

import { agreementRow, speedRows } from './common/comparison.mjs';
import { environments } from './common/environments.mjs';
import { workFile } from './common/paths.mjs';
import { inTurn, ours, runProgram } from './common/programs.mjs';
import { peer, peersInstalled } from './peers/peer.mjs';

export const title =
  'Selection of environments (water, n = 11, l = 6, 1764 features), one thread each';

const columns = 1764;
const cases = [
  { method: 'fps', rows: 5000, count: 500 },
  { method: 'cur', rows: 1000, count: 50 },
  { method: 'pcov-fps', rows: 5000, count: 500 },
  { method: 'pcov-cur', rows: 1000, count: 50 },
];

export async function run({ rounds, runs, log }) {
  const matrixOf = await environments(columns);
  const rows = [];
  const measurements = [];
  for (const { method, rows: height, count } of cases) {
    const what = `${method.toUpperCase()}, ${height} × ${columns} → ${count}`;
    log(what);
    const file = workFile(`environments-${height}.f64`);
    writeFileSync(file, matrixOf(height));
    const flags = { method, columns, count, threads: 1 };
    const results = await inTurn(
      {
        soapstone: () => runProgram(ours('selection.mjs', file), { ...flags, runs }),
        ...(peersInstalled() && {
          skmatter: () => runProgram(peer('skmatter_selection.py', file), { ...flags, runs: 1 }),
        }),
      },
      Math.min(rounds, 3),
    );
    rows.push(...speedRows(what, results, { target: 10, aim: '30×', scale: 1, unit: 's' }));
    for (const [program, [theirs]] of Object.entries(results).slice(1)) {
      const [mine] = results.soapstone;
      rows.push(agreementRow(`${what}: indices of ${program}`, mine.indices, theirs.indices, 0));
    }
    measurements.push(...Object.values(results).flat());
  }
  return { rows, measurements };
}
