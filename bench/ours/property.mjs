// Trains a model of a property for several numbers of structures and evaluates each:
// property.mjs FILE.xyz --train N --target NAME [--test FILE.xyz] [--sizes 100,200] [--config JSON]
//
// Without a test file the structures of the file are shuffled, and those after the first N are the test.

import { PropertyModel, readStructures } from '../../dist/index.js';
import { emit, parse } from './measure.mjs';
import { shuffled } from './shuffled.mjs';

const flags = parse({ target: '', test: '', train: 0, sizes: '', config: '{}' });
const { threads, target } = flags;
const given = await readStructures(flags.file);
const structures = flags.test ? given : shuffled(given);
const train = structures.slice(0, flags.train);
const test = flags.test ? await readStructures(flags.test) : structures.slice(flags.train);

for (const size of (flags.sizes || String(train.length)).split(',').map(Number)) {
  const start = performance.now();
  const options = { config: JSON.parse(flags.config), threads };
  const model = await PropertyModel.train(train.slice(0, size), target, options);
  const seconds = (performance.now() - start) / 1000;
  const { errors, parity, uncertainties } = await model.evaluate(test, {
    threads,
    uncertainty: true,
  });
  emit(flags, test, 'property', {
    size,
    test: test.length,
    seconds,
    peakMemoryBytes: process.resourceUsage().maxRSS * 1024,
    errors,
    within: [1, 2].map((width) => fractionWithin(width, parity, uncertainties)),
  });
}

/** The part of all errors that are within so many standard deviations. */
function fractionWithin(width, { reference, predicted }, uncertainties) {
  const components = reference.length / uncertainties.length;
  let inside = 0;
  reference.forEach((y, i) => {
    const sigma = uncertainties[Math.floor(i / components)];
    if (Math.abs(predicted[i] - y) <= width * sigma) inside++;
  });
  return inside / reference.length;
}
