// Potentials of Mo, Nb, Ta and W trained on unaries and binaries, tested on both: alloys.mjs FOLDER --channels JSON
//
// One in --every structures of the training files is learned from.

import path from 'node:path';

import { Potential, readStructures } from '../../dist/index.js';
import { emit, parse, timeAsync } from './measure.mjs';

const flags = parse({ channels: '{"type":"elements"}', every: 4, count: 1000 });
const elements = ['Mo', 'Nb', 'Ta', 'W'];
const pairs = ['MoTa', 'MoW', 'NbMo', 'NbTa', 'NbW', 'TaW'];
const read = async (names) =>
  (
    await Promise.all(names.map((name) => readStructures(path.join(flags.file, `${name}.xyz`))))
  ).flat();
const unaries = ['AIMD', 'Elastic', 'Surface'];
const all = await read([
  ...elements.flatMap((element) => unaries.map((kind) => `${element}_${kind}`)),
  ...pairs.map((pair) => `${pair}_SS`),
]);
const training = all.filter((_, s) => s % flags.every === 0);
const options = { threads: flags.threads };

const start = performance.now();
const { potential } = await Potential.train(training, {
  ...options,
  config: {
    representation: {
      cutoff: { radius: 4.7, smoothing: { width: 1 } },
      density: { width: 0.5 },
      basis: { maxAngular: 6, radial: { count: 6 } },
      channels: JSON.parse(flags.channels),
    },
    kernel: { zeta: 4 },
    sparse: { count: flags.count },
  },
});
const seconds = (performance.now() - start) / 1000;

for (const [set, names] of [
  ['unaries', elements],
  ['binaries', pairs],
]) {
  const test = await read(names.map((name) => `${name}_Test`));
  const { energy, forces, atoms } = await potential.evaluate(test, options);
  const times = await timeAsync(() => potential.predict(test, options), 2);
  emit(flags, test, 'alloys', {
    set,
    channels: JSON.parse(flags.channels).type,
    train: training.length,
    energy,
    forces,
    seconds,
    peakMemoryBytes: process.resourceUsage().maxRSS * 1024,
    secondsPerAtom: Math.min(...times) / atoms,
  });
}
