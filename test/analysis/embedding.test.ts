import { nearestNeighbours, tsne, umap } from '../../ts';
import type { AsyncOptions, Matrix } from '../../ts';
import { clouds, matrixOf, random } from './maps';

const points = clouds(
  [
    [0, 0, 0, 0],
    [9, 0, 0, 0],
    [0, 9, 0, 9],
  ],
  40,
  0.6,
);
type Given = AsyncOptions & { readonly steps?: number; readonly seed?: number };
const methods = {
  tsne: (x: Matrix, { steps = 400, ...options }: Given = {}) =>
    tsne(x, { iterations: steps, ...options }),
  umap: (x: Matrix, { steps = 200, ...options }: Given = {}) =>
    umap(x, { epochs: steps, ...options }),
};

describe.each(Object.entries(methods))('%s', (_, map) => {
  test('keeps clouds together', async () => {
    const found = await map(points);
    expect(found.shape).toEqual([120, 2]);
    const { indices } = await nearestNeighbours(found, 5);
    const strangers = indices.filter((j, at) => Math.floor(j / 40) !== Math.floor(at / 200));
    expect(strangers).toHaveLength(0);
  });

  test('is the same for the same seed', async () => {
    expect(await map(points, { seed: 3 })).toEqual(await map(points, { seed: 3 }));
    expect(await map(points, { seed: 4 })).not.toEqual(await map(points, { seed: 3 }));
  });

  test('takes few points, and points that are all the same', async () => {
    expect((await map(random(4, 3))).values.every(Number.isFinite)).toBe(true);
    const same = { values: new Float64Array(20), shape: [10, 2] as const };
    expect((await map(same)).values.every(Number.isFinite)).toBe(true);
    await expect(map(random(3, 3))).rejects.toThrow('points: expected at least 4 points, got 3');
  });

  test('tells how far it is, and ends when it is aborted', async () => {
    const controller = new AbortController();
    const seen: number[] = [];
    const onProgress = (done: number) => {
      seen.push(done);
      controller.abort();
    };
    const { signal } = controller;
    const long = { steps: 1e6, onProgress, signal };
    await expect(map(points, long)).rejects.toMatchObject({ code: 'ABORTED' });
    expect(seen.length).toBeGreaterThan(0);
  });
});

test('t-SNE goes downhill, on any number of threads by the same way', async () => {
  const early = await tsne(points, { iterations: 60 });
  const late = await tsne(points, { iterations: 500 });
  expect(late.divergence).toBeLessThan(early.divergence);
  expect(await tsne(points, { iterations: 60, threads: 3 })).toEqual(
    await tsne(points, { iterations: 60, threads: 1 }),
  );
});

test('t-SNE of points on a line is in their order', async () => {
  const line = matrixOf(Array.from({ length: 60 }, (_, i) => [i, 2 * i]));
  const { values } = await tsne(line, { perplexity: 8 });
  const x = Array.from({ length: 60 }, (_, i) =>
    Math.hypot(values[2 * i]! - values[0]!, values[2 * i + 1]! - values[1]!),
  );
  const ordered = x.filter((d, i) => i === 0 || d > x[i - 1]!).length;
  expect(ordered).toBeGreaterThan(50);
});

test.each([
  [
    'perplexity: expected a number > 1 and < 9, got 20',
    () => tsne(random(10, 2), { perplexity: 20 }),
  ],
  ['similarities of 10 × 10 points take', () => tsne(random(10, 2), { memoryLimit: 100 })],
  [
    'neighbours: expected an integer from 2 to 8, got 10',
    () => umap(random(10, 2), { neighbours: 10 }),
  ],
  [
    'leastDistance: expected a number from 0 to the spread',
    () => umap(random(10, 2), { leastDistance: 2 }),
  ],
  [
    'seed: expected an integer from 0 to 9007199254740991, got -1',
    () => umap(random(10, 2), { seed: -1 }),
  ],
])('bad input: %s', async (message, action) => {
  await expect(action()).rejects.toThrow(message);
});
