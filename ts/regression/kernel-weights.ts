import { z } from 'zod';

import type { Matrix } from '../common/matrix';
import { checkMatrix } from '../common/matrix';
import { asyncKeys, checkOptions } from '../common/options';
import type { KeysOf } from '../common/options';
import { inTurns } from '../common/turns';
import { integerBetween, positive, validate } from '../common/validation';
import { InvalidInputError } from '../errors';
import { weightedSum } from '../kernels/weighted-kernel';
import type { AsyncOptions } from '../native/call';
import type { Slope } from './box-minimizer';
import { GaussianProcess } from './gaussian-process';
import { checkWeights } from './labels';
import { mostLikely } from './most-likely';
import type { LikelihoodPeak } from './most-likely';

/** Samples whose labels weights are to make likely. */
export interface WeightedSamples {
  /** For each term of the sum its kernel between the N samples, N × N. */
  readonly kernels: readonly Matrix[];
  /** N × T. */
  readonly targets: Matrix;
  /** Standard deviation σ of the labels' noise at the start; that of a sample of weight w is σ / √w. */
  readonly noise: number;
  /** N numbers > 0. Default 1. */
  readonly weights?: Float64Array | undefined;
  /**
   * How many samples, from the first on, have labels that are given: then it is the others, given these, that are to be
   * likely. For kernels that were themselves learned from these labels, which they explain too well. Default 0.
   */
  readonly given?: number | undefined;
}

export interface KernelWeightsOptions extends AsyncOptions {
  /** To begin with, numbers > 0. Default 1. */
  readonly weights?: readonly number[] | undefined;
  /** Default 100. */
  readonly maxIterations?: number | undefined;
  /** The end: no derivative with respect to the logarithm of a weight or noise is larger. Default 10⁻³. */
  readonly tolerance?: number | undefined;
}

const kernelWeightsKeys: KeysOf<KernelWeightsOptions> = {
  ...asyncKeys,
  weights: true,
  maxIterations: true,
  tolerance: true,
};

/** The most likely weights. */
export interface KernelWeights extends LikelihoodPeak {
  /** One for each term. */
  readonly weights: readonly number[];
  /** σ of each set of samples. */
  readonly noise: readonly number[];
}

/** How far from the start weights and noise may go, as a factor. */
const range = { weight: 1e6, noise: 1e3 };

/**
 * Weights of a sum of given kernels that make labels most likely, Σ_t w_t K_t + σ² 1, with the noise of each set: by
 * their logarithms, with exact gradients and L-BFGS in bounds. Sets share the weights. It is what
 * {@link maximizeLogMarginalLikelihood} does for features, with kernels that are computed once. Where labels are given,
 * ln p(y | y_given) = ln p(y, y_given) − ln p(y_given).
 *
 * @example
 * const [near, far] = [await kernelMatrix(a), await kernelMatrix(b)];
 * const { weights, noise } = await maximizeWeightLikelihood([{ kernels: [near, far], targets, noise: 0.1 }]);
 *
 * @throws InvalidInputError naming what is wrong; NumericalError when a kernel matrix is singular for the noise at the
 *   start.
 */
