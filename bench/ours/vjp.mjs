// Times the vector–Jacobian product of the power spectrum and, in turn with it, the values alone:
// vjp.mjs STRUCTURES.xyz

import { readStructures } from '../../dist/index.js';
import { emit, parse, perUnit, powerSpectrum, spectrumFlags, time } from './measure.mjs';

const flags = parse(spectrumFlags);
const { threads, runs } = flags;
const structures = await readStructures(flags.file);
const spectrum = powerSpectrum(flags, structures);
const out = new Float64Array(spectrum.shape(structures).bytes / 8);
const { rows: atoms } = spectrum.computeSync(structures, { threads, out });

// L = |p|² / 2: the gradient is the features.
const gradient = Float64Array.from(out);
const forward = [];
const backward = [];
for (let run = 0; run < runs; run++) {
  forward.push(...time(() => spectrum.computeSync(structures, { threads, out }), 1).seconds);
  backward.push(...time(() => spectrum.vjpSync(structures, gradient, { threads }), 1).seconds);
}
emit(flags, structures, 'power spectrum, vjp', {
  per: 'atom',
  secondsPerUnit: perUnit(backward, atoms),
  forward: perUnit(forward, atoms),
  runs,
});
