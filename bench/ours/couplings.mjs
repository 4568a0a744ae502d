// Times a power spectrum with a coupling, channels or a contracted basis: couplings.mjs STRUCTURES.xyz --coupling JSON
//
// With --optimal N, N radial functions that are optimal for the structures stand for --count.

import { optimalRadialBasis, PowerSpectrum, readStructures } from '../../dist/index.js';
import { emit, parse, perUnit, powerSpectrum, spectrumFlags, time } from './measure.mjs';

const flags = parse({
  ...spectrumFlags,
  coupling: '{"type":"all"}',
  channels: '{"type":"elements"}',
  optimal: 0,
});
const { threads, runs, optimal } = flags;
const structures = await readStructures(flags.file);
const { hyperparameters } = powerSpectrum(flags, structures);
const coupled = {
  ...hyperparameters,
  coupling: JSON.parse(flags.coupling),
  channels: JSON.parse(flags.channels),
};
const chosen =
  optimal > 0
    ? (await optimalRadialBasis(structures, coupled, { count: optimal })).hyperparameters
    : coupled;
const spectrum = new PowerSpectrum(chosen);
let out;
const { seconds, result } = time(() => {
  const features = spectrum.computeSync(structures, { threads, out });
  out = features.values;
  return features;
}, runs);
emit(flags, structures, 'power spectrum', {
  per: 'atom',
  secondsPerUnit: perUnit(seconds, result.rows),
  runs,
  columns: result.columns,
});