export async function maximizeWeightLikelihood(
  sets: readonly WeightedSamples[],
  options: KernelWeightsOptions = {},
): Promise<KernelWeights> {
  const {
    maxIterations = 100,
    tolerance = 1e-3,
    threads,
    signal,
    onProgress,
  } = checkOptions(options, kernelWeightsKeys);
  validate(integerBetween(1, Infinity), maxIterations, 'maxIterations');
  validate(positive(), tolerance, 'tolerance');
  const weights = checkSets(sets, options.weights);
  const count = weights.length;
  const run = { threads, signal };
  const problems = sets.flatMap((set, index) => [
    { set, index, sign: 1 },
    ...(set.given ? [{ set: firstOf(set, set.given), index, sign: -1 }] : []),
  ]);
  const evaluate = async (x: readonly number[]): Promise<Slope> => {
    const values = x.map(Math.exp);
    const gradient = new Array<number>(x.length).fill(0);
    let value = 0;
    for (const { set, index, sign } of problems) {
      const own = await slopeOf(set, values.slice(0, count), values[count + index]!, run);
      value -= sign * own.value;
      own.weights.forEach((slope, t) => (gradient[t]! -= sign * slope * values[t]!));
      gradient[count + index]! -= sign * own.noise * values[count + index]!;
    }
    return { value, gradient };
  };
  const first = [...weights, ...sets.map(({ noise }) => noise)].map(Math.log);
  const far = first.map((_, k) => Math.log(k < count ? range.weight : range.noise));
  const start = { x: first, at: await evaluate(first) };
  const box = {
    least: first.map((value, k) => value - far[k]!),
    most: first.map((value, k) => value + far[k]!),
  };
  const search = { maxIterations, tolerance, onProgress };
  const { x, peak } = await mostLikely(evaluate, start, box, search);
  const found = x.map(Math.exp);
  return { weights: found.slice(0, count), noise: found.slice(count), ...peak };
}

/** What is read before it is looked at closer. */
const setsSchema = z.array(z.looseObject({ kernels: z.array(z.looseObject({})) }));

/** @returns the weights to begin with. */
function checkSets(
  sets: readonly WeightedSamples[],
  given: readonly number[] | undefined,
): readonly number[] {
  validate(setsSchema, sets, 'sets');
  const count = sets[0]?.kernels.length ?? 0;
  if (count === 0) {
    throw new InvalidInputError('expected at least one kernel', { path: 'sets[0].kernels' });
  }
  for (const [s, set] of sets.entries()) {
    const { kernels, targets, noise, given: known = 0, weights: ofSamples } = set;
    const path = `sets[${s}]`;
    if (kernels.length !== count) {
      throw new InvalidInputError(`expected ${count} as in sets[0], got ${kernels.length}`, {
        path: `${path}.kernels`,
      });
    }
    const { shape } = checkMatrix(targets, `${path}.targets`);
    for (const [t, kernel] of kernels.entries()) {
      checkMatrix(kernel, `${path}.kernels[${t}]`, { rows: shape[0], columns: shape[0] });
    }
    validate(positive(), noise, `${path}.noise`);
    checkWeights(ofSamples, shape[0], `${path}.weights`);
    validate(integerBetween(0, shape[0] - 1), known, `${path}.given`);
  }
  const weights = given ?? new Array<number>(count).fill(1);
  if (weights.length !== count) {
    throw new InvalidInputError(`expected ${count} numbers, got ${weights.length}`, {
      path: 'weights',
    });
  }
  return weights.map((weight, t) => validate(positive(), weight, `weights[${t}]`));
}

/** The first samples of a set. */
function firstOf(
  { kernels, targets, noise, weights }: WeightedSamples,
  count: number,
): WeightedSamples {
  const columns = targets.shape[1];
  return {
    kernels: kernels.map(({ values, shape: [size] }) => {
      const own = new Float64Array(count ** 2);
      for (let i = 0; i < count; i++) {
        own.set(values.subarray(i * size, i * size + count), i * count);
      }
      return { values: own, shape: [count, count] };
    }),
    targets: { values: targets.values.slice(0, count * columns), shape: [count, columns] },
    noise,
    weights: weights?.slice(0, count),
  };
}

/** ln p of a set with its derivatives by the weights and the noise. */
async function slopeOf(
  { kernels, targets, weights: ofSamples }: WeightedSamples,
  weights: readonly number[],
  noise: number,
  run: AsyncOptions,
) {
  const kernel = await inTurns(weightedSum(kernels, weights), run.signal);
  const process = await GaussianProcess.fit(kernel, targets, {
    ...run,
    noise,
    weights: ofSamples,
  });
  const slope = await process.logMarginalLikelihoodGradient(kernels, run);
  return { value: process.logMarginalLikelihood(), weights: slope.kernel, noise: slope.noise };
}
