// Training beside gap_fit: time, peak memory, and what the models are worth.

import { ratios } from './common/comparison.mjs';
import { fitGap, gapFile, molybdenum, trainOurs } from './common/molybdenum.mjs';
import { inTurn, runProgram } from './common/programs.mjs';
import { atLeast, atMost, median, withSpread } from './common/statistics.mjs';
import { peer, requirePeers } from './peers/peer.mjs';

export const title = 'Training on Mo beside gap_fit: M = 1000 for both';

/** How many times less time and memory than gap_fit; a search for hyperparameters may take longer. */
const targets = { same: { time: 15, memory: 6, aim: '30×' }, found: { time: 10, memory: 4 } };

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
      gap: logged('gap_fit', () => fitAndTestGap(set, threads)),
      found: logged('ours, hyperparameters found', () => trainOurs(set, threads, 'found')),
    },
    context.fits,
  );
  return {
    how: `${context.fits} fits in turn`,
    rows: [
      ...compare('same hyperparameters', results.same, results.gap, targets.same),
      ...compare('found by itself', results.found, results.gap, targets.found),
    ],
    measurements: Object.values(results).flat(),
  };
}

/** gap_fit picks its sparse points at random, so that every fit has errors of its own. */
async function fitAndTestGap(set, threads) {
  const fit = await fitGap(set, threads);
  const flags = { model: gapFile(set), threads, runs: 1 };
  const { energy, forces } = await runProgram(peer('quippy_predict.py', set.test), flags);
  return { ...fit, energy, forces };
}

function compare(name, ours, fits, target) {
  const row = (what, quantity, least, aim, unit, scale) => {
    const [mine, theirs] = [ours, fits].map((rounds) => withSpread(rounds.map(quantity), scale));
    const details = `${mine} ${unit}, gap_fit ${theirs} ${unit}${aim ? `; the aim: ${aim}` : ''}`;
    return atLeast(`${name}: ${what}`, ratios(ours, fits, quantity), least, '×', details);
  };
  const error = (what, quantity, decimals, unit) => {
    const [mine, theirs] = [ours, fits].map((rounds) => rounds.map(quantity));
    const details = `gap_fit ${withSpread(theirs)} ${unit}`;
    return atMost(`${name}: ${what}`, median(mine), median(theirs), decimals, unit, details);
  };
  return [
    row('gap_fit / soapstone, time', ({ seconds }) => seconds, target.time, target.aim, 's', 1),
    row('gap_fit / soapstone, memory', (fit) => fit.peakMemoryBytes, target.memory, '', 'GB', 1e-9),
    error('test MAE, energy', ({ energy }) => 1e3 * energy.mae, 2, 'meV/atom'),
    error('test MAE, forces', ({ forces }) => forces.mae, 4, 'eV/Å'),
  ];
}
