// Energies and forces beside quippy's GAP with the same hyperparameters and as many sparse points.

import { existsSync } from 'node:fs';

import { speedRows } from './common/comparison.mjs';
import { fitGap, gapFile, modelFile, molybdenum, trainOurs } from './common/molybdenum.mjs';
import { inTurn, ours, runProgram } from './common/programs.mjs';
import { peer, peersInstalled } from './peers/peer.mjs';

export const title =
  'Energies and forces of Mo: n = 8, l ≤ 8, ζ = 4, 5.2 Å, M = 1000, one thread each';

export async function run(context) {
  const { rounds, runs, log } = context;
  const set = await molybdenum(context);
  log('our model');
  await trainOurs(set, context.threads ?? 1);
  const withPeers = peersInstalled();
  const gap = gapFile(set);
  if (withPeers && !existsSync(gap)) {
    log('gap_fit');
    await fitGap(set, context.threads ?? 1);
  }
  log('predictions');
  const flags = { threads: 1, runs };
  const model = modelFile(set);
  const results = await inTurn(
    {
      soapstone: () => runProgram(ours('predict.mjs', set.test), { ...flags, model }),
      ...(withPeers && {
        quippy: () => runProgram(peer('quippy_predict.py', set.test), { ...flags, model: gap }),
      }),
    },
    rounds,
  );
  return {
    rows: [
      ...speedRows('test set', results, { target: 20, scale: 1e6, unit: 'µs/atom' }),
      ...Object.entries(results).map(([program, [{ energy, forces }]]) => ({
        what: `test MAE of ${program}'s model`,
        measured: `${(1e3 * energy.mae).toFixed(2)} meV/atom, ${forces.mae.toFixed(4)} eV/Å`,
      })),
    ],
    measurements: Object.values(results).flat(),
  };
}
