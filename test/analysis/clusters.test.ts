import {
  dbscan,
  densityPeaks,
  findMotifs,
  GaussianMixture,
  hdbscan,
  kMeans,
  mahalanobisScores,
  nearestNeighbours,
  neighbourScores,
} from '../../ts';
import type { Matrix } from '../../ts';
import { clouds, difference, matrixOf, random, reference } from './maps';

const cloud = matrixOf(reference.cloud);
const three = clouds(
  [
    [0, 0, 0],
    [6, 0, 0],
    [0, 8, 1],
  ],
  60,
  0.5,
);
const truth = Array.from({ length: 180 }, (_, i) => Math.floor(i / 60));

/** Labels by the order in which clusters appear, noise being −1. */
function renamed(labels: ArrayLike<number>): number[] {
  const names = new Map<number, number>([[-1, -1]]);
  return Array.from(labels, (label) => {
    if (!names.has(label)) names.set(label, names.size - 1);
    return names.get(label)!;
  });
}

const cases = reference.clusters.map((each, index) => [`${each.method} (${index})`, each] as const);

test.each(cases)('the labels of scikit-learn: %s', async (_, each) => {
  if (each.method === 'k-means') {
    const start = matrixOf(each.start!);
    const found = await kMeans(cloud, start.shape[0], { start });
    expect([...found.labels]).toEqual(each.labels);
    expect(found.inertia / each.inertia!).toBeCloseTo(1, 12);
    expect(difference(found.centres, matrixOf(each.centres!))).toBeLessThan(1e-12);
  } else if (each.method === 'dbscan') {
    const { radius, neighbours } = each;
    const { labels, clusters } = await dbscan(cloud, { radius: radius!, neighbours });
    expect([...labels]).toEqual(each.labels);
    expect(clusters).toBe(Math.max(...each.labels) + 1);
  } else {
    const { leastSize, neighbours } = each;
    const { labels, probabilities } = await hdbscan(cloud, { leastSize, neighbours });
    expect(renamed(labels)).toEqual(renamed(each.labels));
    // Among edges of one length another order may split off other points.
    const same = each.probabilities!.filter((p, i) => Math.abs(probabilities[i]! - p) < 1e-8);
    expect(same.length / each.labels.length).toBeGreaterThan(0.7);
  }
});

describe('nearest neighbours', () => {
  const x = random(300, 7, 2);
  const y = random(150, 7, 3);
  const distance = (a: Matrix, i: number, b: Matrix, j: number) =>
    Math.hypot(...Array.from({ length: 7 }, (_, d) => a.values[7 * i + d]! - b.values[7 * j + d]!));

  test.each(['others', 'themselves'])('among %s are those of all pairs', async (kind) => {
    const among = kind === 'others' ? y : undefined;
    const { indices, distances } = await nearestNeighbours(x, 9, { among });
    const pool = among ?? x;
    for (let i = 0; i < 300; i++) {
      const expected = Array.from({ length: pool.shape[0] }, (_, j) => j)
        .filter((j) => among || j !== i)
        .map((j) => [distance(x, i, pool, j), j] as const)
        .sort(([a, j], [b, k]) => a - b || j - k)
        .slice(0, 9);
      expect([...indices.subarray(9 * i, 9 * i + 9)]).toEqual(expected.map(([, j]) => j));
      expected.forEach(([d], k) => expect(distances[9 * i + k]).toBeCloseTo(d, 12));
    }
  });

  test('far from the origin digits are kept, and copies are at distance 0', async () => {
    const moved = { values: x.values.map((value) => value + 1e6), shape: x.shape };
    const ours = await nearestNeighbours(x, 3);
    const far = await nearestNeighbours(moved, 3);
    expect(far.indices).toEqual(ours.indices);
    const twice = {
      values: Float64Array.from([...x.values, ...x.values]),
      shape: [600, 7] as const,
    };
    const { indices, distances } = await nearestNeighbours(twice, 1);
    expect([...indices]).toEqual(Array.from({ length: 600 }, (_, i) => (i + 300) % 600));
    expect(Math.max(...distances)).toBe(0);
  });

  test('the same on any number of threads', async () => {
    const points = random(2000, 3, 5);
    expect(await nearestNeighbours(points, 6, { threads: 3 })).toEqual(
      await nearestNeighbours(points, 6, { threads: 1 }),
    );
  });
});

