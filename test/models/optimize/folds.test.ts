import { assignFolds } from '../../../ts/models/optimize/folds';

test('folds are about equally large, and the same for the same seed', () => {
  const folds = assignFolds(23, 5, 4);
  const sizes = [0, 1, 2, 3, 4].map((k) => folds.filter((fold) => fold === k).length);
  expect(sizes.sort()).toEqual([4, 4, 5, 5, 5]);
  expect(assignFolds(23, 5, 4)).toEqual(folds);
  expect(assignFolds(23, 5, 5)).not.toEqual(folds);
});

test('groups stay together', () => {
  const groups = [...'aaaaaabbbbccdefg'];
  const folds = assignFolds(groups.length, 3, 0, groups);
  const foldsOf = new Map<string, Set<number>>();
  groups.forEach((group, item) => {
    foldsOf.set(group, (foldsOf.get(group) ?? new Set()).add(folds[item]!));
  });
  for (const found of foldsOf.values()) expect(found.size).toBe(1);
  const sizes = [0, 1, 2].map((k) => folds.filter((fold) => fold === k).length);
  expect(sizes.sort()).toEqual([5, 5, 6]);
});

test('fewer items or groups than folds are an error', () => {
  expect(() => assignFolds(3, 4, 0)).toThrow(
    'folds: expected at most 3, as many as structures, got 4',
  );
  expect(() => assignFolds(4, 3, 0, [...'aabb'])).toThrow(
    'folds: expected at most 2, as many as groups of structures, got 3',
  );
  expect(() => assignFolds(4, 1, 0)).toThrow('folds: expected an integer of at least 2, got 1');
});
