import {
  GaussianProcess,
  kernelMatrix,
  maximizeLogMarginalLikelihood,
  maximizeWeightLikelihood,
  weightedKernelMatrix,
} from '../../ts';
import type { Matrix, Samples, WeightedSamples } from '../../ts';
import { randomNumbers } from '../../ts/common/random';
import { failing } from '../failing';

const random = randomNumbers(3);
const size = 40;
const features = (columns: number): Samples => ({
  values: Float64Array.from({ length: size * columns }, random),
  rows: size,
  columns,
});
const columnOf = (values: Float64Array): Matrix => ({ values, shape: [values.length, 1] });

/** Labels follow from the first features, a little from the second, and not from the third. */
const terms = [3, 2, 2].map((columns, t) => ({
  x: features(columns),
  kernel: { type: 'gaussian', width: 0.5 + 0.1 * t } as const,
}));
const targets = columnOf(
  Float64Array.from({ length: size }, (_, i) => {
    const at = (t: number, f: number) => terms[t]!.x.values[i * terms[t]!.x.columns + f]!;
    return 3 * Math.sin(4 * at(0, 0)) + at(0, 1) - 2.5 + 0.3 * at(1, 0) ** 2 + random();
  }),
);
const noise = 0.2;
let kernels: readonly Matrix[];
beforeAll(async () => {
  kernels = await Promise.all(terms.map(({ x, kernel }) => kernelMatrix(x, undefined, kernel)));
});

const likelihood = async (weights: readonly number[], sigma: number, count = size) => {
  const values = new Float64Array(count ** 2);
  for (let i = 0; i < count; i++) {
    for (let j = 0; j < count; j++) {
      const own = kernels.map((kernel, t) => weights[t]! * kernel.values[i * size + j]!);
      values[i * count + j] = own.reduce((a, b) => a + b);
    }
  }
  const process = await GaussianProcess.fit(
    { values, shape: [count, count] },
    columnOf(targets.values.slice(0, count)),
    { noise: sigma },
  );
  return process.logMarginalLikelihood();
};

test('finds what the general search finds, with each kernel computed once', async () => {
  const found = await maximizeWeightLikelihood([{ kernels, targets, noise }], { tolerance: 1e-6 });
  const general = await maximizeLogMarginalLikelihood(terms, targets, {
    noise,
    bounds: { width: 'fixed', weight: [1e-6, 1e6] },
    tolerance: 1e-6,
  });
  expect(found.converged).toBe(true);
  expect(found.logMarginalLikelihood).toBeCloseTo(general.logMarginalLikelihood, 6);
  expect(found.noise[0]).toBeCloseTo(general.noise, 4);
  expect(found.weights[0]).toBeGreaterThan(100 * found.weights[2]!);
  expect(found.trace.at(-1)).toBe(found.logMarginalLikelihood);
  expect([...found.trace].sort((a, b) => a - b)).toEqual(found.trace);
  const process = await GaussianProcess.fit(
    await weightedKernelMatrix(terms.map((term, t) => ({ ...term, weight: found.weights[t]! }))),
    targets,
    { noise: found.noise[0]! },
  );
  expect(process.logMarginalLikelihood()).toBeCloseTo(found.logMarginalLikelihood, 8);
});

test('sets share the weights, each with its own noise', async () => {
  const half = (from: number): WeightedSamples => {
    const count = size / 2;
    return {
      kernels: kernels.map(({ values }) => ({
        values: Float64Array.from({ length: count ** 2 }, (_, k) => {
          const [i, j] = [from + Math.floor(k / count), from + (k % count)];
          return values[i * size + j]!;
        }),
        shape: [count, count],
      })),
      targets: columnOf(targets.values.slice(from, from + count)),
      noise,
    };
  };
  const found = await maximizeWeightLikelihood([half(0), half(20)], { tolerance: 1e-5 });
  expect(found.noise).toHaveLength(2);
  const first = await maximizeWeightLikelihood([half(0)], { weights: found.weights });
  const second = await maximizeWeightLikelihood([half(20)], { weights: found.weights });
  // Together they are less likely than each with its own.
  const apart = first.logMarginalLikelihood + second.logMarginalLikelihood;
  expect(found.logMarginalLikelihood).toBeLessThan(apart);
  expect(found.logMarginalLikelihood).toBeGreaterThan(first.trace[0]! + second.trace[0]! - 1e-9);
});

