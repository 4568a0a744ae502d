// The long-range expansion (LODE) of liquid water beside featomic, and its derivatives.

import { agreementRow, speedRows } from './common/comparison.mjs';
import { inTurn, ours, runProgram } from './common/programs.mjs';
import { atMost, median, withSpread } from './common/statistics.mjs';
import { workload } from './common/workloads.mjs';
import { peer, peersInstalled } from './peers/peer.mjs';

export const title =
  'Long-range expansion: smeared 1/r of water, n = 8, l ≤ 6, |k| < 1.2 π/σ, one thread each';

/** Most of a vjp's time, in forward passes: it makes three products of the size of the forward one. */
const vjpTarget = 4;

export async function run({ quick, rounds, runs, log }) {
  const file = await workload(quick ? 'water-small' : 'water');
  const rows = [];
  const measurements = [];
  for (const width of [1, 0.5]) {
    const what = `σ = ${width} Å`;
    log(what);
    const flags = { width, radius: 5, count: 8, maxAngular: 6, threads: 1, runs };
    const start = (more) => () => runProgram(ours('long-range.mjs', file), { ...flags, ...more });
    const results = await inTurn(
      {
        soapstone: start({}),
        ...(peersInstalled() && {
          featomic: () =>
            runProgram(peer('featomic_lode.py', file), { ...flags, runs: Math.min(runs, 3) }),
        }),
      },
      quick ? 1 : Math.min(rounds, 3),
    );
    rows.push(...speedRows(what, results, { target: 10, aim: '20×', scale: 1e6, unit: 'µs/atom' }));
    const [[mine], [theirs]] = [results.soapstone, results.featomic ?? []];
    if (theirs) {
      rows.push(
        agreementRow(`${what}: norm against featomic`, [mine.norm / theirs.norm], [1], 1e-6),
      );
    }
    const { vjp } = await inTurn({ vjp: start({ vjp: 1 }) }, quick ? 1 : Math.min(rounds, 3));
    const time = ({ secondsPerUnit }) => secondsPerUnit.median;
    const ratio = median(vjp.map(time)) / median(results.soapstone.map(time));
    const details = `${withSpread(vjp.map(time), 1e6)} µs/atom`;
    rows.push(atMost(`${what}: vjp / values`, ratio, vjpTarget, 2, '×', details));
    measurements.push(...Object.values(results).flat(), ...vjp);
  }
  return { rows, measurements };
}
