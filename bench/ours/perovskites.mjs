// Learning curves of the formation energy of perovskites of 56 elements, for kernels that know nothing of how alike
// elements are, or learn it: perovskites.mjs TRAIN.xyz --test TEST.xyz [--sizes 50,100] [--method alternating]
// [--state FOLDER, to go on; one for each method]
//
// All are full Gaussian processes on structures. Channels: means over pairs of environments of (p̂ · p̂')². All elements:
// (P̂ · P̂')^ζ of the mean rows P of structures, whose products are those of the elements that two structures share;
// ζ = 1 or 2. Noise, and ζ of all elements, are those with the least leave-one-out error of the training set. How far the
// weights of channels go from where they start errs least on every fifth structure of the training set (of its first
// 500), held out. In the compound, of ζ = 1, it is what makes labels of these most likely, given the others, and so are
// its weights; beyond 1000 structures weights are those of up to 500 of which channels have not learned.

import path from 'node:path';

import {
  alchemicalCoupling,
  GaussianProcess,
  kernelMatrix,
  learnChannels,
  maximizeWeightLikelihood,
  PowerSpectrum,
  readStructures,
  structureKernel,
} from '../../dist/index.js';
import { emit, parse } from './measure.mjs';
import { shuffled } from './shuffled.mjs';

const flags = parse({
  test: '',
  sizes: '50,100,200,500,1000,2000,3787',
  target: 'heat_all',
  method: 'likelihood',
  state: '',
});
const sizes = flags.sizes.split(',').map(Number);
const largest = Math.max(...sizes);
const run = { threads: flags.threads };

const given = shuffled(await readStructures(flags.file));
const tested = await readStructures(flags.test);
// Beyond the training set, structures of the test set are learned from, and no longer tested.
const borrowed = Math.max(0, largest - given.length);
const train = [...given, ...tested.slice(0, borrowed)].slice(0, largest);
const test = tested.slice(borrowed);
const species = [...new Set([...given, ...tested].flatMap(({ species }) => [...species]))];
const labels = (structures) => structures.map(({ info }) => info[flags.target]);
const [known, wanted] = [labels(train), labels(test)];

const density = (radius) => ({
  cutoff: { radius, smoothing: { width: 1 } },
  density: { width: 0.5, scaling: { type: 'willatt', scale: 2.5, rate: 1, exponent: 4 } },
  basis: { maxAngular: 4, radial: { count: 4 } },
});
const offsetsOf = (structures) => Int32Array.from([0, ...structures].map((_, s) => 5 * s)); // five atoms each

/** Kernels of channels: rows train then test, columns the first `count` of train. */
async function channelKernel(channels, count, tested = true) {
  const soap = new PowerSpectrum({ ...density(5), species, channels });
  const own = train.slice(0, count);
  const columns = await soap.compute(own, run);
  const kernel = { type: 'dot-product', zeta: 2 };
  const options = { ...run, aggregate: 'mean' };
  const of = async (structures, x) =>
    structureKernel(x, offsetsOf(structures), columns, offsetsOf(own), kernel, options);
  return {
    train: (await of(own, columns)).values,
    ...(tested && { test: (await of(test, await soap.compute(test, run))).values }),
    count,
  };
}

/** Products of the mean rows of all structures, elements kept apart, a block for each pair of elements. */
async function elementKernel(radius) {
  const places = [1, 2, 3, 4, 5];
  const soap = new PowerSpectrum({ ...density(radius), species: places, normalize: false });
  const all = [...train, ...test];
  // Atoms stand for elements of their own, which are then what they are: 5 channels instead of 56.
  const relabelled = all.map((structure) => ({
    positions: [...Array(5).keys()].map((i) => [...structure.positions.subarray(3 * i, 3 * i + 3)]),
    species: places,
    cell: [0, 1, 2].map((k) => [...structure.cell.subarray(3 * k, 3 * k + 3)]),
    pbc: true,
  }));
  const { values, columns } = await soap.compute(relabelled, run);
  const place = soap.labels.map(({ species: [a, b], l, n: [n, m] }) => ({
    a: a - 1,
    b: b - 1,
    l,
    n,
    m,
  }));
  const size = 5 * 4 * 4;
  const blocks = new Map();
  const norms = new Float64Array(all.length);
  all.forEach(({ species: elements }, s) => {
    const sum = new Map();
    for (let i = 0; i < 5; i++) {
      const row = new Map();
      const add = (a, b, at, value) => {
        const key = 200 * elements[a] + elements[b];
        let block = row.get(key);
        if (!block) row.set(key, (block = new Float64Array(size)));
        block[at] += value;
      };
      place.forEach(({ a, b, l, n, m }, column) => {
        const value = values[(5 * s + i) * columns + column];
        if (a === b && n === m) return add(a, b, (4 * l + n) * 4 + m, value);
        add(a, b, (4 * l + n) * 4 + m, value * Math.SQRT1_2);
        add(b, a, (4 * l + m) * 4 + n, value * Math.SQRT1_2);
      });
      const square = [...row.values()].reduce(
        (x, block) => x + block.reduce((y, v) => y + v * v, 0),
        0,
      );
      for (const [key, block] of row) {
        let mean = sum.get(key);
        if (!mean) sum.set(key, (mean = new Float64Array(size)));
        block.forEach((v, k) => (mean[k] += v / Math.sqrt(square)));
      }
    }
    for (const [key, block] of sum) {
      // (α, β) and (β, α) hold the same.
      if (Math.floor(key / 200) > key % 200) continue;
      if (!blocks.has(key)) blocks.set(key, { rows: [], values: [] });
      const scale = Math.floor(key / 200) === key % 200 ? 1 : Math.SQRT2;
      const { rows, values } = blocks.get(key);
      rows.push(s);
      for (const v of block) values.push(scale * v);
      norms[s] += scale ** 2 * block.reduce((y, v) => y + v * v, 0);
    }
  });
  const product = new Float64Array(all.length * largest);
  const linear = { type: 'dot-product', zeta: 1, normalize: false };
  for (const { rows, values } of blocks.values()) {
    const x = { values: Float64Array.from(values), rows: rows.length, columns: size };
    const own = rows.filter((s) => s < largest).length;
    if (own === 0) continue;
    const y = { values: x.values.slice(0, own * size), rows: own, columns: size };
    const { values: k } = await kernelMatrix(x, y, linear, run);
    rows.forEach((s, i) => {
      for (let j = 0; j < own; j++) product[s * largest + rows[j]] += k[i * own + j];
    });
  }
  for (let s = 0; s < all.length; s++) {
    for (let j = 0; j < largest; j++) product[s * largest + j] /= Math.sqrt(norms[s] * norms[j]);
  }
  return {
    train: product.subarray(0, largest ** 2),
    test: product.subarray(largest ** 2),
    count: largest,
  };
}