describe('three clouds', () => {
  test('by k-means, the same for the same seed', async () => {
    const { labels, inertia } = await kMeans(three, 3, { seed: 4 });
    expect(renamed(labels)).toEqual(truth);
    expect((await kMeans(three, 3, { seed: 4 })).labels).toEqual(labels);
    expect(inertia / 180).toBeLessThan(1);
  });

  test('by density peaks, whose number comes out', async () => {
    const { labels, clusters, peaks, densities } = await densityPeaks(three);
    expect(clusters).toBe(3);
    expect(renamed(labels)).toEqual(truth);
    peaks.forEach((peak, cluster) => {
      const own = densities.filter((_, i) => labels[i] === cluster);
      expect(densities[peak]).toBe(Math.max(...own));
    });
    expect((await densityPeaks(three, { count: 5 })).clusters).toBe(5);
  });

  test('by HDBSCAN', async () => {
    const { labels, clusters } = await hdbscan(three, { leastSize: 15 });
    expect(clusters).toBe(3);
    expect(renamed(labels.filter((label) => label >= 0))).toEqual(
      renamed(truth.filter((_, i) => labels[i]! >= 0)),
    );
  });

  test('as motifs, with probabilities', async () => {
    const { labels, clusters, mixture, peaks, logDensities } = await findMotifs(three);
    expect(clusters).toBe(3);
    expect(renamed(labels)).toEqual(truth);
    for (const weight of mixture.weights) expect(weight).toBeCloseTo(1 / 3, 12);
    const { values } = mixture.probabilities(three);
    for (let i = 0; i < 180; i++) {
      expect(values[3 * i]! + values[3 * i + 1]! + values[3 * i + 2]!).toBeCloseTo(1, 12);
      expect(values[3 * i + labels[i]!]).toBeGreaterThan(0.99);
    }
    peaks.forEach((peak, motif) => expect(labels[peak]).toBe(motif));
    expect(logDensities.every(Number.isFinite)).toBe(true);
  });

  test('the density of motifs integrates to one', async () => {
    // In one dimension, on a fine grid of further points that weigh nothing.
    const line = clouds([[0], [5]], 200, 1, 6);
    const { grid, logDensities } = await findMotifs(line, { grid: 400 });
    const points = Array.from(
      grid,
      (i, k) => [line.values[i]!, Math.exp(logDensities[k]!)] as const,
    );
    points.sort(([a], [b]) => a - b);
    let integral = 0;
    for (let k = 1; k < points.length; k++) {
      const [[a, p], [b, q]] = [points[k - 1]!, points[k]!];
      integral += 0.5 * (p + q) * (b - a);
    }
    expect(integral).toBeGreaterThan(0.93);
    expect(integral).toBeLessThan(1.02);
  });
});

test('probabilities of a mixture are those of its formula', () => {
  const mixture = new GaussianMixture(
    Float64Array.from([0.25, 0.75]),
    matrixOf([[0], [2]]),
    Float64Array.from([1, 4]),
  );
  const density = (x: number, mean: number, variance: number) =>
    Math.exp((-0.5 * (x - mean) ** 2) / variance) / Math.sqrt(2 * Math.PI * variance);
  const [first, second] = [0.25 * density(0.7, 0, 1), 0.75 * density(0.7, 2, 4)];
  const { values } = mixture.probabilities(matrixOf([[0.7]]));
  expect(values[0]).toBeCloseTo(first / (first + second), 12);
});

