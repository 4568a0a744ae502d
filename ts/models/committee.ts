import { z } from 'zod';

import { randomNumbers, shuffled } from '../common/random';
import { integerBetween, numberThat } from '../common/validation';
import { InvalidInputError } from '../errors';

/*
 * Committees by subsampling: F. Musil, M. J. Willatt, M. A. Langovoy and M. Ceriotti, J. Chem. Theory Comput. 15, 906
 * (2019), Eq. 21 of the review. Each member is fitted to half of the structures, and the spread of the members, times
 * a factor found on structures that they have not seen, is the uncertainty.
 *
 * Structures are shared out among blocks whose normal equations are kept apart; a member takes half of the blocks, its
 * partner the other half. So kernels are computed once for all members, and a member costs one factorisation.
 */

export const uncertaintySchema = z
  .discriminatedUnion('type', [
    /** Variance of the Gaussian process (Eq. 19). */
    z.strictObject({ type: z.literal('variance') }),
    z.strictObject({
      /** Spread of models that are fitted to subsets of the structures (Eq. 21). */
      type: z.literal('committee'),
      /** Number of models. */
      members: integerBetween(8, 256).default(32),
    }),
  ])
  .default({ type: 'variance' });

/** What configurations of all models say of how structures are shared out. */
export const sharingShape = {
  validation: z
    .strictObject({
      /** Part of the structures that is held out to decide what is not given, then fitted with the rest. */
      fraction: numberThat('a number from 0 to 0.5', (x) => x >= 0 && x <= 0.5).default(0.2),
    })
    .prefault({}),
  uncertainty: uncertaintySchema,
  /** Seed of everything random: which structures are held out, which environments are looked at. */
  seed: integerBetween(0, 2 ** 32 - 1).default(0),
};

/** Where error bars come from. */
export type Uncertainty = z.output<typeof uncertaintySchema>;

/** How structures are shared out: groups whose normal equations are kept apart. */
export interface Groups {
  readonly count: number;
  /** The group of each structure. */
  readonly of: Uint8Array;
  /** Groups of held-out structures. */
  readonly heldOut: readonly number[];
  /** For each member of a committee the groups that it does not see; none without a committee. */
  readonly without: readonly (readonly number[])[];
}

/** A committee of fewer structures would say nothing: its blocks would hold one each. */
const fewestStructures = 16;

/**
 * Shares structures out: those that are fitted and those that are held out, which a committee divides further into
 * about equal blocks.
 *
 * @param blocks number of blocks of a committee, even.
 */
export function shareOut(
  structures: number,
  heldOut: ReadonlySet<number>,
  { uncertainty, seed }: { readonly uncertainty: Uncertainty; readonly seed: number } = {
    uncertainty: { type: 'variance' },
    seed: 0,
  },
  blocks = 2,
): Groups {
  if (uncertainty.type === 'variance') {
    const of = Uint8Array.from({ length: structures }, (_, s) => Number(heldOut.has(s)));
    return { count: 2, of, heldOut: [1], without: [] };
  }
  if (structures < fewestStructures) {
    throw new InvalidInputError(
      `a committee needs at least ${fewestStructures} structures, got ${structures}: expected "variance"`,
      { path: 'uncertainty.type' },
    );
  }
  const random = randomNumbers(seed + 3);
  const aside =
    heldOut.size === 0 ? 0 : Math.max(1, Math.round((blocks * heldOut.size) / structures));
  const fitted = blocks - aside;
  const of = new Uint8Array(structures);
  const next = [0, 0];
  for (const s of shuffled([...of.keys()], random)) {
    const side = Number(heldOut.has(s));
    of[s] = side ? fitted + (next[1]!++ % aside) : next[0]!++ % fitted;
  }
  const all = Array.from({ length: blocks }, (_, block) => block);
  const without: number[][] = [];
  while (without.length < uncertainty.members) {
    const order = shuffled(all, random);
    without.push(order.slice(0, blocks / 2), order.slice(blocks / 2));
  }
  without.length = uncertainty.members;
  return { count: blocks, of, heldOut: all.slice(fitted), without };
}

/** Members of each structure that have not seen it. */
export const unseenBy = ({ of, without }: Groups, structure: number): number[] =>
  [...without.keys()].filter((i) => without[i]!.includes(of[structure]!));

