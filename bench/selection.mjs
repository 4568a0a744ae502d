// Farthest point sampling and CUR on environments beside scikit-matter: the same indices, sooner.

import { writeFileSync } from 'node:fs';

import { PowerSpectrum, readStructures } from '../dist/index.js';
import { agreementRow, speedRows } from './common/comparison.mjs';
import { workFile } from './common/paths.mjs';
import { inTurn, ours, runProgram } from './common/programs.mjs';
import { workload } from './common/workloads.mjs';
import { peer, peersInstalled } from './peers/peer.mjs';

export const title =
  'Selection of environments (water, n = 11, l = 6, 1764 features), one thread each';

const columns = 1764;
const cases = [
  { method: 'fps', rows: 5000, count: 500 },
  { method: 'cur', rows: 1000, count: 50 },
];

/** Normalised power spectra of liquid water, cut to a round number of features. */
async function environments() {
  const structures = await readStructures(await workload('water-large'));
  const spectrum = new PowerSpectrum({
    type: 'power-spectrum',
    cutoff: { radius: 5, smoothing: { type: 'cosine', width: 0.5 } },
    density: { type: 'gaussian', width: 0.4 },
    basis: { maxAngular: 6, radial: { type: 'gto', count: 11 } },
    species: [1, 8],
    normalize: true,
  });
  const { values } = spectrum.computeSync(structures);
  const { features } = spectrum;
  return (rows) => {
    const matrix = new Float64Array(rows * columns);
    for (let i = 0; i < rows; i++) {
      matrix.set(values.subarray(i * features, i * features + columns), i * columns);
    }
    return matrix;
  };
}

export async function run({ rounds, runs, log }) {
  const matrixOf = await environments();
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
