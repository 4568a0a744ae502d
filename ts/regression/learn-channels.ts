import { z } from 'zod';

import { evenly } from '../common/arrays';
import { integerBetween, positive, validate } from '../common/validation';
import type { ResolvedChannels } from '../density/channels';
import { InvalidInputError, isNumerical } from '../errors';
import type { AsyncOptions } from '../native/call';
import { createEnvironmentRepresentation } from '../representations/environments';
import type { EnvironmentHyperparameters } from '../representations';
import { toBatchInTurns } from '../structures/batch';
import { chemicalSymbols } from '../structures/elements';
import type { StructureLike } from '../structures/structure';
import { minimizeInBox } from './box-minimizer';
import type { Slope } from './box-minimizer';
import { ChannelLikelihood } from './channel-likelihood';
import { ChannelPrior } from './channel-prior';
import { ChannelState } from './channel-state';
import type { ChannelStart } from './channel-state';

/** What learning of weights takes that the kernel does not decide. */
export const learningShape = {
  /** Number of channels d_J. */
  count: integerBetween(1, 100),
  /** The first from properties of the elements, others at random; the most likely end counts. */
  starts: integerBetween(1, 1000).default(1),
  /** Steps of each start, at most. */
  iterations: integerBetween(1, 100_000).default(60),
  /**
   * How far weights go from where they started, in standard deviations of a normal prior under which elements that are
   * alike move together.
   */
  spread: positive().default(0.3),
  /** Samples that the likelihood is of, at most. */
  samples: integerBetween(2, 100_000).default(1000),
  seed: integerBetween(0, 2 ** 32 - 1).default(0),
};

/** How weights of channels are learned. */
export const learningSchema = z.strictObject({
  ...learningShape,
  /** Power of the dot product of normalised features. */
  zeta: integerBetween(1, 12).default(2),
  aggregate: z.enum(['sum', 'mean']).default('mean'),
  /** Whether only environments of centres of one element have a kernel. */
  sameElement: z.boolean().default(false),
  /** Variance of the labels' noise relative to that of the process, to begin with. */
  noise: positive().default(1e-3),
});

/** As a user writes it. */
export type ChannelLearning = z.input<typeof learningSchema>;

export interface LearnChannelsOptions extends ChannelLearning, AsyncOptions {
  /** Of the environments, with the elements that structures may hold; its `channels` are what is learned. */
  readonly representation: EnvironmentHyperparameters;
  /** File that keeps how far each start is: learning that was cut off goes on with it. */
  readonly state?: string | undefined;
}

/** Weights that make labels most likely. */
export interface LearnedChannels {
  /** u, for every element of the representation. */
  readonly channels: Extract<ResolvedChannels, { type: 'given' }>;
  /** λ. */
  readonly noise: number;
  /** −ln p of the labels, in units of their standard deviation, with the prior of the weights. */
  readonly value: number;
  /** Of each start, what it began and ended with. */
  readonly starts: readonly ChannelStart[];
}

/** λ stays within. */
const noiseRange = [1e-8, 1] as const;
/** A longer step of a weight, or of ln λ, is more than slopes can tell. */
const longestStep = 1;
/** No slope of −ln p is larger at the end. */
const tolerance = 1e-2;

/**
 * Learns which elements are alike: the weights u_αJ with which a density mixes them to few channels, so that a Gaussian
 * process on structures finds labels most likely (type II maximum likelihood), by L-BFGS with exact gradients. Weights
 * begin with those that follow from properties of the elements and depart from there under a normal prior, whose
 * covariance is the likeness of elements: what is learned of one moves those that are like it, also where they have no
 * labels. Idea: M. J. Willatt, F. Musil and M. Ceriotti, Phys. Chem. Chem. Phys. 20, 29661 (2018).
 *
 * @param labels a number for each structure; their mean is taken off.
 * @throws InvalidInputError for labels that are all the same, or more channels than elements.
 */
