import { randomNumbers, shuffled } from '../../common/random';
import { integerBetween, validate } from '../../common/validation';
import { InvalidInputError } from '../../errors';

/**
 * Shares items among folds.
 *
 * @param groups the group of each item: a group is never divided, so that what is alike, such as snapshots of one
 *   trajectory, is not on both sides. Each by itself if not given.
 * @returns the fold of each item, 0 … folds − 1; the folds are about equally large, all of them have items.
 * @throws InvalidInputError when there are fewer groups than folds.
 */
export function assignFolds(
  count: number,
  folds: number,
  seed: number,
  groups?: readonly string[],
): number[] {
  validate(integerBetween(2, Infinity), folds, 'folds');
  const members = new Map<string, number[]>();
  for (let item = 0; item < count; item++) {
    const group = groups?.[item] ?? String(item);
    members.set(group, [...(members.get(group) ?? []), item]);
  }
  if (members.size < folds) {
    const what = groups ? 'groups of structures' : 'structures';
    throw new InvalidInputError(
      `expected at most ${members.size}, as many as ${what}, got ${folds}`,
      {
        path: 'folds',
      },
    );
  }
  // Large groups first, each to the fold that has least: a stable sort keeps the random order among equals.
  const order = shuffled([...members.values()], randomNumbers(seed));
  order.sort((a, b) => b.length - a.length);
  const sizes = Array.from({ length: folds }, () => 0);
  const result = Array.from({ length: count }, () => 0);
  for (const group of order) {
    const fold = sizes.indexOf(Math.min(...sizes));
    sizes[fold]! += group.length;
    for (const item of group) result[item] = fold;
  }
  return result;
}
