import { assignFolds, foldsOf } from '../../ts';

const sizesOf = (folds: number[], count: number) =>
  Array.from({ length: count }, (_, k) => folds.filter((fold) => fold === k).length).sort();

test('folds are about equally large, and the same for the same seed', () => {
  const folds = assignFolds(23, { seed: 4 });
  expect(sizesOf(folds, 5)).toEqual([4, 4, 5, 5, 5]);
  expect(assignFolds(23, { folds: 5, seed: 4 })).toEqual(folds);
  expect(assignFolds(23, { folds: 5, seed: 5 })).not.toEqual(folds);
});

test.each([[[...'aaaaaabbbbccdefg']], [[1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 0, -1, 4.5, 7]]])(
  'groups stay together',
  (groups) => {
    const folds = assignFolds(groups.length, { folds: 3, groups });
    const found = new Map<string | number, Set<number>>();
    groups.forEach((group, item) => {
      found.set(group, (found.get(group) ?? new Set()).add(folds[item]!));
    });
    expect(found.size).toBe(7);
    for (const own of found.values()) expect(own.size).toBe(1);
    expect(sizesOf(folds, 3)).toEqual([5, 5, 6]);
  },
);

test('leaving one out, a sample or a group', () => {
  expect(assignFolds(4, { folds: 'leave-one-out' })).toEqual([0, 1, 2, 3]);
  const folds = assignFolds(5, { folds: 'leave-one-out', groups: [...'babca'] });
  expect(folds).toEqual([0, 1, 0, 2, 1]);
});

test('folds are trained on without what they are tested on', () => {
  expect(foldsOf([0, 1, 0, 2, 1])).toEqual([
    { training: [1, 3, 4], test: [0, 2] },
    { training: [0, 2, 3], test: [1, 4] },
    { training: [0, 1, 2, 4], test: [3] },
  ]);
  expect(foldsOf([])).toEqual([]);
});

test('says what is wrong', () => {
  expect(() => assignFolds(3, { folds: 4 })).toThrow(
    'folds: expected at most 3, as many as samples, got 4',
  );
  expect(() => assignFolds(4, { folds: 3, groups: [...'aabb'] })).toThrow(
    'folds: expected at most 2, as many as groups, got 3',
  );
  expect(() => assignFolds(4, { folds: 1 })).toThrow(
    'folds: expected an integer of at least 2, got 1',
  );
  expect(() => assignFolds(2, { folds: 'leave-one-out', groups: ['a', 'a'] })).toThrow(
    'folds: expected at least 2 groups to leave one out, got 1',
  );
  expect(() => assignFolds(4, { groups: ['a'] })).toThrow(
    'groups: expected 4 groups, one for each sample, got 1',
  );
});
