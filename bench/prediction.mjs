// Energies and forces beside quippy's GAP with the same hyperparameters and as many sparse points.

import { existsSync } from 'node:fs';

import { speedRows } from './common/comparison.mjs';
import { fitGap, gapFile, modelFile, molybdenum, trainOurs } from './common/molybdenum.mjs';
import { inTurn, ours, runProgram } from './common/programs.mjs';
import { peer, peersInstalled } from './peers/peer.mjs';

export const title = 'Energies and forces of Mo: n = 8, l ≤ 8, ζ = 4, 5.2 Å, M = 1000';

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
  const model = modelFile(set);
  const predict = (threads) => {
    log(`predictions, threads: ${threads}`);
    const flags = { threads, runs };
    return inTurn(
      {
        soapstone: () => runProgram(ours('predict.mjs', set.test), { ...flags, model }),
        ...(withPeers && {
          quippy: () => runProgram(peer('quippy_predict.py', set.test), { ...flags, model: gap }),
        }),
      },
      rounds,
    );
  };
  const results = await predict(1);
  const onAll = context.all > 1 ? await predict(context.all) : {};
  const times = { scale: 1e6, unit: 'µs/atom' };
  return {
    rows: [
      ...speedRows('test set', results, { target: 40, aim: '100×', ...times }),
      ...(onAll.soapstone ? speedRows(`test set, ${context.all} threads`, onAll, times) : []),
      ...Object.entries(results).map(([program, [{ energy, forces }]]) => ({
        what: `test MAE of ${program}'s model`,
        measured: `${(1e3 * energy.mae).toFixed(2)} meV/atom, ${forces.mae.toFixed(4)} eV/Å`,
      })),
    ],
    measurements: [results, onAll].flatMap((part) => Object.values(part).flat()),
  };
}
