// Times a calculation on one thread and on two in turn, and compares the results bit by bit:
// threads.mjs STRUCTURES.xyz --what neighbours|values|prediction|training [--model MODEL] [--config JSON]
//
// With --most 1 on one thread only.

import { Potential, neighbourListSync, readStructures } from '../../dist/index.js';
import { emit, parse, perUnit, powerSpectrum, spectrumFlags } from './measure.mjs';

const flags = parse({ ...spectrumFlags, what: 'values', model: '', config: '{}', most: 2 });
const { runs } = flags;
const structures = await readStructures(flags.file);

/** Each makes a calculation: from a number of threads to the arrays that it results in. */
const calculations = {
  neighbours: () => (threads) =>
    neighbourListSync(structures, { cutoff: flags.radius, threads }).flatMap((list) => [
      list.neighbours,
      list.vectors,
    ]),
  values: () => {
    const spectrum = powerSpectrum(flags, structures);
    // An array for each number of threads, so that the results can be compared.
    const out = [1, 2].map(() => new Float64Array(spectrum.shape(structures).bytes / 8));
    return (threads) => [
      spectrum.computeSync(structures, { threads, out: out[threads - 1] }).values,
    ];
  },
  prediction: async () => {
    const potential = await Potential.load(flags.model);
    return (threads) =>
      potential
        .predictSync(structures, { threads, stress: false })
        .flatMap(({ energy, forces }) => [Float64Array.of(energy), forces]);
  },
  training: () => async (threads) => {
    const config = JSON.parse(flags.config);
    const { potential } = await Potential.train(structures, { config, threads });
    return [potential.parts.weights];
  },
};

const bytes = ({ buffer, byteOffset, byteLength }) => Buffer.from(buffer, byteOffset, byteLength);
const same = (a, b) =>
  a.length === b.length && a.every((array, k) => bytes(array).equals(bytes(b[k])));

const compute = await calculations[flags.what]();
const counts = flags.most === 1 ? [1] : [1, 2];
const seconds = { 1: [], 2: [] };
let identical = true;
for (let run = -1; run < runs; run++) {
  const results = {};
  for (const threads of counts) {
    const start = performance.now();
    results[threads] = await compute(threads);
    // The first turn warms up.
    if (run >= 0) seconds[threads].push((performance.now() - start) / 1000);
  }
  identical &&= counts.length === 1 || same(results[1], results[2]);
}
const atoms = structures.reduce((sum, { length }) => sum + length, 0);
emit(flags, structures, `threads, ${flags.what}`, {
  per: 'atom',
  one: perUnit(seconds[1], atoms),
  ...(counts.length > 1 && {
    two: perUnit(seconds[2], atoms),
    speedups: seconds[1].map((time, run) => time / seconds[2][run]),
    identical,
  }),
  runs,
});
