// How time and memory grow: microseconds per atom with the size of a cell and of a batch, peak memory with the
// number of structures. Draws docs/growth-time.svg and docs/growth-memory.svg.

import { rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { drawCurves } from './common/charts.mjs';
import { folder, workFile } from './common/paths.mjs';
import { ours, runProgram } from './common/programs.mjs';
import { digits, median } from './common/statistics.mjs';
import { ethanolMolecules, siliconCell, written } from './common/workloads.mjs';

export const title =
  'Growth: time per atom on one thread (n = 8, l ≤ 6, 5 Å; forces with M = 100), peak memory';

/** How far times may be from their median over all sizes. */
const band = 0.15;

/** Peak memory of training stays below this many M × M matrices of doubles plus this constant. */
const bound = { matrices: 10, constant: 400e6 };
const trainingBound = (sparse) => bound.constant + bound.matrices * 8 * sparse ** 2;

/** Peak memory of featurize: the features that it keeps at a time, and Node.js with the engine. */
const featurizeBound = 16e6 + 200e6;

const quantities = {
  neighbours: 'neighbour list',
  values: 'power spectrum',
  forces: 'energy + forces',
};

const sizes = ({ quick }) => ({
  /** Cells along an edge: 8 N³ atoms, 10³ to 10⁶. */
  cell: quick ? [5, 8] : [5, 8, 11, 16, 23, 34, 50],
  molecules: quick ? [100, 316] : [100, 316, 1000, 3162, 10_000, 31_623, 100_000],
  featurized: quick ? [100, 1000] : [100, 316, 1000, 3162, 10_000, 31_623, 100_000],
  trained: quick ? [100, 200] : [200, 500, 1000, 2000, 5000, 10_000],
  /** Sparse points: the first with every number of structures, the others with one. */
  sparse: quick ? [100, 200] : [500, 1000, 2000],
});

export async function run(context) {
  const rows = [];
  const measurements = [];
  const time = {};
  for (const kind of ['cell', 'molecules']) {
    time[kind] = await timesOf(kind, context);
    rows.push(...timeRows(kind, time[kind]));
    measurements.push(...time[kind]);
  }
  const featurized = await memoryOfFeaturize(context);
  const trained = await memoryOfTraining(context);
  rows.push(...featurizeRows(featurized), ...trained.map(trainingRow));
  measurements.push(...featurized, ...trained);
  const picture = (name) =>
    context.quick ? workFile(name) : path.join(folder, '..', 'docs', name);
  await drawCurves(picture('growth-time.svg'), [
    timePanel('One cell of silicon', 'atoms', time.cell),
    timePanel('Batch of ethanol molecules', 'molecules', time.molecules),
  ]);
  await drawCurves(picture('growth-memory.svg'), memoryPanels(featurized, trained, context));
  const how = 'at each size a process of its own, and in it the median of at least 3 runs';
  return { how, rows, measurements };
}

/** A model of few sparse points, so that a million atoms take seconds. */
async function modelOf(kind, { quick, all }) {
  const structures =
    kind === 'cell' ? [siliconCell(4, 6), siliconCell(4, 7)] : ethanolMolecules(40, 6);
  const file = await written(`growth-${kind}`, structures, { labelled: true });
  const model = workFile(`growth-${kind}.soapstone`);
  await train(file, { model, threads: all, sparse: quick ? 30 : 100 });
  return model;
}

function train(file, { model, threads, sparse, count = 8, maxAngular = 6 }) {
  const config = {
    representation: {
      cutoff: { radius: 5, smoothing: { width: 0.5 } },
      density: { width: 0.4 },
      basis: { maxAngular, radial: { count } },
    },
    kernel: { zeta: 4 },
    sparse: { count: sparse },
    noise: { energy: 0.01, forces: 0.05 },
    validation: { fraction: 0 },
  };
  const flags = { test: file, model, threads, config: JSON.stringify(config) };
  return runProgram(ours('train.mjs', file), flags);
}

async function timesOf(kind, context) {
  const model = await modelOf(kind, context);
  const results = [];
  for (const count of sizes(context)[kind]) {
    context.log(kind === 'cell' ? `one cell, ${8 * count ** 3} atoms` : `${count} molecules`);
    const flags = { kind, count, model, leastSeconds: context.quick ? 0.05 : 1 };
    results.push(await runProgram(ours('growth.mjs'), flags));
  }
  return results;
}

const microseconds = (measurement, name) => 1e6 * measurement[name].median;

function timeRows(kind, results) {
  const sizeOf = ({ atoms, structures }) => (kind === 'cell' ? atoms : structures);
  const [from, to] = [results[0], results.at(-1)].map((m) => sizeOf(m).toLocaleString('en'));
  const range =
    kind === 'cell' ? `one cell, ${from} to ${to} atoms` : `${from} to ${to} molecules in a batch`;
  return Object.entries(quantities).map(([name, text]) => {
    const times = results.map((measurement) => microseconds(measurement, name));
    const middle = median(times);
    const [least, most] = [Math.min(...times), Math.max(...times)].map((t) => t / middle - 1);
    const percent = (x) => `${x < 0 ? '−' : '+'}${Math.abs(100 * x).toFixed(0)} %`;
    return {
      what: `${range}: ${text}`,
      measured: `${percent(least)} to ${percent(most)}`,
      target: `±${100 * band} %`,
      met: least >= -band && most <= band,
      details: `around ${digits(middle)} µs/atom; by size ${times.map(digits).join(', ')}`,
    };
  });
}

function timePanel(title, x, results) {
  const sizeOf = ({ atoms, structures }) => (x === 'atoms' ? atoms : structures);
  return {
    title,
    x,
    y: 'µs per atom',
    band: true,
    curves: Object.entries(quantities).map(([name, text]) => {
      const middle = median(results.map((measurement) => microseconds(measurement, name)));
      return {
        name: text,
        points: results.map((measurement) => ({
          x: sizeOf(measurement),
          y: microseconds(measurement, name),
          bandLow: (1 - band) * middle,
          bandHigh: (1 + band) * middle,
        })),
      };
    }),
  };
}

async function memoryOfFeaturize(context) {
  const config = workFile('growth-featurize.json');
  // Few features, so that a hundred thousand molecules fit on a disk.
  const hyperparameters = { basis: { maxAngular: 3, radial: { count: 4 } } };
  writeFileSync(config, JSON.stringify(hyperparameters));
  const output = workFile('growth-featurize.npy');
  const results = [];
  for (const structures of sizes(context).featurized) {
    context.log(`featurize, ${structures} molecules`);
    const file = await written('growth-featurize', ethanolMolecules(structures));
    const flags = { config, output, structures, threads: 1 };
    results.push(await runProgram(ours('featurize.mjs', file), flags));
    rmSync(file);
    rmSync(output);
  }
  return results;
}

const megabytes = ({ peakMemoryBytes }) => peakMemoryBytes / 1e6;

function featurizeRows(results) {
  const peaks = results.map(megabytes);
  const peak = Math.max(...peaks);
  // Up to one group of features memory follows the input; from there on it is not to.
  const settled = results.filter(({ structures }) => structures >= 3000).map(megabytes);
  const growth = settled.length > 1 ? Math.max(...settled) / Math.min(...settled) : undefined;
  const details = `MB by size: ${peaks.map(digits).join(', ')}`;
  const [from, to] = [results[0], results.at(-1)].map((m) => m.structures.toLocaleString('en'));
  return [
    {
      what: `featurize to a file, ${from} to ${to} molecules: peak memory`,
      measured: `${peak.toFixed(0)} MB`,
      target: `≤ ${featurizeBound / 1e6} MB`,
      met: 1e6 * peak <= featurizeBound,
      details: `16 MB of features at a time + 200 MB; ${details}`,
    },
    ...(growth === undefined
      ? []
      : [
          {
            what: 'featurize to a file, from 3,000 molecules on: peak memory, largest / least',
            measured: `${growth.toFixed(2)}×`,
            target: `≤ ${1 + band}×`,
            met: growth <= 1 + band,
            details,
          },
        ]),
  ];
}

async function memoryOfTraining(context) {
  const { trained, sparse } = sizes(context);
  const [few, ...more] = sparse;
  const middle = trained[Math.floor(trained.length / 2)];
  const results = [];
  for (const [structures, points] of [
    ...trained.map((structures) => [structures, few]),
    ...more.map((points) => [middle, points]),
  ]) {
    context.log(`training, ${structures} molecules, M = ${points}`);
    const molecules = ethanolMolecules(structures, 5);
    const file = await written('growth-training', molecules, { labelled: true });
    const model = workFile('growth-training.soapstone');
    const basis = { count: 6, maxAngular: 4 };
    results.push(await train(file, { model, threads: 1, sparse: points, ...basis }));
    rmSync(file);
  }
  return results;
}

function trainingRow(measurement) {
  const { structures, sparsePoints, peakMemoryBytes, seconds } = measurement;
  const most = trainingBound(sparsePoints);
  return {
    what: `training with forces, ${structures.toLocaleString('en')} molecules, M = ${sparsePoints}: peak memory`,
    measured: `${megabytes(measurement).toFixed(0)} MB`,
    target: `≤ ${(most / 1e6).toFixed(0)} MB`,
    met: peakMemoryBytes <= most,
    details: `${bound.matrices} · 8 M² + ${bound.constant / 1e6} MB; ${digits(seconds)} s`,
  };
}

function memoryPanels(featurized, trained, context) {
  const curve = (name, results) => ({
    name,
    points: results.map((measurement) => ({
      x: measurement.structures,
      y: megabytes(measurement),
    })),
  });
  const counts = [...new Set(sizes(context).sparse)];
  return [
    {
      title: 'featurize to a file',
      x: 'molecules',
      y: 'peak memory, MB',
      curves: [curve('the whole process', featurized)],
    },
    {
      title: 'Training with forces',
      x: 'molecules',
      y: 'peak memory, MB',
      curves: counts.map((points) =>
        curve(
          `M = ${points}`,
          trained.filter(({ sparsePoints }) => sparsePoints === points),
        ),
      ),
    },
  ];
}