export async function learnChannels(
  structures: readonly StructureLike[],
  labels: ArrayLike<number>,
  { representation, state: file, threads, signal, onProgress, ...given }: LearnChannelsOptions,
): Promise<LearnedChannels> {
  const options = validate(learningSchema, given);
  const { count, starts, iterations, spread, samples, seed } = options;
  const run = { threads, signal };
  const learned = createEnvironmentRepresentation({
    ...representation,
    channels: { type: 'random', count },
  });
  const { species } = learned.hyperparameters;
  const some = evenly(structures.length, samples);
  const y = centred(some.map((s) => labels[s]!));
  const batch = await toBatchInTurns(
    some.map((s) => structures[s]!),
    learned.source.check,
    signal,
  );
  const likelihood = await ChannelLikelihood.create(
    learned,
    count,
    batch,
    { ...options, offsets: batch.offsets },
    run,
  );
  const prior = new ChannelPrior(species, count);
  const state = await ChannelState.open(file, {
    representation: learned.hyperparameters,
    options: { ...options, iterations: 0, starts: 0 },
    positions: Array.from(batch.positions),
    labels: Array.from(y),
  });

  const ends: ChannelStart[] = [];
  for (let start = 0; start < starts; start++) {
    const origin = prior.origin(start, seed);
    const evaluate = async (x: readonly number[]): Promise<Point | undefined> => {
      const noise = Math.exp(x.at(-1)!);
      const slope = await positiveDefinite(
        likelihood.at(prior.weights(x), y, noise, undefined, run),
      );
      if (!slope) return undefined;
      const departures = origin.map((o, k) => (x[k]! - o) / spread);
      const gradient = prior.gradient(slope.weights).map((g, k) => g + departures[k]! / spread);
      return {
        x,
        value: slope.value + 0.5 * departures.reduce((sum, z) => sum + z * z, 0),
        gradient: [...gradient, slope.noise * noise],
      };
    };
    const end = await descend(evaluate, [...origin, Math.log(options.noise)], {
      before: state.starts[start],
      iterations,
      keep: (latest) => state.keep([...ends, latest]),
      onIteration: (iteration) => onProgress?.(start * iterations + iteration, starts * iterations),
    });
    ends.push(end);
    await state.keep(ends);
  }
  onProgress?.(starts * iterations, starts * iterations);
  const best = ends.reduce((a, b) => (b.value < a.value ? b : a));
  const weights = prior.weights(best.x);
  const row = (a: number) => Array.from(weights.subarray(a * count, (a + 1) * count));
  return {
    channels: {
      type: 'given',
      weights: Object.fromEntries(species.map((number, a) => [chemicalSymbols[number]!, row(a)])),
    },
    noise: Math.exp(best.x.at(-1)!),
    value: best.value,
    starts: ends,
  };
}

/** −ln p with the prior, and where. */
interface Point extends Slope {
  readonly x: readonly number[];
}

/** Goes downhill from a start, or on from where it was. */
async function descend(
  evaluate: (x: readonly number[]) => Promise<Point | undefined>,
  origin: readonly number[],
  {
    before,
    iterations,
    keep,
    onIteration,
  }: {
    readonly before: ChannelStart | undefined;
    readonly iterations: number;
    readonly keep: (latest: ChannelStart) => Promise<void>;
    readonly onIteration: (iteration: number) => void;
  },
): Promise<ChannelStart> {
  if (before && (before.done || before.iteration >= iterations)) return before;
  const x = before?.x ?? origin;
  const at = await evaluate(x);
  if (!at) {
    throw new InvalidInputError('kernels are not positive definite with so little', {
      path: 'noise',
    });
  }
  const first = before?.first ?? at.value;
  const from = before?.iteration ?? 0;
  let iteration = from;
  let latest: ChannelStart | undefined;
  const wall = (most: number, ofNoise: number) =>
    origin.map((_, k) => (k === origin.length - 1 ? Math.log(ofNoise) : most));
  const end = await minimizeInBox(
    async (place) => {
      if (latest) await keep(latest);
      latest = undefined;
      return evaluate(place);
    },
    { x, at },
    { least: wall(-Infinity, noiseRange[0]), most: wall(Infinity, noiseRange[1]) },
    {
      maxIterations: iterations - from,
      gradientTolerance: tolerance,
      longestStep,
      onIteration: (step, { value, x: place }: Point) => {
        iteration = from + step;
        latest = { iteration, first, value, x: [...place], done: false };
        onIteration(iteration);
      },
    },
  );
  return { iteration, first, value: end.at.value, x: [...end.x], done: end.converged };
}

/** Undefined where a matrix is not positive definite. */
const positiveDefinite = <Result>(result: Promise<Result>): Promise<Result | undefined> =>
  result.catch((error: unknown) => {
    if (isNumerical(error)) return undefined;
    throw error;
  });

/** Numbers less their mean, with a variance of 1. */
function centred(labels: readonly number[]): Float64Array {
  const mean = labels.reduce((sum, y) => sum + y, 0) / labels.length;
  const rest = Float64Array.from(labels, (y) => y - mean);
  const deviation = Math.sqrt(rest.reduce((sum, y) => sum + y * y, 0) / rest.length);
  const largest = labels.reduce((most, y) => Math.max(most, Math.abs(y)), 0);
  if (deviation > 1e-12 * largest) return rest.map((y) => y / deviation);
  throw new InvalidInputError(
    `expected labels that differ, got ${labels.length} of ${mean}: they say nothing about elements`,
    { path: 'labels' },
  );
}
