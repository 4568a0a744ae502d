import { z } from 'zod';

import { evenly } from '../common/arrays';
import { pathOf } from '../common/files';
import type { FilePath } from '../common/files';
import { integerBetween, positive, validate } from '../common/validation';
import type { ResolvedChannels } from '../density/channels';
import { InvalidInputError } from '../errors';
import type { AsyncOptions } from '../native/call';
import { createEnvironmentRepresentation } from '../representations/environments';
import type { EnvironmentHyperparameters } from '../representations';
import { toBatchInTurns } from '../structures/batch';
import { chemicalSymbols } from '../structures/elements';
import { requireStructures } from '../structures/input';
import type { StructureLike } from '../structures/structure';
import { alternateLeastSquares } from './channel-alternation';
import { descendLikelihood } from './channel-descent';
import { ChannelLikelihood } from './channel-likelihood';
import { ChannelPrior } from './channel-prior';
import { ChannelState } from './channel-state';
import type { ChannelStart } from './channel-state';
import { checkWeights } from './labels';

/** What learning of weights takes that the kernel does not decide. */
export const learningShape = {
  /** Number of channels d_J. */
  count: integerBetween(1, 100),
  /** L-BFGS on the likelihood; or least squares of the regression's weights and of u by turns. */
  method: z.enum(['likelihood', 'alternating']).default('likelihood'),
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
  /**
   * Standard deviation σ of the labels' noise, in units of the standard deviation s of the process, to begin with.
   * Default √0.001 ≈ 0.03.
   */
  noise: positive().default(Math.sqrt(1e-3)),
});

/** As a user writes it. */
export type ChannelLearning = z.input<typeof learningSchema>;

export interface LearnChannelsOptions extends ChannelLearning, AsyncOptions {
  /** Of the environments, with the elements that structures may hold; its `channels` are what is learned. */
  readonly representation: EnvironmentHyperparameters;
  /** How much each label counts, numbers > 0: the variance of its noise is divided by it. Default 1. */
  readonly sampleWeights?: ArrayLike<number> | undefined;
  /** File that keeps how far each start is: learning that was cut off goes on with it. */
  readonly state?: FilePath | undefined;
}

/** Weights that make labels most likely. */
export interface LearnedChannels {
  /** u, for every element of the representation. */
  readonly channels: Extract<ResolvedChannels, { type: 'given' }>;
  /** Standard deviation σ of the labels' noise, in units of the standard deviation s of the process. */
  readonly noise: number;
  /** −ln p of the labels, in units of their standard deviation, with the prior of the weights. */
  readonly value: number;
  /** Of each start, what it began and ended with. */
  readonly starts: readonly ChannelStart[];
}

const methods = { likelihood: descendLikelihood, alternating: alternateLeastSquares };

/**
 * Learns which elements are alike: the weights u_αJ with which a density mixes them to few channels, so that a Gaussian
 * process on structures finds labels most likely (type II maximum likelihood), by L-BFGS with exact gradients or by
 * alternating least squares, which is judged by the same likelihood. Weights begin with those that follow from properties
 * of the elements and depart from there under a normal prior, whose covariance is the likeness of elements: what is
 * learned of one moves those that are like it, also where they have no
 * labels. Idea: M. J. Willatt, F. Musil and M. Ceriotti, Phys. Chem. Chem. Phys. 20, 29661 (2018).
 *
 * @param labels a number for each structure; their mean is taken off.
 * @throws InvalidInputError for labels that are too few, not finite or all the same, weights that are not > 0, or more
 *   channels than elements.
 */
export async function learnChannels(
  structures: readonly StructureLike[],
  labels: ArrayLike<number>,
  settings: LearnChannelsOptions,
): Promise<LearnedChannels> {
  validate(z.looseObject({ representation: z.looseObject({}) }), settings, 'options');
  const {
    representation,
    sampleWeights,
    state: file,
    threads,
    signal,
    onProgress,
    ...given
  } = settings;
  requireStructures(structures);
  const { method, ...options } = validate(learningSchema, given);
  checkLabels(labels, structures.length);
  const counted =
    sampleWeights &&
    checkWeights(Float64Array.from(sampleWeights), structures.length, 'sampleWeights');
  const { count, starts, iterations, spread, samples, seed } = options;
  const run = { threads, signal };
  const learned = createEnvironmentRepresentation({
    ...representation,
    channels: { type: 'random', count },
  });
  const { species } = learned.hyperparameters;
  const some = evenly(structures.length, samples);
  const counts = counted && Float64Array.from(some, (s) => counted[s]!);
  const y = centred(
    some.map((s) => labels[s]!),
    counts,
  );
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
  const known = { values: y, weights: counts };
  // λ = σ²/s², as states hold it, less what squaring rounds: those of equal settings go on.
  const ridge = Number((options.noise ** 2).toPrecision(15));
  const problem = { likelihood, prior, labels: known, spread, ridge, run };
  const state = await ChannelState.open(file === undefined ? undefined : pathOf(file, 'state'), {
    representation: learned.hyperparameters,
    options: { ...options, noise: ridge, iterations: 0, starts: 0 },
    // Files from before there was a choice are of the likelihood.
    method: method === 'likelihood' ? undefined : method,
    positions: Array.from(batch.positions),
    labels: Array.from(y),
    sampleWeights: counts && Array.from(counts),
  });

  const ends: ChannelStart[] = [];
  for (let start = 0; start < starts; start++) {
    const origin = prior.origin(start, seed);
    const before = state.starts[start];
    const over = before && (before.done || before.iteration >= iterations);
    const end = over
      ? before
      : await methods[method](problem, {
          origin,
          before,
          iterations,
          keep: (latest) => state.keep([...ends, latest]),
          onIteration: (iteration) =>
            onProgress?.(start * iterations + iteration, starts * iterations),
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
    noise: Math.sqrt(Math.exp(best.x.at(-1)!)),
    value: best.value,
    starts: ends,
  };
}

/** @throws InvalidInputError unless there is a finite number for each structure, and one structure at least. */
function checkLabels(labels: ArrayLike<number>, structures: number): void {
  if (structures === 0) {
    throw new InvalidInputError('expected at least one structure, got none', {
      path: 'structures',
    });
  }
  if (labels.length !== structures) {
    throw new InvalidInputError(
      `expected a label for each of the ${structures} structures, got ${labels.length}`,
      { path: 'labels' },
    );
  }
  for (let i = 0; i < structures; i++) {
    if (Number.isFinite(labels[i])) continue;
    throw new InvalidInputError(`expected a finite number, got ${labels[i]}`, {
      path: `labels[${i}]`,
    });
  }
}

/** Numbers less their mean, with a variance of 1. */
function centred(labels: readonly number[], weights?: Float64Array): Float64Array {
  const meanOf = (values: Iterable<number>) => {
    let [sum, total, i] = [0, 0, 0];
    for (const value of values) {
      const weight = weights?.[i++] ?? 1;
      sum += weight * value;
      total += weight;
    }
    return sum / total;
  };
  const mean = meanOf(labels);
  const rest = Float64Array.from(labels, (y) => y - mean);
  const deviation = Math.sqrt(meanOf(rest.map((y) => y * y)));
  const largest = labels.reduce((most, y) => Math.max(most, Math.abs(y)), 0);
  if (deviation > 1e-12 * largest) return rest.map((y) => y / deviation);
  throw new InvalidInputError(
    `expected labels that differ, got ${labels.length} of ${mean}: they say nothing about elements`,
    { path: 'labels' },
  );
}
