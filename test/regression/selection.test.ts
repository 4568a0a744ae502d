import { readFileSync } from 'node:fs';
import path from 'node:path';

import {
  cur,
  curSync,
  farthestPoints,
  farthestPointsSync,
  leverageScores,
  leverageScoresSync,
  leverageSelection,
  leverageSelectionSync,
} from '../../ts';
import type { Matrix, SelectionAxis } from '../../ts';
import { randomNumbers } from '../../ts/common/random';

interface CommonCase {
  readonly matrix: number;
  readonly axis: SelectionAxis;
  /** Of the targets, with how much the matrix counts beside them. */
  readonly columns?: number;
  readonly mixing?: number;
}

interface FpsCase extends CommonCase {
  readonly method: 'fps';
  readonly start: number;
  readonly indices: readonly number[];
  readonly distances: readonly (number | null)[];
}

interface CurCase extends CommonCase {
  readonly method: 'cur';
  readonly k: number;
  readonly recomputeEvery: number;
  readonly indices: readonly number[];
}

const fixture = JSON.parse(
  readFileSync(path.join(__dirname, '../reference/data/selection.json'), 'utf8'),
) as {
  readonly matrices: readonly (readonly (readonly number[])[])[];
  readonly targets: readonly (readonly (readonly number[])[])[];
  readonly cases: readonly (FpsCase | CurCase)[];
};

/** The first columns of rows. */
function matrixOf(rows: readonly (readonly number[])[], columns = rows[0]!.length): Matrix {
  const values = new Float64Array(rows.flatMap((row) => row.slice(0, columns)));
  return { values, shape: [rows.length, columns] };
}