/** The kernels of the first n structures. */
function part({ train: all, test: tests, count }, n) {
  const cut = (values, rows) => {
    const result = new Float64Array(rows * n);
    for (let i = 0; i < rows; i++) result.set(values.subarray(i * count, i * count + n), i * n);
    return result;
  };
  return { train: cut(all, n), test: cut(tests, test.length), count: n };
}

const sum = (kernels, weights) => {
  const of = (side) =>
    kernels.reduce(
      (total, kernel, k) => total.map((x, i) => x + weights[k] * kernel[side][i]),
      new Float64Array(kernels[0][side].length),
    );
  const tested = kernels.every(({ test }) => test);
  return { train: of('train'), ...(tested && { test: of('test') }), count: kernels[0].count };
};
const power = ({ train, test, count }, zeta) => ({
  train: train.map((k) => k ** zeta),
  test: test.map((k) => k ** zeta),
  count,
});

/** The process with the noise of least leave-one-out error, of which that is returned, too. */
async function fit({ train: kernel, count: n }, some = [...Array(n).keys()]) {
  const mean = some.reduce((x, s) => x + known[s], 0) / n;
  const targets = { values: Float64Array.from(some, (s) => known[s] - mean), shape: [n, 1] };
  let best;
  for (let exponent = -6; exponent <= -0.5; exponent += n > 1000 ? 1 : 0.5) {
    const noise = Math.sqrt(10 ** exponent);
    try {
      const matrix = { values: kernel, shape: [n, n] };
      const process = await GaussianProcess.fit(matrix, targets, { ...run, noise });
      const { predictions } = await process.leaveOneOut(run);
      const square = predictions.values.reduce((x, y, i) => x + (y - targets.values[i]) ** 2, 0);
      const error = Math.sqrt(square / n);
      if (!(error >= best?.error)) best = { error, process, mean, noise };
    } catch (error) {
      if (error.code !== 'NUMERICAL') throw error;
    }
  }
  return best;
}

function maeOf({ test: kernel, count }, { process, mean }) {
  const weights = process.weights.values;
  return (
    wanted.reduce((total, y, t) => {
      let predicted = mean;
      for (let i = 0; i < count; i++) predicted += kernel[t * count + i] * weights[i];
      return total + Math.abs(predicted - y);
    }, 0) / wanted.length
  );
}

/** The candidate with the least leave-one-out error. */
async function judged(candidates) {
  let best;
  for (const { kernel, ...details } of candidates) {
    const own = await fit(kernel());
    if (own.error < (best?.error ?? Infinity)) best = { ...own, details, kernel };
  }
  return {
    mae: maeOf(best.kernel(), best),
    leaveOneOut: best.error,
    noise: best.noise,
    ...best.details,
  };
}

const report = (model, size, started, result) =>
  emit(flags, test, 'perovskites', {
    model,
    size,
    test: test.length,
    seconds: (performance.now() - started) / 1000,
    ...result,
  });

const elements = await elementKernel(5);
const scales = [elements, await elementKernel(3.5), await elementKernel(4.2)];
const alchemical = await channelKernel(
  alchemicalCoupling(species, { type: 'electronegativity', width: 0.5 }, { count: 6 }).channels,
  largest,
);

const learn = (some, count, spread) =>
  learnChannels(
    some.map((s) => train[s]),
    some.map((s) => known[s]),
    {
      representation: { ...density(5), species },
      count,
      spread,
      method: flags.method,
      ...run,
      ...(flags.state && {
        state: path.join(flags.state, `${some.length}-${some.at(-1)}-${count}-${spread}.json`),
      }),
    },
  );

