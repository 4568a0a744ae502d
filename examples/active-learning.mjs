// Active learning: a potential of ethanol picks the structures that it should be taught next, and learns more from
// them than from as many picked at random. Here the labels are there already; with a calculator they are computed
// when they are asked for, as active_learning_tblite.py does.

import { createRequire } from 'node:module';
import path from 'node:path';
import { Potential, readStructures, selectBatch } from 'soapstone';

const require = createRequire(import.meta.url);
const data = path.join(path.dirname(require.resolve('soapstone/package.json')), 'data');
const pool = await readStructures(path.join(data, 'ethanol-train.xyz'));
const test = await readStructures(path.join(data, 'ethanol-test.xyz'));

const config = {
  representation: { cutoff: { radius: 4 }, basis: { maxAngular: 4, radial: { count: 6 } } },
  kernel: { zeta: 2 },
  sparse: { count: 400 },
  noise: { energy: 1e-3, forces: 0.03 },
  uncertainty: { type: 'committee', members: 16 },
};
const [start, batch, rounds] = [20, 20, 3];

/** Teaches a potential batch by batch and returns its force errors in meV/Å. */
async function teach(pick) {
  const labelled = pool.slice(0, start);
  let unlabelled = pool.slice(start);
  const errors = [];
  for (let round = 0; ; round++) {
    const { potential } = await Potential.train(labelled, { config });
    const { forces } = await potential.evaluate(test);
    errors.push(1000 * forces.mae);
    if (round === rounds) return errors;
    const picked = new Set(await pick(potential, unlabelled, round));
    labelled.push(...unlabelled.filter((_, s) => picked.has(s)));
    unlabelled = unlabelled.filter((_, s) => !picked.has(s));
  }
}

const actively = await teach(async (potential, unlabelled) => {
  const { indices } = await selectBatch(potential, unlabelled, { count: batch });
  return indices;
});
const atRandom = await teach((_, unlabelled, round) =>
  Array.from({ length: batch }, (_, k) => (7 * k + 31 * round + 3) % unlabelled.length),
);

console.log('structures  picked by the potential  at random (meV/Å)');
actively.forEach((error, round) => {
  const row = [start + batch * round, error.toFixed(1), atRandom[round].toFixed(1)];
  console.log(`${String(row[0]).padStart(10)}${row[1].padStart(25)}${row[2].padStart(19)}`);
});
