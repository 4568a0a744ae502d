// Times our power spectrum: power-spectrum.mjs STRUCTURES.xyz
//
// With --fraction X only that part of the columns, picked by farthest point sampling.
// With --gram N it also prints the scalar products of the first N atoms' features.

import { farthestPointsSync, readStructures } from '../../dist/index.js';
import { emit, parse, perUnit, powerSpectrum, spectrumFlags, time } from './measure.mjs';

const flags = parse({ ...spectrumFlags, gram: 0, fraction: 1 });
const { threads, runs } = flags;
const structures = await readStructures(flags.file);
const full = powerSpectrum(flags, structures);
const spectrum = flags.fraction < 1 ? few(full) : full;
// One array for every run, as a program that works through batches would have it.
let out;
const { seconds, result } = time(() => {
  const features = spectrum.computeSync(structures, { threads, out });
  out = features.values;
  return features;
}, runs);

/** Some columns, those farthest from each other on a few structures. */
function few(all) {
  const { values, rows, columns } = all.computeSync(structures.slice(0, 2));
  const count = Math.round(flags.fraction * columns);
  const matrix = { values, shape: [rows, columns] };
  return all.select(farthestPointsSync(matrix, count, { axis: 'columns' }).indices);
}

const row = (atom) => result.values.subarray(atom * result.columns, (atom + 1) * result.columns);
const dot = (a, b) => a.reduce((sum, x, k) => sum + x * b[k], 0);
const atoms = [...Array(flags.gram).keys()];
emit(flags, structures, 'power spectrum', {
  per: 'atom',
  secondsPerUnit: perUnit(seconds, result.rows),
  runs,
  norm: Math.sqrt(dot(result.values, result.values)),
  ...(flags.gram > 0 && { gram: atoms.map((i) => atoms.map((j) => dot(row(i), row(j)))) }),
});