/** Rows × columns of a kernel of all training structures. */
const block = ({ train: all, count }, rows, columns) =>
  Float64Array.from({ length: rows.length * columns.length }, (_, k) => {
    const [i, j] = [Math.floor(k / columns.length), k % columns.length];
    return all[rows[i] * count + columns[j]];
  });

/** The mean absolute error on every fifth structure of what is learned from the others. */
async function heldOutError(kernel, fitted, held) {
  const own = await fit({ train: block(kernel, fitted, fitted), count: fitted.length }, fitted);
  const rows = block(kernel, held, fitted);
  const weights = own.process.weights.values;
  return (
    held.reduce((total, s, h) => {
      const at = h * fitted.length;
      const predicted = weights.reduce((y, w, i) => y + w * rows[at + i], own.mean);
      return total + Math.abs(predicted - known[s]);
    }, 0) / held.length
  );
}

/** All elements at three cutoffs, and channels. */
const parts = (kernel) => [...scales.map((scale) => part(scale, kernel.count)), kernel];

/**
 * The weights of a compound with which labels of others are most likely, given those that channels were learned from, and
 * how likely that is.
 */
async function weigh(kernel, learned, others) {
  const some = [...learned, ...others];
  const mean = learned.reduce((x, s) => x + known[s], 0) / learned.length;
  const square = learned.reduce((x, s) => x + (known[s] - mean) ** 2, 0) / learned.length;
  const shape = [some.length, some.length];
  const { weights, logMarginalLikelihood } = await maximizeWeightLikelihood(
    [
      {
        kernels: parts(kernel).map((own) => ({ values: block(own, some, some), shape })),
        targets: {
          values: Float64Array.from(some, (s) => (known[s] - mean) / Math.sqrt(square)),
          shape: [some.length, 1],
        },
        noise: 0.1,
        given: learned.length,
      },
    ],
    { weights: [0.1, 0.1, 0.1, 1], ...run },
  );
  const total = weights.reduce((x, w) => x + w);
  return { weights: weights.map((w) => w / total), logMarginalLikelihood };
}

/** How far learning may go: what errs least on held-out structures of the first n, or makes them most likely. */
async function choose(n) {
  const indices = [...Array(n).keys()];
  const [held, fitted] = [true, false].map((side) => indices.filter((s) => (s % 5 === 4) === side));
  const choice = {};
  for (const count of [1, 2, 4]) {
    let best;
    for (const spread of [0.03, 0.1, 0.3]) {
      const { channels } = await learn(fitted, count, spread);
      const kernel = await channelKernel(channels, n, false);
      const error = await heldOutError(kernel, fitted, held);
      if (!(error >= best?.error)) best = { error, spread };
      if (count < 4) continue;
      const weighed = await weigh(kernel, fitted, held);
      const likely = choice.compound?.logMarginalLikelihood;
      if (!(weighed.logMarginalLikelihood <= likely)) choice.compound = { spread, ...weighed };
    }
    choice[count] = best.spread;
  }
  return choice;
}

let choice;
for (const size of sizes) {
  let started = performance.now();
  const all = part(elements, size);
  const powers = [1, 2].map((zeta) => ({ zeta, kernel: () => power(all, zeta) }));
  report('elements', size, started, await judged(powers));
  started = performance.now();
  const pair = [{ kernel: () => part(alchemical, size) }];
  report('electronegativity', size, started, await judged(pair));
  started = performance.now();
  if (!choice || size <= 500) choice = await choose(Math.min(size, 500));
  const chosen = (performance.now() - started) / 1000;
  let last;
  for (const count of [1, 2, 4]) {
    started = performance.now();
    const { channels, starts } = await learn([...Array(size).keys()], count, choice[count]);
    last = await channelKernel(channels, size);
    report(`d = ${count}`, size, started, {
      ...(await judged([{ kernel: () => last }])),
      spread: choice[count],
      chosen,
      likelihood: starts.map(({ first, value, iteration }) => ({ first, value, iteration })),
      ...(count === 2 && { weights: channels.weights }),
    });
  }
  started = performance.now();
  const { spread } = choice.compound;
  if (spread !== choice[4]) {
    const { channels } = await learn([...Array(size).keys()], 4, spread);
    last = await channelKernel(channels, size);
  }
  // Channels are learned from so many at most; where there are others, weights follow from these.
  const learned = evenly(size, 1000);
  const unseen = [...Array(size).keys()].filter((s) => !learned.includes(s));
  const others = evenly(unseen.length, 500).map((k) => unseen[k]);
  const { weights } = others.length > 0 ? await weigh(last, learned, others) : choice.compound;
  const joint = [{ weights, spread, kernel: () => sum(parts(last), weights) }];
  report('compound', size, started, await judged(joint));
}

/** So many of the indices below count, as learnChannels takes them. */
function evenly(count, most) {
  const taken = Math.min(count, most);
  return Array.from({ length: taken }, (_, k) => Math.floor((k * count) / taken));
}
