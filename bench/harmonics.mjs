// Spherical harmonics and their gradients beside sphericart. We fill the same arrays with every call; sphericart
// asks NumPy for arrays, which at this size gives it back those that it has just freed.

import { writeFileSync } from 'node:fs';

import { agreementRow, speedRows } from './common/comparison.mjs';
import { workFile } from './common/paths.mjs';
import { inTurn, ours, runProgram } from './common/programs.mjs';
import { peer, peersInstalled } from './peers/peer.mjs';

export const title = 'Spherical harmonics, one thread each';

/** Results beyond the caches, as of whole structures, and within, as of some environments. */
const counts = [10_000, 1000];

/** Vectors all over the sphere, of several lengths. */
function vectors(count) {
  return Float64Array.from({ length: 3 * count }, (_, k) => {
    const point = Math.floor(k / 3);
    const z = 1 - (2 * point + 1) / count;
    const [s, phi] = [Math.sqrt(1 - z * z), 2.4 * point];
    return (1 + (point % 5)) * [s * Math.cos(phi), s * Math.sin(phi), z][k % 3];
  });
}

export async function run({ rounds, runs, log }) {
  const rows = [];
  const measurements = [];
  const cases = counts.flatMap((count) =>
    [6, 9, 12].flatMap((maxAngular) =>
      [0, 1].map((gradients) => ({ count, maxAngular, gradients })),
    ),
  );
  for (const { count, maxAngular, gradients } of cases) {
    const what = `${count} vectors, l = ${maxAngular}, ${gradients ? 'values and gradients' : 'values'}`;
    log(what);
    const file = workFile(`vectors-${count}.f64`);
    writeFileSync(file, vectors(count));
    const flags = { maxAngular, gradients, threads: 1, runs: 10 * runs };
    const results = await inTurn(
      {
        soapstone: () => runProgram(ours('harmonics.mjs', file), flags),
        ...(peersInstalled() && {
          sphericart: () => runProgram(peer('sphericart_harmonics.py', file), flags),
        }),
      },
      rounds,
    );
    rows.push(
      ...speedRows(what, results, { target: 1.5, aim: '3×', scale: 1e9, unit: 'ns/point' }),
    );
    for (const [program, [theirs]] of Object.entries(results).slice(1)) {
      const mine = results.soapstone[0];
      rows.push(agreementRow(`${what}: against ${program}`, [mine.norm], [theirs.norm], 1e-9));
    }
    measurements.push(...Object.values(results).flat());
  }
  return { rows, measurements };
}