function random(rows: number, columns: number, seed = 5): Matrix {
  const next = randomNumbers(seed);
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
    const matrix = matrixOf(fixture.matrices[each.matrix]!);
    const count = each.indices.length;
    const targets = each.columns && matrixOf(fixture.targets[each.matrix]!, each.columns);
    const { axis, mixing } = each;
    const aims = { axis, ...(targets && { targets, mixing }) };
    if (each.method === 'fps') {
      const options = { ...aims, start: each.start };
      const picked = farthestPointsSync(matrix, count, options);
      expect([...picked.indices]).toEqual(each.indices);
      expect(picked.distances[0]).toBe(Infinity);
      each.distances.slice(1).forEach((distance, i) => {
        expect(picked.distances[i + 1]! / distance!).toBeCloseTo(1, 6);
      });
      expect(await farthestPoints(matrix, count, { ...options, threads: 2 })).toEqual(picked);
    } else {
      const { k, recomputeEvery } = each;
      const options = { ...aims, k, recomputeEvery };
      const picked = curSync(matrix, count, options);
      expect([...picked.indices]).toEqual(each.indices);
      expect(Math.max(...picked.scores)).toBeLessThanOrEqual(each.k + 1e-9);
      expect(await cur(matrix, count, { ...options, threads: 2 })).toEqual(picked);
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

test('targets that count for nothing change nothing', () => {
  const matrix = random(30, 20);
  for (const axis of ['rows', 'columns'] as const) {
    const mixed = { axis, targets: random(30, 2, 6), mixing: 1 };
    const { indices } = farthestPointsSync(matrix, 9, mixed);
    expect(indices).toEqual(farthestPointsSync(matrix, 9, { axis }).indices);
    expect(curSync(matrix, 9, mixed).indices).toEqual(curSync(matrix, 9, { axis }).indices);
  }
});

test('a column that is the target is the first that CUR picks for the target', () => {
  const matrix = random(30, 8);
  const target = Float64Array.from({ length: 30 }, (_, row) => matrix.values[row * 8 + 5]!);
  // Another column tells nothing, but is long.
  for (let row = 0; row < 30; row++) matrix.values[row * 8 + 2] = row % 2 ? 9 : -9;
  const options = { axis: 'columns', targets: { values: target, shape: [30, 1] } } as const;
  expect(curSync(matrix, 1, { axis: 'columns' }).indices[0]).toBe(2);
  expect(curSync(matrix, 1, { ...options, mixing: 0 }).indices[0]).toBe(5);
});

describe('leverage', () => {
  const matrix = random(40, 12);
  const targets = random(40, 2, 6);

  test.each([
    { axis: 'rows', k: 3 },
    { axis: 'columns', k: 2 },
    { axis: 'rows', k: 3, targets },
    { axis: 'columns', k: 2, targets, mixing: 0.3 },
  ] as const)('scores add up to k; the largest are those of CUR at once: %j', async (options) => {
    const scores = leverageScoresSync(matrix, options);
    expect(scores.reduce((sum, score) => sum + score, 0)).toBeCloseTo(options.k, 9);
    expect(await leverageScores(matrix, { ...options, threads: 2 })).toEqual(scores);
    const largest = leverageSelectionSync(matrix, 7, options);
    const atOnce = curSync(matrix, 7, { ...options, recomputeEvery: 0 });
    expect(largest.indices).toEqual(atOnce.indices);
    expect([...largest.scores]).toEqual([...largest.indices].map((i) => scores[i]));
    expect(await leverageSelection(matrix, 7, options)).toEqual(largest);
  });

  test('a seed draws in proportion to the scores', () => {
    // Orthogonal rows: with as many vectors as rows that are not zero, the squares of one vector are all there is.
    const lengths = [0, 3, 1, 2];
    const values = Float64Array.from(lengths);
    const column: Matrix = { values, shape: [4, 1] };
    const scores = leverageScoresSync(column);
    lengths.forEach((length, i) => {
      expect(scores[i]).toBeCloseTo(length ** 2 / 14, 12);
    });
    const firsts = new Float64Array(4);
    for (let seed = 0; seed < 4000; seed++) {
      const { indices } = leverageSelectionSync(column, 3, { seed });
      expect(new Set(indices)).toEqual(new Set([1, 2, 3]));
      firsts[indices[0]!]! += 1 / 4000;
    }
    firsts.forEach((share, i) => {
      expect(Math.abs(share - scores[i]!)).toBeLessThan(0.03);
    });
    expect(() => leverageSelectionSync(column, 4, { seed: 1 })).toThrow(/only 3 have a score/);
    expect([...leverageSelectionSync(column, 4).indices]).toEqual([1, 3, 2, 0]);
  });

  test('the same draw for the same seed', async () => {
    const first = leverageSelectionSync(matrix, 10, { seed: 3 });
    expect(new Set(first.indices).size).toBe(10);
    expect(await leverageSelection(matrix, 10, { seed: 3, threads: 2 })).toEqual(first);
    expect(leverageSelectionSync(matrix, 10, { seed: 4 }).indices).not.toEqual(first.indices);
  });
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
const aims = random(6, 2, 6);
const holed: Matrix = { values: matrix.values.with(9, NaN), shape: [6, 4] };

test.each([
  ['count', () => farthestPointsSync(matrix, 7)],
  ['count', () => curSync(matrix, 5, { axis: 'columns' })],
  ['count', () => curSync(matrix, 0)],
  ['start', () => farthestPointsSync(matrix, 2, { start: 6 })],
  ['seed', () => farthestPointsSync(matrix, 2, { seed: -1 })],
  ['k', () => curSync(matrix, 2, { k: 5 })],
  ['k', () => curSync(matrix, 2, { k: 3, targets: aims, mixing: 0 })],
  ['k', () => leverageScoresSync(matrix, { k: 5 })],
  ['count', () => leverageSelectionSync(matrix, 7)],
  ['seed', () => leverageSelectionSync(matrix, 2, { seed: 0.5 })],
  ['mixing', () => farthestPointsSync(matrix, 2, { mixing: 0.5 })],
  ['mixing', () => farthestPointsSync(matrix, 2, { targets: aims, mixing: 1.01 })],
  ['mixing', () => curSync(matrix, 2, { targets: aims, mixing: -0.01 })],
  ['mixing', () => leverageScoresSync(matrix, { targets: aims, mixing: NaN })],
  ['targets.shape[0]', () => farthestPointsSync(matrix, 2, { targets: random(4, 6) })],
  ['targets.shape[0]', () => curSync(matrix, 2, { targets: random(4, 2), axis: 'columns' })],
  ['targets.values', () => curSync(matrix, 2, { targets: { ...aims, shape: [6, 3] } })],
  ['recomputeEvery', () => curSync(matrix, 2, { recomputeEvery: -1 })],
  ['axis', () => curSync(matrix, 2, { axis: 'row' as SelectionAxis })],
  ['matrix.shape[1]', () => curSync({ values: matrix.values, shape: [24, 0] }, 2)],
  ['matrix.values', () => curSync({ values: matrix.values, shape: [5, 4] }, 2)],
  ['matrix.shape[0]', () => curSync(undefined as unknown as Matrix, 2)],
])('refuses what has no meaning: %s', (place, call) => {
  expect(call).toThrow(expect.objectContaining({ code: 'INVALID_INPUT', path: place }) as Error);
});

test('refuses numbers that are not finite, and says where', () => {
  const aimless = { values: aims.values.with(7, Infinity), shape: aims.shape };
  for (const select of [farthestPointsSync, curSync, leverageSelectionSync]) {
    expect(() => select(holed, 2)).toThrow(/matrix: row 2, column 1: expected a finite number/);
    expect(() => select(matrix, 2, { targets: aimless })).toThrow(/targets: row 3, column 1: /);
    expect(() => select(holed, 2)).toThrow(
      expect.objectContaining({ code: 'INVALID_INPUT' }) as Error,
    );
  }
});

test('picks fewer points where there are fewer, if that will do', async () => {
  const threefold: Matrix = { values: Float64Array.of(0, 1, 3, 0, 1, 3), shape: [6, 1] };
  const expected = { indices: Int32Array.of(0, 2, 1), distances: Float64Array.of(Infinity, 3, 1) };
  expect(farthestPointsSync(threefold, 5, { fewer: true })).toEqual(expected);
  expect(await farthestPoints(threefold, 5, { fewer: true })).toEqual(expected);
  expect(farthestPointsSync(threefold, 2, { fewer: true }).indices).toHaveLength(2);
  await expect(farthestPoints(threefold, 5)).rejects.toThrow(/only 3 are different/);
});

test('says when there is nothing left to pick', () => {
  const copies: Matrix = { values: new Float64Array(30).fill(2), shape: [10, 3] };
  expect(() => farthestPointsSync(copies, 2)).toThrow(/only 1 are different/);
  expect(() => curSync(copies, 2)).toThrow(/only 1 are linearly independent/);
  expect(() => curSync(copies, 2)).toThrow(expect.objectContaining({ code: 'NUMERICAL' }) as Error);
  const targets = random(10, 1);
  expect(() => curSync(copies, 2, { targets })).toThrow(/only 1 are linearly independent/);
  // Copies with different targets are different.
  expect(farthestPointsSync(copies, 2, { targets }).indices).toHaveLength(2);
  const zero: Matrix = { values: new Float64Array(30), shape: [10, 3] };
  expect(() => leverageScoresSync(zero)).toThrow(/the matrix is zero/);
});
