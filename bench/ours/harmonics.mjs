// Times our spherical harmonics: harmonics.mjs VECTORS.f64, doubles, three to a vector.

import { readFileSync } from 'node:fs';

import { sphericalHarmonicsSync } from '../../dist/index.js';
import { emit, parse, perUnit, time } from './measure.mjs';

const flags = parse({ 'max-angular': 6, gradients: 0 });
const { threads, runs, 'max-angular': maxAngular } = flags;
const bytes = readFileSync(flags.file);
const vectors = new Float64Array(bytes.buffer, bytes.byteOffset, bytes.length / 8);
const gradients = flags.gradients > 0;
const size = (vectors.length / 3) * (maxAngular + 1) ** 2;
const out = {
  values: new Float64Array(size),
  gradients: gradients ? new Float64Array(3 * size) : undefined,
};
const { seconds, result } = time(
  () => sphericalHarmonicsSync(vectors, maxAngular, { out, threads }),
  runs,
);
// Weighed by the place in the row, so that an exchange would show.
const weighed = (values) => values.reduce((sum, value, k) => sum + value * ((k % 97) + 1), 0);
emit(flags, [], 'spherical harmonics', {
  per: 'point',
  secondsPerUnit: perUnit(seconds, vectors.length / 3),
  runs,
  norm: weighed(result.values) + (gradients ? weighed(result.gradients) : 0),
});
