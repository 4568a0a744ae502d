import type { Matrix } from '../../common/matrix';
import { asyncKeys, checkOptions, syncKeys } from '../../common/options';
import type { KeysOf } from '../../common/options';
import { integerBetween, validate } from '../../common/validation';
import { callAsync, callSync } from '../../native/call';
import type { AsyncOptions, SyncOptions } from '../../native/call';
import { native } from '../../native/load';
import { checkCandidates, checkCount, checkLeading, selectionKeys } from './candidates';
import type { SelectionOptions } from './candidates';

export interface CurOptions extends SelectionOptions {
  /** Leading singular vectors that make the scores. Default 1; at most as many as targets if `mixing` is 0. */
  readonly k?: number | undefined;
  /** Scores are computed anew after so many picks. Default 1; 0 picks all with the first scores. */
  readonly recomputeEvery?: number | undefined;
}

const curKeys: KeysOf<CurOptions> = { ...selectionKeys, k: true, recomputeEvery: true };

/** `count` indices of rows or columns, in the order in which they were picked. */
export interface CurSelection {
  readonly indices: Int32Array;
  /** Score of each when it was picked, from 0 to 1 (to `k`, if that is more), to 10⁻³ of it. */
  readonly scores: Float64Array;
}

/**
 * CUR selection: picks `count` rows or columns of a matrix, each the one with the largest sum of squares in the
 * `k` leading singular vectors; all others are then made orthogonal to it and scored anew. Ties go to the lower
 * index. The same as scikit-matter's `CUR` (G. Imbalzano et al., J. Chem. Phys. 148, 241730, 2018). With
 * `targets`, PCov-CUR: vectors are those of α XXᵀ + (1 − α) YYᵀ, see {@link SelectionOptions}, and what the picks
 * say about the targets by linear regression is taken off these after each; the same as `PCovCUR`. Runs off the
 * event loop; matrix and targets must not change meanwhile. Progress counts picks.
 *
 * Memory: a copy of the matrix, and the square of its shorter side. Columns with targets cost an eigenproblem of
 * the shorter side for every new score.
 *
 * @throws InvalidInputError when an argument is not valid, or a number of the matrix or the targets not finite.
 * @throws NumericalError when fewer than `count` are linearly independent.
 * @throws AbortError when the signal is aborted.
 */
export async function cur(
  matrix: Matrix,
  count: number,
  options: CurOptions & AsyncOptions = {},
): Promise<CurSelection> {
  checkOptions(options, { ...curKeys, ...asyncKeys });
  const { candidates, parameters, result } = prepare(matrix, count, options);
  const { indices, scores } = result;
  await callAsync(
    (call) => native().cur(...candidates, parameters, indices, scores, call),
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
  checkOptions(options, { ...curKeys, ...syncKeys });
  const { candidates, parameters, result } = prepare(matrix, count, options);
  const { indices, scores } = result;
  callSync((call) => native().cur(...candidates, parameters, indices, scores, call), options);
  return result;
}

function prepare(matrix: Matrix, count: number, options: CurOptions) {
  const candidates = checkCandidates(matrix, options);
  checkCount(count, candidates);
  const leading = checkLeading(options.k, candidates);
  const recomputeEvery = validate(
    integerBetween(0, 2 ** 31 - 1),
    options.recomputeEvery ?? 1,
    'recomputeEvery',
  );
  const result = { indices: new Int32Array(count), scores: new Float64Array(count) };
  return { candidates: candidates.forNative, parameters: { leading, recomputeEvery }, result };
}
