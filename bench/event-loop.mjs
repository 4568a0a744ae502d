// How long the event loop is held up while a large calculation runs asynchronously: the longest gap between two
// turns of a timer of 1 ms. Every calculation is a process of its own, so that none collects another's garbage.

import { ours, runProgram } from './common/programs.mjs';
import { median, withSpread } from './common/statistics.mjs';

export const title = 'Event loop: longest gap between turns while a calculation runs, one thread';

/** Milliseconds; 1 of them is the timer's own. */
const most = 5;

/** By calculation: molecules, or cells of silicon along an edge (8 N³ atoms), and for a quick look. */
const sizes = {
  'values, one cell': [50, 12],
  'values, molecules': [10_000, 1000],
  'vjp, one cell': [24, 12],
  'vjp, molecules': [10_000, 1000],
  'jacobian, one cell': [24, 12],
  'jacobian, molecules': [10_000, 1000],
  'neighbours, one cell': [50, 12],
  'neighbours, molecules': [10_000, 1000],
  training: [1000, 100],
  'prediction, molecules': [10_000, 1000],
  'reading, one cell': [50, 12],
  'reading, molecules': [10_000, 1000],
  'featurize, molecules': [10_000, 1000],
};

export async function run({ quick, rounds, log, threads = 1 }) {
  const rows = [];
  const measurements = [];
  for (const [calculation, [full, small]] of Object.entries(sizes)) {
    log(calculation);
    const size = quick ? small : full;
    const results = [];
    for (let round = 0; round < rounds; round++) {
      const [node, ...script] = ours('event-loop.mjs', calculation);
      results.push(await runProgram([node, '--expose-gc', ...script], { size, threads }));
    }
    const gaps = results.map(({ milliseconds }) => milliseconds);
    const of = (key) => median(results.map((result) => result[key]));
    rows.push({
      what: `${calculation}: ${calculation.endsWith('cell') ? `${8 * size ** 3} atoms` : `${size} molecules`}`,
      measured: `${withSpread(gaps)} ms`,
      target: `≤ ${most} ms`,
      met: median(gaps) <= most,
      details:
        `of ${of('seconds').toFixed(2)} s; 99 of 100 gaps: ≤ ${of('percentile99').toFixed(1)} ms; ` +
        `garbage collector: up to ${of('collecting').toFixed(1)} ms; the idle loop: ${of('idle').toFixed(1)} ms`,
    });
    measurements.push(...results);
  }
  return { rows, measurements };
}
