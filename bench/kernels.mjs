// Kernel matrices and kernel ridge regression beside scikit-learn, kernels of tensors beside featomic and numpy: the
// same numbers, sooner.

import { writeFileSync } from 'node:fs';

import { agreementRow, speedRows } from './common/comparison.mjs';
import { environments } from './common/environments.mjs';
import { workFile } from './common/paths.mjs';
import { inTurn, ours, runProgram } from './common/programs.mjs';
import { workload } from './common/workloads.mjs';
import { peer, peersInstalled } from './peers/peer.mjs';

export const title =
  'Kernels and kernel ridge regression on environments (water, 1764 features), one thread each';

const columns = 1764;
const methods = [
  { method: 'dot-product', name: '(p · p′)²', rows: 4000 },
  { method: 'gaussian', name: 'Gaussian', rows: 4000 },
  { method: 'matern', name: 'Matérn ν = 3/2', rows: 4000 },
  { method: 'laplacian', name: 'Laplacian', rows: 1000 },
  {
    method: 'ridge',
    name: 'kernel ridge regression (Gaussian), training and as many predictions',
    rows: 4000,
  },
];

export async function run({ rounds, runs, quick, log }) {
  const matrixOf = await environments(columns);
  const rows = [];
  const measurements = [];
  for (const { method, name, rows: full } of methods) {
    const height = quick ? full / 10 : full;
    const what = `${name}, ${height} environments`;
    log(what);
    const file = workFile(`environments-${height}.f64`);
    writeFileSync(file, matrixOf(height));
    const flags = { method, columns, threads: 1, runs: Math.min(runs, 3) };
    const results = await inTurn(
      {
        soapstone: () => runProgram(ours('kernels.mjs', file), flags),
        ...(peersInstalled() && {
          'scikit-learn': () => runProgram(peer('sklearn_kernels.py', file), { ...flags, runs: 1 }),
        }),
      },
      Math.min(rounds, 3),
    );
    rows.push(...speedRows(what, results, { target: 3, scale: 1, unit: 's' }));
    for (const [program, [theirs]] of Object.entries(results).slice(1)) {
      const [mine] = results.soapstone;
      const tolerance = method === 'ridge' ? 1e-6 : 1e-10;
      rows.push(agreementRow(`${what}: ${program}`, mine.sample, theirs.sample, tolerance));
    }
    measurements.push(...Object.values(results).flat());
  }
  for (const rank of [1, 2]) {
    const file = await workload(quick ? 'water-small' : 'water');
    const what = `λ-kernels from structures, λ = ${rank}, 64 molecules of water, n = 8, l ≤ 6`;
    log(what);
    const results = await inTurn(
      {
        soapstone: () => runProgram(ours('tensor-kernels.mjs', file), { rank, runs }),
        ...(peersInstalled() && {
          'featomic + numpy': () =>
            runProgram(peer('featomic_kernels.py', file), { rank, runs: 1 }),
        }),
      },
      Math.min(rounds, 3),
    );
    rows.push(...speedRows(what, results, { target: 20, scale: 1e6, unit: 'µs/atom' }));
    for (const [program, [theirs]] of Object.entries(results).slice(1)) {
      const [mine] = results.soapstone;
      const numbers = ({ squares, traces }) => [...squares, ...traces];
      // featomic's radial integrals are splines, too.
      rows.push(agreementRow(`${what}: ${program}`, numbers(mine), numbers(theirs), 1e-6));
    }
    measurements.push(...Object.values(results).flat());
  }
  return { rows, measurements };
}
