import { readFileSync } from 'node:fs';
import path from 'node:path';

import { cur, curSync, farthestPoints, farthestPointsSync } from '../../ts';
import type { Matrix, SelectionAxis } from '../../ts';
import { randomNumbers } from '../../ts/common/random';

interface FpsCase {
  readonly method: 'fps';
  readonly matrix: number;
  readonly axis: SelectionAxis;
  readonly start: number;
  readonly indices: readonly number[];
  readonly distances: readonly (number | null)[];
}

interface CurCase {
  readonly method: 'cur';
  readonly matrix: number;
  readonly axis: SelectionAxis;
  readonly k: number;
  readonly recomputeEvery: number;
  readonly indices: readonly number[];
}

const fixture = JSON.parse(
  readFileSync(path.join(__dirname, '../reference/data/selection.json'), 'utf8'),
) as {
  readonly matrices: readonly (readonly (readonly number[])[])[];
  readonly cases: readonly (FpsCase | CurCase)[];
};
const matrices = fixture.matrices.map((rows): Matrix => ({
  values: new Float64Array(rows.flat()),
  shape: [rows.length, rows[0]!.length],
}));

function random(rows: number, columns: number): Matrix {
  const next = randomNumbers(5);
  return { values: Float64Array.from({ length: rows * columns }, next), shape: [rows, columns] };
}

describe('what scikit-matter picks', () => {
  const named = fixture.cases.map((each) => {
    const { indices, ...rest } = each;
    const options = Object.entries({ ...rest, distances: undefined })
      .filter(([, value]) => value !== undefined)
      .map(([key, value]) => `${key} ${String(value)}`);
    return [`${options.join(', ')}, ${indices.length}`, each] as const;
  });

  test.each(named)('%s', async (_, each) => {
    const matrix = matrices[each.matrix]!;
    const count = each.indices.length;
    if (each.method === 'fps') {
      const picked = farthestPointsSync(matrix, count, each);
      expect([...picked.indices]).toEqual(each.indices);
      expect(picked.distances[0]).toBe(Infinity);
      each.distances.slice(1).forEach((distance, i) => {
        expect(picked.distances[i + 1]! / distance!).toBeCloseTo(1, 6);
      });
      expect(await farthestPoints(matrix, count, { ...each, threads: 2 })).toEqual(picked);
    } else {
      const picked = curSync(matrix, count, each);
      expect([...picked.indices]).toEqual(each.indices);
      expect(Math.max(...picked.scores)).toBeLessThanOrEqual(each.k + 1e-9);
      expect(await cur(matrix, count, { ...each, threads: 2 })).toEqual(picked);
    }
  });
});

test('columns are the rows of the transposed matrix', () => {
  const matrix = random(70, 45);
  const transposed = new Float64Array(matrix.values.length);
  matrix.values.forEach((value, k) => {
    transposed[(k % 45) * 70 + Math.floor(k / 45)] = value;
  });
  const turned: Matrix = { values: transposed, shape: [45, 70] };
  expect(farthestPointsSync(turned, 9)).toEqual(farthestPointsSync(matrix, 9, { axis: 'columns' }));
  expect(curSync(turned, 9)).toEqual(curSync(matrix, 9, { axis: 'columns' }));
});

test('a seed draws the first', () => {
  const matrix = random(100, 3);
  const first = [1, 2, 3].map((seed) => farthestPointsSync(matrix, 2, { seed }).indices[0]);
  expect(new Set(first).size).toBeGreaterThan(1);
  expect(farthestPointsSync(matrix, 2, { seed: 2 }).indices[0]).toBe(first[1]);
  expect(farthestPointsSync(matrix, 2, { seed: 2, start: 4 }).indices[0]).toBe(4);
});

test.each([
  ['farthest points', farthestPoints, 10000],
  ['CUR', cur, 95],
])('%s tell their progress and stop when they are told to', async (_, select, count) => {
  const calls: number[][] = [];
  await select(random(50, 20), 10, { onProgress: (...call) => calls.push(call) });
  expect(calls.at(-1)).toEqual([10, 10]);
  const controller = new AbortController();
  const promise = select(random(20000, 100), count, { signal: controller.signal, threads: 1 });
  controller.abort();
  await expect(promise).rejects.toMatchObject({ code: 'ABORTED' });
});

const matrix = random(6, 4);
const holed: Matrix = { values: matrix.values.with(9, NaN), shape: [6, 4] };

test.each([
  ['count', () => farthestPointsSync(matrix, 7)],
  ['count', () => curSync(matrix, 5, { axis: 'columns' })],
  ['count', () => curSync(matrix, 0)],
  ['start', () => farthestPointsSync(matrix, 2, { start: 6 })],
  ['seed', () => farthestPointsSync(matrix, 2, { seed: -1 })],
  ['k', () => curSync(matrix, 2, { k: 5 })],
  ['recomputeEvery', () => curSync(matrix, 2, { recomputeEvery: -1 })],
  ['axis', () => curSync(matrix, 2, { axis: 'row' as SelectionAxis })],
  ['matrix.shape[1]', () => curSync({ values: matrix.values, shape: [24, 0] }, 2)],
  ['matrix.values', () => curSync({ values: matrix.values, shape: [5, 4] }, 2)],
  ['matrix.shape[0]', () => curSync(undefined as unknown as Matrix, 2)],
])('refuses what has no meaning: %s', (place, call) => {
  expect(call).toThrow(expect.objectContaining({ code: 'INVALID_INPUT', path: place }) as Error);
});

test('refuses numbers that are not finite, and says where', () => {
  for (const select of [farthestPointsSync, curSync]) {
    expect(() => select(holed, 2)).toThrow(/row 2, column 1: expected a finite number/);
    expect(() => select(holed, 2)).toThrow(
      expect.objectContaining({ code: 'INVALID_INPUT' }) as Error,
    );
  }
});

test('says when there is nothing left to pick', () => {
  const copies: Matrix = { values: new Float64Array(30).fill(2), shape: [10, 3] };
  expect(() => farthestPointsSync(copies, 2)).toThrow(/only 1 are different/);
  expect(() => curSync(copies, 2)).toThrow(/only 1 are linearly independent/);
  expect(() => curSync(copies, 2)).toThrow(expect.objectContaining({ code: 'NUMERICAL' }) as Error);
});
