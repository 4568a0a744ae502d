import { z } from 'zod';

import { checkOptions } from '../common/options';
import type { KeysOf } from '../common/options';
import { randomNumbers, shuffled } from '../common/random';
import { integerBetween, validate } from '../common/validation';
import { InvalidInputError } from '../errors';

export interface FoldOptions {
  /** Number of folds, or as many as there are samples, or groups. Default 5. */
  readonly folds?: number | 'leave-one-out' | undefined;
  /**
   * The group of each sample: a group is never divided, so that what is alike, such as snapshots of one trajectory, is
   * not on both sides. Default: each sample is a group.
   */
  readonly groups?: readonly (string | number)[] | undefined;
  /** Other seeds share out otherwise. Default 0. */
  readonly seed?: number | undefined;
}

const foldKeys: KeysOf<FoldOptions> = { folds: true, groups: true, seed: true };

/** Samples to train on, and those to test on, by their numbers, ascending. */
export interface Fold {
  readonly training: readonly number[];
  readonly test: readonly number[];
}

/**
 * Shares samples among folds for cross-validation: k-fold, by groups, or leaving one sample or group out at a time.
 * Folds are about equally large, all of them have samples. The same seed gives the same folds on every machine.
 *
 * What leaving one out gives is known in closed form for a `GaussianProcess` and for `RidgeRegression`.
 *
 * @returns the fold of each of the `count` samples, 0 … folds − 1.
 * @throws InvalidInputError when there are fewer samples, or groups, than folds.
 *
 * @example
 * const folds = assignFolds(structures.length, { folds: 5, groups: structures.map(molecule) });
 * for (const { training, test } of foldsOf(folds)) …
 */
export function assignFolds(count: number, given: FoldOptions = {}): number[] {
  const { folds = 5, groups, seed = 0 } = checkOptions(given, foldKeys);
  validate(integerBetween(0, Infinity), count, 'count');
  validate(integerBetween(0, 2 ** 32 - 1), seed, 'seed');
  if (groups && groups.length !== count) {
    throw new InvalidInputError(
      `expected ${count} groups, one for each sample, got ${groups.length}`,
      {
        path: 'groups',
      },
    );
  }
  const members = new Map<string | number, number[]>();
  for (let item = 0; item < count; item++) {
    const group = groups?.[item] ?? item;
    const known = members.get(group);
    if (known) known.push(item);
    else members.set(group, [item]);
  }
  const one = folds === 'leave-one-out';
  const wanted = one ? members.size : validate(integerBetween(2, Infinity), folds, 'folds');
  if (members.size < Math.max(2, wanted)) {
    const most = `as many as ${groups ? 'groups' : 'samples'}`;
    throw new InvalidInputError(
      one
        ? `expected at least 2 ${groups ? 'groups' : 'samples'} to leave one out, got ${members.size}`
        : `expected at most ${members.size}, ${most}, got ${wanted}`,
      { path: 'folds' },
    );
  }
  const result = Array.from({ length: count }, () => 0);
  if (one) {
    [...members.values()].forEach((group, fold) => group.forEach((item) => (result[item] = fold)));
    return result;
  }
  // Large groups first, each to the fold that has least: a stable sort keeps the random order among equals.
  const order = shuffled([...members.values()], randomNumbers(seed));
  order.sort((a, b) => b.length - a.length);
  const sizes = Array.from({ length: wanted }, () => 0);
  for (const group of order) {
    const fold = sizes.indexOf(Math.min(...sizes));
    sizes[fold]! += group.length;
    for (const item of group) result[item] = fold;
  }
  return result;
}

/** Training and test samples of each fold that {@link assignFolds} gave. */
export function foldsOf(assigned: readonly number[]): Fold[] {
  validate(z.array(integerBetween(0, 2 ** 31 - 1)), assigned, 'assigned');
  const count = assigned.reduce((most, fold) => Math.max(most, fold + 1), 0);
  return Array.from({ length: count }, (_, k) => {
    const training: number[] = [];
    const test: number[] = [];
    assigned.forEach((fold, item) => (fold === k ? test : training).push(item));
    return { training, test };
  });
}
