// One potential two ways: ours and gap_fit's on the molybdenum of Zuo et al. with the published
// hyperparameters, M sparse points for both.

import { peer } from '../peers/peer.mjs';
import { dataFile, firstFrames } from './data.mjs';
import { workFile } from './paths.mjs';
import { ours, runProgram } from './programs.mjs';

const radius = 5.2;
const baseline = -4.04;

/** What gap_fit.py asks of gap_fit, in our words. */
const published = {
  representation: {
    cutoff: { radius, smoothing: { width: 0.5 } },
    density: { width: 0.5 },
    basis: { maxAngular: 8, radial: { count: 8 } },
  },
  kernel: { zeta: 4 },
  noise: { energy: 0.01, forces: 0.05 },
  baseline: { type: 'given', energies: { Mo: baseline } },
};

/** Files and sizes, smaller for a quick look. */
export async function molybdenum({ data, quick }) {
  const file = (set, frames) => firstFrames(dataFile(data, `mlearn/Mo_${set}.xyz`), frames);
  const [frames, testFrames, sparse] = quick ? [20, 5, 100] : [undefined, undefined, 1000];
  return { train: await file('train', frames), test: await file('test', testFrames), sparse };
}

/** The file that {@link trainOurs} writes. */
export const modelFile = ({ sparse }, like = 'published') =>
  workFile(`Mo-${sparse}-${like}.soapstone`);

/** Trains ours: with the hyperparameters of the published GAP, or with those that it finds by itself. */
export function trainOurs(set, threads, like = 'published') {
  const { train, test, sparse } = set;
  const config = { ...(like === 'published' && published), sparse: { count: sparse } };
  const flags = { test, model: modelFile(set, like), threads, config: JSON.stringify(config) };
  return runProgram(ours('train.mjs', train), flags);
}

/** The file that {@link fitGap} writes. */
export const gapFile = ({ sparse }) => workFile(`Mo-${sparse}.gap.xml`);

/** Fits the GAP: minutes, and gigabytes. */
export function fitGap(set, threads) {
  const flags = { model: gapFile(set), radius, baseline, sparse: set.sparse, threads };
  return runProgram(peer('gap_fit.py', set.train), flags);
}
