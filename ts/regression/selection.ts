import type { Matrix } from '../common/matrix';
import { randomNumbers } from '../common/random';
import { integerBetween, validate } from '../common/validation';
import { InvalidInputError, NumericalError } from '../errors';
import { callAsync, callSync } from '../native/call';
import type { AsyncOptions, SyncOptions } from '../native/call';
import { native } from '../native/load';

/** What is picked: rows (environments) or columns (features). */
export type SelectionAxis = 'rows' | 'columns';

export interface FarthestPointsOptions {
  /** Default: rows. */
  readonly axis?: SelectionAxis | undefined;
  /** Index of the first. Default: 0, or a random one if there is a `seed`. */
  readonly start?: number | undefined;
  /** Draws the first at random, the same one for the same seed. */
  readonly seed?: number | undefined;
}

/** `count` indices of rows or columns, in the order in which they were picked. */
export interface FarthestPoints {
  readonly indices: Int32Array;
  /** Euclidean distance of each to the nearest of those before it; Infinity for the first. */
  readonly distances: Float64Array;
}

export interface CurOptions {
  /** Default: rows. */
  readonly axis?: SelectionAxis | undefined;
  /** Leading singular vectors that make the scores. Default 1. */
  readonly k?: number | undefined;
  /** Scores are computed anew after so many picks. Default 1; 0 picks all with the first scores. */
  readonly recomputeEvery?: number | undefined;
}

/** `count` indices of rows or columns, in the order in which they were picked. */
export interface CurSelection {
  readonly indices: Int32Array;
  /** Score of each when it was picked, from 0 to 1 (to `k`, if that is more). */
  readonly scores: Float64Array;
}

/**
 * Farthest point sampling: picks `count` rows or columns of a matrix, each the one farthest, in Euclidean
 * distance, from all picked before; ties go to the lower index. The same as scikit-matter's `FPS`, whose
 * distances are the squares of these. Runs off the event loop; the matrix must not change meanwhile. Progress
 * counts picks.
 *
 * @throws InvalidInputError when an argument is not valid, or a number of the matrix not finite.
 * @throws NumericalError when fewer than `count` differ from each other.
 * @throws AbortError when the signal is aborted.
 */
export async function farthestPoints(
  matrix: Matrix,
  count: number,
  options: FarthestPointsOptions & AsyncOptions = {},
): Promise<FarthestPoints> {
  const { values, columns, pickColumns, start, result } = prepareFps(matrix, count, options);
  const { indices, distances } = result;
  const found = await callAsync(
    (call) =>
      native().farthestPoints(values, columns, pickColumns, start, indices, distances, call),
    options,
  );
  return allOf(result, found, count);
}

/** The same on the calling thread, which waits for it. See {@link farthestPoints}. */
export function farthestPointsSync(
  matrix: Matrix,
  count: number,
  options: FarthestPointsOptions & SyncOptions = {},
): FarthestPoints {
  const { values, columns, pickColumns, start, result } = prepareFps(matrix, count, options);
  const { indices, distances } = result;
  const found = callSync(
    (call) =>
      native().farthestPoints(values, columns, pickColumns, start, indices, distances, call),
    options,
  );
  return allOf(result, found, count);
}

/**
 * CUR selection: picks `count` rows or columns of a matrix, each the one with the largest sum of squares in the
 * `k` leading singular vectors; all others are then made orthogonal to it and scored anew. Ties go to the lower
 * index. The same as scikit-matter's `CUR` (G. Imbalzano et al., J. Chem. Phys. 148, 241730, 2018). Runs off the
 * event loop; the matrix must not change meanwhile. Progress counts picks.
 *
 * Memory: a copy of the matrix, and the square of its shorter side.
 *
 * @throws InvalidInputError when an argument is not valid, or a number of the matrix not finite.
 * @throws NumericalError when fewer than `count` are linearly independent.
 * @throws AbortError when the signal is aborted.
 */
export async function cur(
  matrix: Matrix,
  count: number,
  options: CurOptions & AsyncOptions = {},
): Promise<CurSelection> {
  const { values, columns, pickColumns, parameters, result } = prepareCur(matrix, count, options);
  const { indices, scores } = result;
  await callAsync(
    (call) => native().cur(values, columns, pickColumns, parameters, indices, scores, call),
    options,
  );
  return result;
}

/** The same on the calling thread, which waits for it. See {@link cur}. */
export function curSync(
  matrix: Matrix,
  count: number,
  options: CurOptions & SyncOptions = {},
): CurSelection {
  const { values, columns, pickColumns, parameters, result } = prepareCur(matrix, count, options);
  const { indices, scores } = result;
  callSync(
    (call) => native().cur(values, columns, pickColumns, parameters, indices, scores, call),
    options,
  );
  return result;
}

function prepareFps(matrix: Matrix, count: number, options: FarthestPointsOptions) {
  const { candidates, ...common } = checkMatrix(matrix, count, options.axis);
  const { seed } = options;
  if (seed !== undefined) validate(integerBetween(0, Number.MAX_SAFE_INTEGER), seed, 'seed');
  const drawn = seed === undefined ? 0 : Math.floor(randomNumbers(seed)() * candidates);
  const start = validate(integerBetween(0, candidates - 1), options.start ?? drawn, 'start');
  const result = { indices: new Int32Array(count), distances: new Float64Array(count) };
  return { ...common, start, result };
}

function prepareCur(matrix: Matrix, count: number, options: CurOptions) {
  const common = checkMatrix(matrix, count, options.axis);
  const shorter = Math.min(...matrix.shape);
  const leading = validate(integerBetween(1, shorter), options.k ?? 1, 'k');
  const recomputeEvery = validate(
    integerBetween(0, 2 ** 31 - 1),
    options.recomputeEvery ?? 1,
    'recomputeEvery',
  );
  const result = { indices: new Int32Array(count), scores: new Float64Array(count) };
  return { ...common, parameters: { leading, recomputeEvery }, result };
}

function checkMatrix(matrix: Matrix | undefined, count: number, axis: SelectionAxis = 'rows') {
  // Callers without TypeScript may pass anything.
  const { values, shape }: Partial<Matrix> = matrix ?? {};
  const [rows = NaN, columns = NaN] = shape ?? [];
  validate(integerBetween(1, Infinity), rows, 'matrix.shape[0]');
  validate(integerBetween(1, Infinity), columns, 'matrix.shape[1]');
  const isArray = Object.prototype.toString.call(values) === '[object Float64Array]';
  if (!values || !isArray || values.length !== rows * columns) {
    throw new InvalidInputError(`expected a Float64Array of ${rows} × ${columns} numbers`, {
      path: 'matrix.values',
    });
  }
  if (!['rows', 'columns'].includes(axis)) {
    throw new InvalidInputError(`expected "rows" or "columns", got ${JSON.stringify(axis)}`, {
      path: 'axis',
    });
  }
  const pickColumns = axis === 'columns';
  const candidates = pickColumns ? columns : rows;
  validate(integerBetween(1, candidates), count, 'count');
  return { values, columns, pickColumns, candidates };
}

function allOf(result: FarthestPoints, found: number, count: number): FarthestPoints {
  if (found === count) return result;
  throw new NumericalError(
    `only ${found} are different from each other, cannot pick ${count}: the others are copies`,
  );
}
