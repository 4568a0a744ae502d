// How long the event loop is held up while we calculate: event-loop.mjs CALCULATION --size N

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { createRequire } from 'node:module';
import path from 'node:path';
import { monitorEventLoopDelay, PerformanceObserver } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

import {
  neighbourList,
  Potential,
  PowerSpectrum,
  readStructures,
  Structure,
  writeStructures,
} from '../../dist/index.js';
import { ethanolMolecules, siliconCell } from '../common/workloads.mjs';
import { emit, parse } from './measure.mjs';

const { run: runCommand } = createRequire(import.meta.url)('../../dist/cli/run.js');

const flags = parse({ size: 1000 });
const { file: calculation, size, threads } = flags;

const small = { cutoff: { radius: 4 }, basis: { maxAngular: 4, radial: { count: 4 } } };
const silicon = new PowerSpectrum({ ...small, species: ['Si'] });
const organic = new PowerSpectrum({ ...small, species: ['H', 'C', 'O'], normalize: true });
const folder = mkdtempSync(path.join(tmpdir(), 'soapstone-event-loop-'));

const molecules = (count) => ethanolMolecules(count).map((input) => new Structure(input));
/** `count`³ cells of 8 atoms. */
const cell = (count) => [new Structure(siliconCell(count, 2))];

/** What is prepared, and what is then measured. */
const calculations = {
  'values, one cell': [cell, (structures) => silicon.compute(structures, { threads })],
  'values, molecules': [molecules, (structures) => organic.compute(structures, { threads })],
  'vjp, one cell': [withGradient(silicon, cell), vjpOf(silicon)],
  'vjp, molecules': [withGradient(organic, molecules), vjpOf(organic)],
  'jacobian, one cell': [cell, jacobianOf(silicon)],
  'jacobian, molecules': [molecules, jacobianOf(organic)],
  'neighbours, one cell': [cell, neighboursOf],
  'neighbours, molecules': [molecules, neighboursOf],
  training: [labelled, train],
  'prediction, molecules': [
    async (count) => ({ potential: await train(await labelled(100)), all: await labelled(count) }),
    ({ potential, all }) => potential.predict(all, { threads }),
  ],
  'reading, one cell': [written(cell), (file) => readStructures(file)],
  'reading, molecules': [written(molecules), (file) => readStructures(file)],
  'featurize, molecules': [written(molecules), featurize],
};

function withGradient(representation, make) {
  return (count) => {
    const structures = make(count);
    const { rows, columns } = representation.shape(structures);
    return { structures, gradient: new Float64Array(rows * columns).fill(1) };
  };
}

function vjpOf(representation) {
  return ({ structures, gradient }) => representation.vjp(structures, gradient, { threads });
}

/** The rows of as many centres as a chunk of 256 MB holds. */
function jacobianOf(representation) {
  return async (structures) => {
    const jacobian = await representation.jacobian(structures, { threads });
    const { first, features } = jacobian;
    const tooMuch = first.findIndex((rows) => 24 * features * rows > 256e6);
    const to = tooMuch < 0 ? first.length - 1 : tooMuch - 1;
    await jacobian.compute({ from: 0, to }, { threads });
  };
}

function neighboursOf(structures) {
  return neighbourList(structures, { cutoff: 4, threads });
}

/** Molecules with labels: those of the data set in the package, a little moved. */
async function labelled(count) {
  const file = fileURLToPath(new URL('../../data/ethanol-train.xyz', import.meta.url));
  const given = await readStructures(file);
  return Array.from({ length: count }, (_, s) => {
    const { positions, species, info, arrays } = given[s % given.length];
    const moved = positions.map((x, k) => x + 1e-3 * Math.sin(s + k));
    return new Structure({ positions: moved, species, info, arrays });
  });
}

async function train(structures) {
  const config = {
    representation: small,
    kernel: { zeta: 2 },
    sparse: { count: 100 },
    noise: { energy: 0.002, forces: 0.05 },
  };
  return (await Potential.train(structures, { config, threads })).potential;
}

function written(make) {
  return async (count) => {
    const file = path.join(folder, 'structures.xyz');
    await writeStructures(file, make(count));
    return file;
  };
}

function featurize(file) {
  const args = ['featurize', file, '-o', path.join(folder, 'features.npy')];
  const sink = { write: () => true };
  const signal = new AbortController().signal;
  return runCommand([...args, '--threads', String(threads)], {
    stdout: sink,
    stderr: sink,
    signal,
  });
}

/**
 * Runs work beside a timer of 1 ms that makes no garbage: the longest time between two of its turns, that of one turn
 * in a hundred, the longest pause of the garbage collector, all in ms, and the seconds that the work took.
 */
async function longestGap(work) {
  let collecting = 0;
  const observer = new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) collecting = Math.max(collecting, duration);
  });
  observer.observe({ entryTypes: ['gc'] });
  const turns = monitorEventLoopDelay({ resolution: 1 });
  turns.enable();
  await sleep(5);
  const start = performance.now();
  await work();
  const seconds = (performance.now() - start) / 1000;
  await sleep(5);
  turns.disable();
  await sleep(1); // the observer has its turn
  observer.disconnect();
  return {
    milliseconds: turns.max / 1e6,
    percentile99: turns.percentile(99) / 1e6,
    collecting,
    seconds,
  };
}

try {
  const [prepare, calculate] = calculations[calculation];
  await calculate(await prepare(2)); // compiles what JavaScript runs
  const input = await prepare(size);
  globalThis.gc?.();
  const idle = await longestGap(() => sleep(300));
  const gap = await longestGap(() => calculate(input));
  emit(flags, [], 'event loop', { calculation, size, ...gap, idle: idle.milliseconds });
} finally {
  rmSync(folder, { recursive: true });
}
