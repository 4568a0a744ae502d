import { checkMatrix } from '../../common/matrix';
import type { Matrix } from '../../common/matrix';
import type { KeysOf } from '../../common/options';
import { integerBetween, numberThat, validate } from '../../common/validation';
import { InvalidInputError } from '../../errors';
import type { NativeCandidates } from '../../native/contract';

/** What is picked: rows (samples, such as environments or structures) or columns (features). */
export type SelectionAxis = 'rows' | 'columns';

/**
 * What every selection takes. With `targets` Y it looks for what tells most about them, too, as principal covariates
 * regression does (PCov; R. K. Cersonsky et al., Mach. Learn.: Sci. Technol. 2, 035038, 2021): scalar products of rows
 * are those of α XXᵀ + (1 − α) YYᵀ, and of columns those of α XᵀX + (1 − α) (XᵀX)^−½ XᵀYYᵀX (XᵀX)^−½. Matrix and
 * targets are taken as they are: centre and scale them so that they are comparable.
 */
export interface SelectionOptions {
  /** Default: rows. */
  readonly axis?: SelectionAxis | undefined;
  /** N × P numbers, one row for each row of the matrix whatever the axis. Default: none. */
  readonly targets?: Matrix | undefined;
  /** α, from 0 (the targets alone count) to 1 (the matrix alone). Default 0.5; only with `targets`. */
  readonly mixing?: number | undefined;
}

export const selectionKeys: KeysOf<SelectionOptions> = { axis: true, targets: true, mixing: true };

export interface Candidates {
  readonly forNative: NativeCandidates;
  /** How many there are to pick from. */
  readonly total: number;
  /** How many leading vectors can mean anything. */
  readonly mostVectors: number;
}

/** @throws InvalidInputError when the matrix or an option is not valid. */
export function checkCandidates(
  matrix: Matrix | undefined,
  { axis = 'rows', targets, mixing }: SelectionOptions,
): Candidates {
  const { values, shape } = checkMatrix(matrix, 'matrix');
  const [rows, columns] = shape;
  if (!['rows', 'columns'].includes(axis)) {
    throw new InvalidInputError(`expected "rows" or "columns", got ${JSON.stringify(axis)}`, {
      path: 'axis',
    });
  }
  if (targets === undefined && mixing !== undefined) {
    throw new InvalidInputError('expected targets to mix with', { path: 'mixing' });
  }
  const aims = targets && checkMatrix(targets, 'targets', { rows });
  const alpha = aims ? validate(fraction, mixing ?? 0.5, 'mixing') : 1;
  const pickColumns = axis === 'columns';
  return {
    forNative: [values, columns, pickColumns, aims?.values ?? new Float64Array(0), alpha],
    total: pickColumns ? columns : rows,
    mostVectors: Math.min(rows, columns, aims && alpha === 0 ? aims.shape[1] : Infinity),
  };
}

/** @throws InvalidInputError unless so many can be picked. */
export function checkCount(count: number, { total }: Candidates): number {
  return validate(integerBetween(1, total), count, 'count');
}

/** @throws InvalidInputError unless there are so many leading vectors. */
export function checkLeading(k: number | undefined, { mostVectors }: Candidates): number {
  return validate(integerBetween(1, mostVectors), k ?? 1, 'k');
}

/** @throws InvalidInputError unless it is a seed. */
export function checkSeed(seed: number): number {
  return validate(integerBetween(0, Number.MAX_SAFE_INTEGER), seed, 'seed');
}

const fraction = numberThat('a number from 0 to 1', (value) => value >= 0 && value <= 1);
