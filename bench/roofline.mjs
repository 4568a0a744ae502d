// What the kernels of the engine reach of this machine's peaks, measured by a program of the core, bench/core.

import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

import { readStructures } from '../dist/index.js';
import { buildFolder, buildNative } from '../scripts/native.mjs';
import { workFile } from './common/paths.mjs';
import { runLines } from './common/programs.mjs';
import { digits } from './common/statistics.mjs';
import { workload } from './common/workloads.mjs';

export const title =
  'Roofline: kernels on one thread beside the measured peaks of the machine; n = 8, l ≤ 6, 5 Å, ζ = 4, M ≤ 500';

export async function run({ quick, log }) {
  log('building');
  await buildNative({ target: 'soapstone_bench', quiet: true });
  const names = quick ? ['silicon-small'] : ['silicon', 'water'];
  const files = [];
  for (const name of names) files.push(await plainText(name));
  log('measuring');
  const suffix = process.platform === 'win32' ? '.exe' : '';
  const program = path.join(buildFolder(), `soapstone_bench${suffix}`);
  const lines = await runLines([program, ...files]);
  const { version } = createRequire(import.meta.url)('../package.json');
  const peaks = lines.flatMap(({ peaks }) => peaks ?? []);
  const kernels = lines.filter(({ kernel }) => kernel);
  return {
    how: 'the fastest of at least 5 calls and 0.3 s',
    rows: [...peaks.map(peakRow), ...kernels.map((kernel) => kernelRow(kernel, peaks[0]))],
    measurements: lines.map((line) => ({ program: 'soapstone', version, ...line })),
  };
}

/** A workload as the program reads it: number of atoms, cell, atomic number and position of each atom. */
async function plainText(name) {
  const [{ species, positions, cell }] = await readStructures(await workload(name));
  const atoms = Array.from(species, (number, i) =>
    [number, ...positions.subarray(3 * i, 3 * i + 3)].join(' '),
  );
  const file = workFile(`${name}.txt`);
  writeFileSync(file, `${[species.length, [...cell].join(' '), ...atoms].join('\n')}\n`);
  return file;
}

const giga = (value) => digits(value / 1e9);
const percent = (part) => `${digits(100 * part)} %`;

function peakRow({ threads, flops, read, write, triad }) {
  return {
    what: `peak, ${threads} thread${threads > 1 ? 's' : ''}`,
    measured: `${giga(flops)} GFLOP/s`,
    details: `memory: read ${giga(read)}, write ${giga(write)}, triad ${giga(triad)} GB/s`,
  };
}

/**
 * The roofline: a kernel needs at least the time of its operations at the peak and that of its bytes at the
 * bandwidth, whichever is longer; the fraction is of that time.
 */
function kernelRow({ kernel, workload, per, units, flops, bytes, formula, seconds }, peak) {
  const bandwidth = /written/.test(formula) ? peak.write : peak.read;
  const [compute, memory] = [flops / peak.flops, bytes / bandwidth];
  const bound = compute >= memory ? 'FMA peak' : 'memory bandwidth';
  const traffic = bytes > 0 ? `, ${giga(bytes / seconds)} GB/s` : '';
  return {
    what: `${workload}: ${kernel}`,
    measured: `${percent(Math.max(compute, memory) / seconds)} of the ${bound}`,
    details: `${digits((1e9 * seconds) / units)} ns per ${per}; ${giga(flops / seconds)} GFLOP/s${traffic}; operations: ${formula}`,
  };
}
