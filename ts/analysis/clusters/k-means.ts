import { checkMatrix } from '../../common/matrix';
import type { Matrix } from '../../common/matrix';
import { asyncKeys, checkOptions } from '../../common/options';
import type { KeysOf } from '../../common/options';
import { randomNumbers } from '../../common/random';
import { integerBetween, numberThat, validate } from '../../common/validation';
import { callAsync } from '../../native/call';
import type { AsyncOptions } from '../../native/call';
import { native } from '../../native/load';
import { checkPoints } from '../points';
import type { Points } from '../points';

export interface KMeansOptions extends AsyncOptions {
  /** Centres to start from, K × F. Default: greedy k-means++. */
  readonly start?: Matrix | undefined;
  /** How often to start anew; the best is kept. Default 5; one with `start`. */
  readonly starts?: number | undefined;
  /** Seed of the starts. Default 0. */
  readonly seed?: number | undefined;
  /** Most iterations of each. Default 300. */
  readonly iterations?: number | undefined;
  /** Ends when centres move by less: Σ of squares, in parts of the mean variance of a feature. Default 1e-4. */
  readonly tolerance?: number | undefined;
}

const kMeansKeys: KeysOf<KMeansOptions> = {
  ...asyncKeys,
  start: true,
  starts: true,
  seed: true,
  iterations: true,
  tolerance: true,
};

export interface KMeans {
  /** Cluster of each point. */
  readonly labels: Int32Array;
  /** K × F. */
  readonly centres: Matrix;
  /** Σ of squares of distances of points to their centres. */
  readonly inertia: number;
  readonly iterations: number;
}

/**
 * Clusters of points about `count` centres, by Lloyd's algorithm from k-means++. From given centres, the same labels as
 * scikit-learn's `KMeans`. Clusters are in the order of their centres' start. Runs off the event loop.
 *
 * @throws InvalidInputError naming what is wrong, also for more clusters than points.
 */
export async function kMeans(
  points: Points,
  count: number,
  given: KMeansOptions = {},
): Promise<KMeans> {
  const {
    start,
    starts = 5,
    seed = 0,
    iterations = 300,
    tolerance = 1e-4,
    ...run
  } = checkOptions(given, kMeansKeys);
  const { values, shape } = checkPoints(points, 'points');
  const [rows, columns] = shape;
  validate(integerBetween(1, rows), count, 'count');
  const first = start && checkMatrix(start, 'start', { rows: count, columns });
  const attempts = first ? 1 : validate(integerBetween(1, 1000), starts, 'starts');
  validate(integerBetween(0, Number.MAX_SAFE_INTEGER), seed, 'seed');
  const options = {
    iterations: validate(integerBetween(1, 2 ** 31 - 1), iterations, 'iterations'),
    tolerance: validate(notNegative, tolerance, 'tolerance'),
  };
  const random = randomNumbers(seed);
  let best: KMeans | undefined;
  for (let attempt = 0; attempt < attempts; attempt++) {
    const centres = first ? first.values.slice() : new Float64Array(count * columns);
    const draws = count * (2 + Math.floor(Math.log(count)));
    const uniform = first ? undefined : Float64Array.from({ length: draws }, random);
    const labels = new Int32Array(rows);
    const found = await callAsync(
      (call) => native().kMeans(values, columns, centres, uniform, options, labels, call),
      run,
    );
    if (best && found.inertia >= best.inertia) continue;
    best = { labels, centres: { values: centres, shape: [count, columns] }, ...found };
  }
  return best!;
}

const notNegative = numberThat('a number ≥ 0', (value) => value >= 0);
