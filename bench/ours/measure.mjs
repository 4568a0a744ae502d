// What our scripts share: their flags, how they time, the JSON line per measurement. The counterpart of
// peers/measure.py, and the same lines.

import { createRequire } from 'node:module';
import path from 'node:path';
import { parseArgs } from 'node:util';

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
