// Trains a potential and evaluates it: train.mjs TRAIN.xyz --test TEST.xyz --model OUT.soapstone [--config JSON]
//
// Time and peak memory are those of the whole process from its start until the model is written.

import { Potential, readStructures } from '../../dist/index.js';
import { emit, parse } from './measure.mjs';

const flags = parse({ test: '', model: '', config: '{}' });
const { threads } = flags;
const structures = await readStructures(flags.file);
const { potential } = await Potential.train(structures, {
  config: JSON.parse(flags.config),
  threads,
});
await potential.save(flags.model);
const seconds = performance.now() / 1000;
const peakMemoryBytes = process.resourceUsage().maxRSS * 1024;

const { energy, forces } = await potential.evaluate(await readStructures(flags.test), { threads });
emit(flags, structures, 'training', {
  sparsePoints: potential.config.sparse.count,
  seconds,
  peakMemoryBytes,
  energy,
  forces,
  configuration: potential.config,
});
