// Kernel principal components of environments beside scikit-learn: on all samples the same, on landmarks nearly.

import { writeFileSync } from 'node:fs';

import { agreementRow, speedRows } from './common/comparison.mjs';
import { environments } from './common/environments.mjs';
import { workFile } from './common/paths.mjs';
import { inTurn, ours, runProgram } from './common/programs.mjs';
import { peer, peersInstalled } from './peers/peer.mjs';

export const title =
  'Kernel principal components of environments (water, 1764 features), two axes, one thread each';

const columns = 1764;
const full = 10_000;
const cases = [
  { method: 'dot-product', name: '(p · p′)², all samples', landmarks: 0, tolerance: 1e-8 },
  { method: 'dot-product', name: '(p · p′)², 500 landmarks', landmarks: 500, tolerance: 1e-3 },
  { method: 'gaussian', name: 'Gaussian, all samples', landmarks: 0, tolerance: 1e-8 },
  { method: 'gaussian', name: 'Gaussian, 500 landmarks', landmarks: 500, tolerance: 1e-3 },
];

export async function run({ rounds, runs, quick, log }) {
  const matrixOf = await environments(columns);
  const rows = [];
  const measurements = [];
  const height = quick ? full / 10 : full;
  const file = workFile(`environments-${height}.f64`);
  writeFileSync(file, matrixOf(height));
  for (const { method, name, landmarks, tolerance } of cases) {
    const what = `${name}, ${height} environments`;
    log(what);
    const flags = { method, columns, threads: 1, runs: Math.min(runs, 2) };
    const results = await inTurn(
      {
        soapstone: () => runProgram(ours('maps.mjs', file), { ...flags, landmarks }),
        ...(peersInstalled() && {
          'scikit-learn': () => runProgram(peer('sklearn_maps.py', file), { ...flags, runs: 1 }),
        }),
      },
      Math.min(rounds, 3),
    );
    rows.push(...speedRows(what, results, { target: 5, scale: 1, unit: 's' }));
    for (const [program, [theirs]] of Object.entries(results).slice(1)) {
      const [mine] = results.soapstone;
      rows.push(
        agreementRow(
          `${what}: eigenvalues of ${program}`,
          mine.eigenvalues,
          theirs.eigenvalues,
          tolerance,
        ),
      );
    }
    measurements.push(...Object.values(results).flat());
  }
  return { rows, measurements };
}