describe('outliers', () => {
  const lonely = matrixOf([...reference.samples, [9, 9, 9, 9, 9, 9]]);

  test('are far from their neighbours and from the mean', async () => {
    const far = await neighbourScores(lonely);
    expect(far.indexOf(Math.max(...far))).toBe(48);
    const odd = await mahalanobisScores(lonely);
    expect(odd.indexOf(Math.max(...odd))).toBe(48);
  });

  test('Mahalanobis distances have a mean square of their number of directions', async () => {
    const x = random(500, 4, 9);
    const scores = await mahalanobisScores(x, { count: 4 });
    const mean = scores.reduce((sum, d) => sum + d * d, 0) / 499;
    expect(mean).toBeCloseTo(4, 8);
  });

  test('new points are judged by known ones', async () => {
    const known = matrixOf(reference.samples);
    const fresh = matrixOf([reference.samples[5]!, [30, 0, 0, 0, 0, 0]]);
    const near = await neighbourScores(fresh, { neighbour: 1, among: known });
    expect(near[0]).toBe(0);
    expect(near[1]).toBeGreaterThan(20);
    const odd = await mahalanobisScores(fresh, { among: known });
    expect(odd[1]).toBeGreaterThan(3 * odd[0]!);
  });
});

describe('bad input', () => {
  const x = random(10, 2);
  const nan = { values: x.values.with(3, NaN), shape: x.shape };

  test.each([
    ['count: expected an integer from 1 to 10, got 11', () => kMeans(x, 11)],
    ['start.shape[0]: expected 3, got 2', () => kMeans(x, 3, { start: random(2, 2) })],
    [
      'points.values: expected a Float64Array',
      () => kMeans({ values: [1] as never, shape: [1, 1] }, 1),
    ],
    ['x: row 1, column 1: expected a finite number', () => kMeans(nan, 2)],
    ['radius: expected a number > 0, got 0', () => dbscan(x, { radius: 0 })],
    ['x: row 1, column 1: expected a finite number', () => dbscan(nan, { radius: 1 })],
    [
      'neighbours: expected an integer from 1 to 2147483647, got 0',
      () => dbscan(x, { radius: 1, neighbours: 0 }),
    ],
    ['count: expected an integer from 1 to 10, got 12', () => densityPeaks(x, { count: 12 })],
    [
      'quantile: expected a number from 0 to 1, both excluded',
      () => densityPeaks(x, { quantile: 1 }),
    ],
    ['leastSize: expected an integer from 2 to 10, got 1', () => hdbscan(x, { leastSize: 1 })],
    ['count: expected an integer from 1 to 9, got 10', () => nearestNeighbours(x, 10)],
    ['among.shape[1]: expected 2, got 3', () => nearestNeighbours(x, 1, { among: random(4, 3) })],
    ['points: expected at most 20 dimensions, got 21', () => findMotifs(random(30, 21))],
    ['grid: expected an integer from 1 to 10, got 11', () => findMotifs(x, { grid: 11 })],
    ['locality: expected a number > 0 and at most 1, got 2', () => findMotifs(x, { locality: 2 })],
    [
      'neighbour: expected an integer from 1 to 9, got 10',
      () => neighbourScores(x, { neighbour: 10 }),
    ],
  ])('%s', async (message, action) => {
    await expect(action()).rejects.toThrow(message);
  });
});

describe('degenerate points', () => {
  const same = { values: new Float64Array(40).fill(3), shape: [20, 2] as const };

  test('copies of one point are one cluster', async () => {
    expect((await kMeans(same, 2)).inertia).toBe(0);
    expect(await dbscan(same, { radius: 1 })).toEqual({ labels: new Int32Array(20), clusters: 1 });
    expect((await densityPeaks(same)).clusters).toBe(1);
    expect((await findMotifs(same)).clusters).toBe(1);
    const { labels } = await hdbscan(same);
    expect(new Set(labels).size).toBe(1);
  });
});