/** What members that have not seen a number say about it. */
export interface OutOfBag {
  /** Error of their mean. */
  readonly error: number;
  /** Their variance, as all members of the committee would have it. */
  readonly variance: number;
  /** How many they are. */
  readonly members: number;
}

/**
 * @param predictions of the members for one number.
 * @param unseen the members that were fitted without it.
 * @param blocks number of blocks.
 */
export function outOfBag(
  predictions: (member: number) => number,
  label: number,
  unseen: readonly number[],
  blocks: number,
): OutOfBag {
  const members = unseen.length;
  const mean = unseen.reduce((sum, i) => sum + predictions(i), 0) / members;
  const square = unseen.reduce((sum, i) => sum + (predictions(i) - mean) ** 2, 0);
  // These members take half of all blocks from all but one: the mean of k out of n has a variance of 1 − k/n of that
  // with replacement, so they differ less than members do.
  const taken = blocks / 2;
  const fewer = (1 - taken / blocks) / (1 - taken / (blocks - 1));
  return { error: mean - label, variance: (fewer * square) / (members - 1), members };
}

/**
 * The factor α by which deviations of members from their mean are multiplied, so that their spread agrees with errors.
 *
 * Of few errors it maximises their likelihood; of a few members σ² is uncertain, which biases 1/σ²:
 * α² = (n − 3)/(n − 1) ⟨error²/σ²⟩ − 1/n (G. Imbalzano et al., J. Chem. Phys. 154, 074102, 2021). Of many it goes by
 * quantiles, as {@link amplitudeFor} does; error/σ then is Student's t, wider for n members than for all N.
 *
 * @param ratios |error| / σ of numbers that members had not seen.
 * @param unseen how many members n each σ is of.
 * @param members how many members N predictions have.
 * @param weights how much each ratio counts. Default 1.
 */
export function committeeFactor(
  ratios: Float64Array,
  unseen: number,
  members: number,
  weights = equalWeights(ratios.length),
): number {
  const square =
    effectiveCount(weights) < fewestForQuantiles
      ? ((unseen - 3) / (unseen - 1)) * amplitudeFor(ratios, weights)
      : ([1, 2] as const).reduce(
          (product, z) =>
            (product * studentQuantile(z, members - 1)) / studentQuantile(z, unseen - 1),
          amplitudeFor(ratios, weights),
        );
  return square > 1 / unseen ? Math.sqrt(square - 1 / unseen) : Math.sqrt(Math.max(square, 0)) || 1;
}

/** Where Student's t with ν degrees of freedom has the probability of z standard deviations: Cornish and Fisher. */
const studentQuantile = (z: number, nu: number): number =>
  z + (z ** 3 + z) / (4 * nu) + (5 * z ** 5 + 16 * z ** 3 + 3 * z) / (96 * nu ** 2);

/** Fewer errors than this say little about how many are large. */
const fewestForQuantiles = 100;

/**
 * The variance by which |error|/σ is to be divided so that one and two standard deviations hold 68.3 % and 95.4 % of
 * the errors. A single factor cannot do both where errors have heavier tails than a Gaussian: it is the geometric
 * mean of the two. Of few errors it is the mean square, which maximises their likelihood.
 *
 * @param weights how much each of them counts. Default 1.
 */
export function amplitudeFor(ratios: Float64Array, weights = equalWeights(ratios.length)): number {
  const total = sumOf(weights);
  if (effectiveCount(weights) < fewestForQuantiles) {
    return ratios.reduce((sum, z, i) => sum + weights[i]! * z * z, 0) / total;
  }
  const order = [...ratios.keys()].sort((a, b) => ratios[a]! - ratios[b]!);
  const quantile = (part: number) => {
    const place = part * (total - total / ratios.length);
    let passed = 0;
    return ratios[order.find((i) => (passed += weights[i]!) > place) ?? order.at(-1)!]!;
  };
  return (quantile(0.683) * quantile(0.954)) / 2;
}

/** Weights of samples that all count alike. */
export const equalWeights = (samples: number): Float64Array => new Float64Array(samples).fill(1);

/** So many numbers of equal weights have a mean that is as uncertain as that of these: L. Kish, Survey Sampling (1965). */
export const effectiveCount = (weights: Float64Array): number =>
  weights.length === 0
    ? 0
    : sumOf(weights) ** 2 / weights.reduce((sum, weight) => sum + weight * weight, 0);

export const sumOf = (values: Float64Array): number =>
  values.reduce((sum, value) => sum + value, 0);
