import { InvalidInputError } from '../errors';

/** N × F numbers, row by row: for features, a row is an environment. */
export interface Matrix {
  readonly values: Float64Array;
  /** [N, F]. */
  readonly shape: readonly [rows: number, columns: number];
}

/** @throws InvalidInputError unless `matrix` is one, of this shape where it is given. */
export function checkMatrix(
  matrix: Matrix | undefined,
  path: string,
  expected: { readonly rows?: number; readonly columns?: number } = {},
): Matrix {
  // Callers without TypeScript may pass anything.
  const { values, shape }: Partial<Matrix> = matrix ?? {};
  const [rows = NaN, columns = NaN] = shape ?? [];
  for (const [index, [extent, wanted]] of [
    [rows, expected.rows] as const,
    [columns, expected.columns] as const,
  ].entries()) {
    const isCount = Number.isInteger(extent) && extent >= 1;
    if (isCount && (wanted === undefined || extent === wanted)) continue;
    throw new InvalidInputError(`expected ${wanted ?? 'an integer of at least 1'}, got ${extent}`, {
      path: `${path}.shape[${index}]`,
    });
  }
  const isArray = Object.prototype.toString.call(values) === '[object Float64Array]';
  if (!values || !isArray || values.length !== rows * columns) {
    throw new InvalidInputError(`expected a Float64Array of ${rows} × ${columns} numbers`, {
      path: `${path}.values`,
    });
  }
  return { values, shape: [rows, columns] };
}

/** Where the first number is that is not finite; −1 where there is none. */
export function findNonFinite(values: Float64Array): number {
  const step = 4096;
  for (let from = 0; from < values.length; from += step) {
    const end = Math.min(values.length, from + step);
    // x − x is 0, or NaN. A plain loop: a function called for each number takes ten times as long.
    let zero = 0;
    for (let i = from; i < end; i++) zero += values[i]! - values[i]!;
    if (zero === 0) continue;
    for (let i = from; i < end; i++) if (!Number.isFinite(values[i])) return i;
  }
  return -1;
}
