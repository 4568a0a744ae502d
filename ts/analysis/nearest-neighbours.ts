import { asyncKeys, checkOptions } from '../common/options';
import { integerBetween, validate } from '../common/validation';
import { callAsync } from '../native/call';
import type { AsyncOptions } from '../native/call';
import { native } from '../native/load';
import { checkPoints } from './points';
import type { Points } from './points';

/** Neighbours of N points, k each, the nearest first. */
export interface NearestNeighbours {
  /** N × k. */
  readonly indices: Int32Array;
  /** N × k Euclidean distances. */
  readonly distances: Float64Array;
  /** k. */
  readonly count: number;
}

/**
 * The `count` points of `among` that are nearest to each of `points`; without `among`, neighbours among themselves, of
 * which none is its own. Exact: all distances are computed, as matrix products, and none is kept. Ties go to the lower
 * index. Runs off the event loop.
 *
 * @throws InvalidInputError naming what is wrong.
 */
export async function nearestNeighbours(
  points: Points,
  count: number,
  given: AsyncOptions & { readonly among?: Points | undefined } = {},
): Promise<NearestNeighbours> {
  const { among, ...options } = checkOptions(given, { ...asyncKeys, among: true });
  const x = checkPoints(points, 'points');
  const y = among && checkPoints(among, 'among', { columns: x.shape[1] });
  const most = y ? y.shape[0] : x.shape[0] - 1;
  validate(integerBetween(1, most), count, 'count');
  const size = x.shape[0] * count;
  const result = { indices: new Int32Array(size), distances: new Float64Array(size), count };
  const { indices, distances } = result;
  const columns = x.shape[1];
  await callAsync(
    (run) =>
      native().nearestNeighbours(x.values, columns, y?.values, columns, indices, distances, run),
    options,
  );
  return result;
}
