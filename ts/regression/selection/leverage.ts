import type { Matrix } from '../../common/matrix';
import { asyncKeys, checkOptions, syncKeys } from '../../common/options';
import type { KeysOf } from '../../common/options';
import { randomNumbers } from '../../common/random';
import { NumericalError } from '../../errors';
import { callAsync, callSync } from '../../native/call';
import type { AsyncOptions, SyncOptions } from '../../native/call';
import { native } from '../../native/load';
import { checkCandidates, checkCount, checkLeading, checkSeed, selectionKeys } from './candidates';
import type { SelectionOptions } from './candidates';

export interface LeverageOptions extends SelectionOptions {
  /** Leading singular vectors that make the scores. Default 1; at most as many as targets if `mixing` is 0. */
  readonly k?: number | undefined;
}

const leverageKeys: KeysOf<LeverageOptions> = { ...selectionKeys, k: true };

export interface LeverageSelectionOptions extends LeverageOptions {
  /** Draws at random, in proportion to the scores, the same for the same seed. Default: the largest scores. */
  readonly seed?: number | undefined;
}

const leverageSelectionKeys: KeysOf<LeverageSelectionOptions> = { ...leverageKeys, seed: true };

/** `count` indices of rows or columns, in the order in which they were picked, with their scores. */
export interface LeverageSelection {
  readonly indices: Int32Array;
  readonly scores: Float64Array;
}

/**
 * Leverage scores of all rows or columns of a matrix: the sum of squares of their components in the `k` leading
 * singular vectors, from 0 to 1, `k` in all (M. W. Mahoney, P. Drineas, PNAS 106, 697, 2009). With `targets`, the
 * vectors are those of α XXᵀ + (1 − α) YYᵀ, see {@link SelectionOptions}. Runs off the event loop; matrix and
 * targets must not change meanwhile.
 *
 * @throws InvalidInputError when an argument is not valid, or a number of the matrix or the targets not finite.
 * @throws NumericalError when the matrix is zero.
 * @throws AbortError when the signal is aborted.
 */
export async function leverageScores(
  matrix: Matrix,
  options: LeverageOptions & AsyncOptions = {},
): Promise<Float64Array> {
  checkOptions(options, { ...leverageKeys, ...asyncKeys });
  const { candidates, leading, scores } = prepare(matrix, options);
  await callAsync((call) => native().leverageScores(...candidates, leading, scores, call), options);
  return scores;
}

/** The same on the calling thread, which waits for it. See {@link leverageScores}. */
export function leverageScoresSync(
  matrix: Matrix,
  options: LeverageOptions & SyncOptions = {},
): Float64Array {
  checkOptions(options, { ...leverageKeys, ...syncKeys });
  const { candidates, leading, scores } = prepare(matrix, options);
  callSync((call) => native().leverageScores(...candidates, leading, scores, call), options);
  return scores;
}

/**
 * Picks the `count` rows or columns with the largest {@link leverageScores}, ties going to the lower index; or, with
 * a `seed`, draws them without replacement, one after the other, with probabilities proportional to the scores.
 *
 * @throws InvalidInputError when an argument is not valid, or a number of the matrix or the targets not finite.
 * @throws NumericalError when the matrix is zero, or fewer than `count` have a score to be drawn by.
 * @throws AbortError when the signal is aborted.
 */
export async function leverageSelection(
  matrix: Matrix,
  count: number,
  options: LeverageSelectionOptions & AsyncOptions = {},
): Promise<LeverageSelection> {
  const { seed, ...rest } = checkOptions(options, { ...leverageSelectionKeys, ...asyncKeys });
  checkSelection(matrix, count, options);
  return pick(await leverageScores(matrix, rest), count, seed);
}

/** The same on the calling thread, which waits for it. See {@link leverageSelection}. */
export function leverageSelectionSync(
  matrix: Matrix,
  count: number,
  options: LeverageSelectionOptions & SyncOptions = {},
): LeverageSelection {
  const { seed, ...rest } = checkOptions(options, { ...leverageSelectionKeys, ...syncKeys });
  checkSelection(matrix, count, options);
  return pick(leverageScoresSync(matrix, rest), count, seed);
}

function prepare(matrix: Matrix, options: LeverageOptions) {
  const candidates = checkCandidates(matrix, options);
  const leading = checkLeading(options.k, candidates);
  const scores = new Float64Array(candidates.total);
  return { candidates: candidates.forNative, leading, scores };
}

function checkSelection(matrix: Matrix, count: number, options: LeverageSelectionOptions): void {
  checkCount(count, checkCandidates(matrix, options));
  if (options.seed !== undefined) checkSeed(options.seed);
}

function pick(scores: Float64Array, count: number, seed: number | undefined): LeverageSelection {
  const keys = seed === undefined ? scores : drawingKeys(scores, randomNumbers(seed));
  const drawable = Int32Array.from(keys.keys()).filter((i) => keys[i]! > -Infinity);
  if (drawable.length < count) {
    throw new NumericalError(
      `only ${drawable.length} have a score that is not 0, cannot draw ${count}`,
    );
  }
  const indices = drawable.sort((i, j) => keys[j]! - keys[i]! || i - j).slice(0, count);
  return { indices, scores: Float64Array.from(indices, (i) => scores[i]!) };
}

/**
 * Random keys whose descending order is that of drawing without replacement with these weights; −Infinity for those
 * without weight. P. S. Efraimidis, P. G. Spirakis, Inf. Process. Lett. 97, 181 (2006).
 */
function drawingKeys(weights: Float64Array, random: () => number): Float64Array {
  return weights.map((weight) => {
    const key = Math.log(1 - random());
    return weight > 0 ? key / weight : -Infinity;
  });
}
