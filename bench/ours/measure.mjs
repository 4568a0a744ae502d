// What our scripts share: their flags, how they time, the JSON line per measurement. The counterpart of
// peers/measure.py, and the same lines.

import { createRequire } from 'node:module';
import path from 'node:path';
import { parseArgs } from 'node:util';

import { PowerSpectrum } from '../../dist/index.js';
import { spread } from '../common/statistics.mjs';

const { version } = createRequire(import.meta.url)('../../package.json');

/** The one positional argument `file`, and numbers or strings by flag, like the defaults. */
export function parse(defaults) {
  const options = Object.fromEntries(
    Object.entries({ threads: 1, runs: 5, ...defaults }).map(([name, value]) => [
      name,
      { type: 'string', default: String(value) },
    ]),
  );
  const { values, positionals } = parseArgs({ options, allowPositionals: true });
  const numeric = (name, value) => (typeof defaults[name] === 'string' ? value : Number(value));
  return {
    file: positionals[0],
    ...Object.fromEntries(
      Object.entries(values).map(([name, value]) => [name, numeric(name, value)]),
    ),
  };
}

/** Times `compute`, which has run once to warm up and whose last result is returned. */
export function time(compute, runs) {
  let result = compute();
  const seconds = Array.from({ length: runs }, () => {
    const start = performance.now();
    result = compute();
    return (performance.now() - start) / 1000;
  });
  return { seconds, result };
}

/** The same for a `compute` that is asynchronous. */
export async function timeAsync(compute, runs) {
  await compute();
  const seconds = [];
  for (let run = 0; run < runs; run++) {
    const start = performance.now();
    await compute();
    seconds.push((performance.now() - start) / 1000);
  }
  return seconds;
}

/** The power spectrum of the flags, for the elements of these structures. */
export function powerSpectrum(flags, structures) {
  const species = new Set(structures.flatMap(({ species }) => [...species]));
  return new PowerSpectrum({
    cutoff: { radius: flags.radius, smoothing: { width: flags.smoothing } },
    density: { width: flags.width },
    basis: { maxAngular: flags['max-angular'], radial: { count: flags.count } },
    species: [...species],
  });
}

/** Flags of {@link powerSpectrum}, as in peers/measure.py. */
export const spectrumFlags = {
  radius: 5,
  smoothing: 0.5,
  width: 0.4,
  count: 8,
  'max-angular': 6,
};

/** `seconds` divided by the amount of work. */
export function perUnit(seconds, units) {
  return spread(seconds.map((value) => value / units));
}

/** Prints a measurement. */
export function emit({ file, threads }, structures, what, details) {
  const line = {
    program: 'soapstone',
    version,
    what,
    workload: path.basename(file, '.xyz'),
    threads,
    structures: structures.length,
    atoms: structures.reduce((sum, { length }) => sum + length, 0),
    ...details,
  };
  console.log(JSON.stringify(line));
}
