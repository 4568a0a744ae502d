// Training beside gap_fit: time, peak memory, and what the models are worth.

import { ratios } from './common/comparison.mjs';
import { fitGap, gapFile, molybdenum, trainOurs } from './common/molybdenum.mjs';
import { inTurn, runProgram } from './common/programs.mjs';
import { atLeast, atMost, withSpread } from './common/statistics.mjs';
import { peer, requirePeers } from './peers/peer.mjs';

export const title = 'Training on Mo beside gap_fit: M = 1000 for both';

export async function run(context) {
  requirePeers();
  const { threads = 1, log } = context;
  const set = await molybdenum(context);
  const logged = (what, start) => () => {
    log(what);
    return start();
  };
  const results = await inTurn(
    {
      same: logged('ours, the same hyperparameters', () => trainOurs(set, threads)),
      gap: logged('gap_fit', () => fitGap(set, threads)),
      found: logged('ours, hyperparameters found', () => trainOurs(set, threads, 'found')),
    },
    context.fits,
  );
  const tested = { model: gapFile(set), threads, runs: 1 };
  const gap = await runProgram(peer('quippy_predict.py', set.test), tested);
  return {
    rows: [
      ...compare('same hyperparameters', results.same, results.gap, gap),
      ...compare('found by itself', results.found, results.gap, gap),
    ],
    measurements: [...Object.values(results).flat(), gap],
  };
}

function compare(name, ours, fits, gap) {
  const row = (what, quantity, target, unit, scale) => {
    const [mine, theirs] = [ours, fits].map((rounds) => withSpread(rounds.map(quantity), scale));
    const details = `${mine} ${unit}, gap_fit ${theirs} ${unit}`;
    return atLeast(`${name}: ${what}`, ratios(ours, fits, quantity), target, '×', details);
  };
  const [{ energy, forces }] = ours;
  return [
    row('gap_fit / soapstone, time', ({ seconds }) => seconds, 10, 's', 1),
    row('gap_fit / soapstone, memory', (fit) => fit.peakMemoryBytes, 4, 'GB', 1e-9),
    atMost(`${name}: test MAE, energy`, 1e3 * energy.mae, 1e3 * gap.energy.mae, 2, 'meV/atom'),
    atMost(`${name}: test MAE, forces`, forces.mae, gap.forces.mae, 4, 'eV/Å'),
  ];
}