describe('of labels given others', () => {
  const given = 25;

  test('is the difference of two likelihoods, and no step away is higher', async () => {
    const { weights, ...found } = await maximizeWeightLikelihood(
      [{ kernels, targets, noise, given }],
      { tolerance: 1e-6 },
    );
    const at = async (w: readonly number[], sigma: number) =>
      (await likelihood(w, sigma)) - (await likelihood(w, sigma, given));
    const sigma = found.noise[0]!;
    expect(found.logMarginalLikelihood).toBeCloseTo(await at(weights, sigma), 8);
    for (const factor of [0.9, 1.1]) {
      expect(await at(weights, factor * sigma)).toBeLessThan(found.logMarginalLikelihood + 1e-6);
      for (const t of weights.keys()) {
        const moved = weights.map((weight, k) => (k === t ? factor * weight : weight));
        expect(await at(moved, sigma)).toBeLessThan(found.logMarginalLikelihood + 1e-6);
      }
    }
  });

  test('a kernel that learned the given labels by heart does not count', async () => {
    // Beyond the given samples it says nothing.
    const heart = new Float64Array(size ** 2);
    for (let i = 0; i < given; i++) {
      for (let j = 0; j < given; j++) {
        heart[i * size + j] = targets.values[i]! * targets.values[j]!;
      }
    }
    for (let i = given; i < size; i++) heart[i * (size + 1)] = 4 * random();
    const all = [kernels[0]!, { values: heart, shape: [size, size] as const }];
    const share = async (set: Partial<WeightedSamples>) => {
      const { weights } = await maximizeWeightLikelihood([
        { kernels: all, targets, noise, ...set },
      ]);
      return weights[0]! / (weights[0]! + weights[1]!);
    };
    expect(await share({})).toBeLessThan(0.5);
    expect(await share({ given })).toBeGreaterThan(0.95);
  });
});

test('any number of threads gives the same bits; progress ends; an abort is heard', async () => {
  const steps: number[] = [];
  const of = (threads: number) =>
    maximizeWeightLikelihood([{ kernels, targets, noise }], {
      threads,
      onProgress: (done) => steps.push(done),
    });
  expect(await of(2)).toEqual(await of(1));
  expect(steps.length).toBeGreaterThan(2);
  const attempt = maximizeWeightLikelihood([{ kernels, targets, noise }], {
    signal: AbortSignal.abort(),
  });
  await expect(attempt).rejects.toThrow('abort');
});

test.each([
  [[], {}, 'sets[0].kernels: expected at least one kernel'],
  [[{}, { kernels: [] }], {}, 'sets[1].kernels: expected 3 as in sets[0], got 0'],
  [[{ noise: 0 }], {}, 'sets[0].noise: expected a number > 0, got 0'],
  [[{ weights: new Float64Array(size) }], {}, 'sets[0].weights[0]: expected a number > 0, got 0'],
  [[{ given: size }], {}, 'sets[0].given: expected an integer from 0 to 39, got 40'],
  [[{ targets: columnOf(new Float64Array(3)) }], {}, 'sets[0].kernels[0].shape[0]: expected 3'],
  [[{}], { weights: [1, 2] }, 'weights: expected 3 numbers, got 2'],
  [[{}], { weights: [1, 0, 1] }, 'weights[1]: expected a number > 0, got 0'],
])('refused: %j %j', async (sets, options, message) => {
  const all = sets.map((set) => ({ kernels, targets, noise, ...set }));
  await expect(maximizeWeightLikelihood(all, options)).rejects.toThrow(
    failing({
      code: 'INVALID_INPUT',
      message: expect.stringContaining(message) as string,
    }),
  );
});
