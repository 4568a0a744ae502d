import { evenPoint } from '../../../ts/regression/optimize/sequence';
import { Space } from '../../../ts/regression/optimize/space';

const space = new Space({
  fixed: { name: 'a', list: [1, null, true] },
  cutoff: { radius: { $uniform: [4, 6] } },
  noise: { $logUniform: [1e-4, 1] },
  basis: [{ count: { $integer: [6, 9] } }, { type: { $choice: ['gto', { deep: [1] }] } }],
});

test('a point of the unit cube is a configuration', () => {
  expect(space.dimensions.map(({ path }) => path)).toEqual([
    'cutoff.radius',
    'noise',
    'basis.0.count',
    'basis.1.type',
  ]);
  const fixed = { name: 'a', list: [1, null, true] };
  expect(space.configAt([0, 0, 0, 0])).toEqual({
    fixed,
    cutoff: { radius: 4 },
    noise: 1e-4,
    basis: [{ count: 6 }, { type: 'gto' }],
  });
  expect(space.configAt([1, 1, 1, 1])).toEqual({
    fixed,
    cutoff: { radius: 6 },
    noise: 1,
    basis: [{ count: 9 }, { type: { deep: [1] } }],
  });
  expect(space.namedValuesAt([0.25, 0.5, 0.49, 0.5])).toEqual({
    'cutoff.radius': 4.5,
    noise: 0.01,
    'basis.0.count': 7,
    'basis.1.type': { deep: [1] },
  });
});

test('every whole number has the same share of its range', () => {
  const line = new Space({ n: { $integer: [1, 4] } });
  const counts = new Map<number, number>();
  for (let k = 0; k < 400; k++) {
    const { n } = line.configAt([(k + 0.5) / 400]) as { n: number };
    counts.set(n, (counts.get(n) ?? 0) + 1);
  }
  expect([...counts]).toEqual([1, 2, 3, 4].map((n) => [n, 100]));
});

test('points with the same values snap to the same point', () => {
  const [a, b] = [space.snap([0.3, 0.7, 0.26, 0.1]), space.snap([0.3, 0.7, 0.49, 0.4])];
  expect(a).toEqual(b);
  expect(space.valuesAt(a)).toEqual(space.valuesAt([0.3, 0.7, 0.26, 0.1]));
});

test('a grid has the ends of ranges and all choices, the last dimension fastest', () => {
  const plane = new Space({ x: { $uniform: [0, 1] }, c: { $choice: ['a', 'b'] } });
  expect([...plane.grid(3)].map((point) => plane.valuesAt(point))).toEqual([
    [0, 'a'],
    [0, 'b'],
    [0.5, 'a'],
    [0.5, 'b'],
    [1, 'a'],
    [1, 'b'],
  ]);
  const long = new Space({ n: { $integer: [1, 101] } });
  expect([...long.grid(3)].map((point) => long.valuesAt(point))).toEqual([[1], [51], [101]]);
});

test.each([
  [{}, /^space: there is nothing to search/],
  [{ a: { b: { $choice: [] } } }, /^a\.b\.\$choice: expected a list of values, got \[\]$/],
  [{ a: { $uniform: [2, 1] } }, /^a\.\$uniform: expected \[least, largest\] in this order/],
  [{ a: { $uniform: [1] } }, /^a\.\$uniform: expected \[least, largest\], got \[1\]$/],
  [{ a: { $logUniform: [0, 1] } }, /^a\.\$logUniform: expected numbers > 0/],
  [{ a: { $integer: [1, 2.5] } }, /^a\.\$integer: expected whole numbers/],
  [{ a: { $choise: [1] } }, /^a: unknown \$choise; expected \$choice/],
  [{ a: { $choice: [1], b: 2 } }, /^a: expected nothing beside \$choice/],
  [{ a: { $choice: [{ $integer: [1, 2] }] } }, /without anything to search in them/],
  [{ a: NaN, b: { $choice: [1] } }, /^a: expected a value that JSON can hold, got NaN$/],
])('%j is no space', (wrong, message) => {
  expect(() => new Space(wrong)).toThrow(
    expect.objectContaining({ code: 'INVALID_INPUT', message: expect.stringMatching(message) }),
  );
});

test('points of the even sequence fill a square better than random ones would', () => {
  const cells = new Set<string>();
  for (let k = 0; k < 64; k++) {
    const [x, y] = evenPoint(k, 2, 7);
    cells.add(`${Math.floor(8 * x!)} ${Math.floor(8 * y!)}`);
  }
  // Of 64 random points, 64 (1 − 1/e) = 40 cells would be hit.
  expect(cells.size).toBeGreaterThan(50);
  expect(evenPoint(5, 2, 7)).toEqual(evenPoint(5, 2, 7));
  expect(evenPoint(5, 2, 8)).not.toEqual(evenPoint(5, 2, 7));
});
