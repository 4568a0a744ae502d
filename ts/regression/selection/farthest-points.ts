import { z } from 'zod';
import type { Matrix } from '../../common/matrix';
import { asyncKeys, checkOptions, syncKeys } from '../../common/options';
import type { KeysOf } from '../../common/options';
import { randomNumbers } from '../../common/random';
import { integerBetween, validate } from '../../common/validation';
import { NumericalError } from '../../errors';
import { callAsync, callSync } from '../../native/call';
import type { AsyncOptions, SyncOptions } from '../../native/call';
import { native } from '../../native/load';
import { checkCandidates, checkCount, checkSeed, selectionKeys } from './candidates';
import type { SelectionOptions } from './candidates';

export interface FarthestPointsOptions extends SelectionOptions {
  /** Index of the first. Default: 0, or a random one if there is a `seed`. */
  readonly start?: number | undefined;
  /** Draws the first at random, the same one for the same seed. */
  readonly seed?: number | undefined;
  /** Picks fewer where fewer differ from each other, instead of a NumericalError. Default false. */
  readonly fewer?: boolean | undefined;
}

const farthestPointsKeys: KeysOf<FarthestPointsOptions> = {
  ...selectionKeys,
  start: true,
  seed: true,
  fewer: true,
};

/** Indices of rows or columns, in the order in which they were picked. */
export interface FarthestPoints {
  readonly indices: Int32Array;
  /** Euclidean distance of each to the nearest of those before it; Infinity for the first. */
  readonly distances: Float64Array;
}

/**
 * Farthest point sampling: picks `count` rows or columns of a matrix, each the one farthest, in Euclidean
 * distance, from all picked before; ties go to the lower index. With `targets`, PCov-FPS: distances are those of
 * α XXᵀ + (1 − α) YYᵀ, see {@link SelectionOptions}. The same as scikit-matter's `FPS` and `PCovFPS`, whose
 * distances are the squares of these. Runs off the event loop; matrix and targets must not change meanwhile.
 * Progress counts picks.
 *
 * Columns with targets cost an eigenproblem of the matrix's shorter side, once.
 *
 * @throws InvalidInputError when an argument is not valid, or a number of the matrix or the targets not finite.
 * @throws NumericalError when fewer than `count` differ from each other, unless `fewer` will do.
 * @throws AbortError when the signal is aborted.
 */
export async function farthestPoints(
  matrix: Matrix,
  count: number,
  options: FarthestPointsOptions & AsyncOptions = {},
): Promise<FarthestPoints> {
  checkOptions(options, { ...farthestPointsKeys, ...asyncKeys });
  const { candidates, start, fewer, result } = prepare(matrix, count, options);
  const { indices, distances } = result;
  const found = await callAsync(
    (call) => native().farthestPoints(...candidates, start, indices, distances, call),
    options,
  );
  return checkFound(result, found, fewer);
}

/** The same on the calling thread, which waits for it. See {@link farthestPoints}. */
export function farthestPointsSync(
  matrix: Matrix,
  count: number,
  options: FarthestPointsOptions & SyncOptions = {},
): FarthestPoints {
  checkOptions(options, { ...farthestPointsKeys, ...syncKeys });
  const { candidates, start, fewer, result } = prepare(matrix, count, options);
  const { indices, distances } = result;
  const found = callSync(
    (call) => native().farthestPoints(...candidates, start, indices, distances, call),
    options,
  );
  return checkFound(result, found, fewer);
}

function prepare(matrix: Matrix, count: number, options: FarthestPointsOptions) {
  const candidates = checkCandidates(matrix, options);
  checkCount(count, candidates);
  const { forNative, total } = candidates;
  const { seed } = options;
  const drawn = seed === undefined ? 0 : Math.floor(randomNumbers(checkSeed(seed))() * total);
  const start = validate(integerBetween(0, total - 1), options.start ?? drawn, 'start');
  const result = { indices: new Int32Array(count), distances: new Float64Array(count) };
  const fewer = validate(z.boolean(), options.fewer ?? false, 'fewer');
  return { candidates: forNative, start, fewer, result };
}

function checkFound(
  { indices, distances }: FarthestPoints,
  found: number,
  fewer: boolean,
): FarthestPoints {
  if (found < indices.length && !fewer) {
    throw new NumericalError(
      `only ${found} are different from each other, cannot pick ${indices.length}: the others are copies`,
    );
  }
  return { indices: indices.subarray(0, found), distances: distances.subarray(0, found) };
}
