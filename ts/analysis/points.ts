import { checkMatrix } from '../common/matrix';
import type { Matrix } from '../common/matrix';
import type { Samples } from '../kernels';

/** Points in a space of features, one in a row: a matrix, or what `compute` of a representation returns. */
export type Points = Matrix | Samples;

/** @throws InvalidInputError unless these are points, of so many features if that is given. */
export function checkPoints(
  points: Points | undefined,
  path: string,
  expected: { readonly rows?: number; readonly columns?: number } = {},
): Matrix {
  // Callers without TypeScript may pass anything.
  const given = (points ?? {}) as Partial<Matrix & Samples>;
  const { values, shape, rows, columns } = given;
  if (shape || rows === undefined) return checkMatrix(points as Matrix, path, expected);
  return checkMatrix({ values: values!, shape: [rows, columns!] }, path, expected);
}

/** The same as samples of a kernel. */
export function samplesOf(points: Points, path = 'x'): Samples {
  if (typeof points !== 'object' || points === null) checkPoints(points, path);
  if (!('shape' in points)) return points;
  const { values, shape } = points;
  return { values, rows: shape[0], columns: shape[1] };
}

/** Some rows, copied. */
export function rowsOf({ values, shape }: Matrix, rows: ArrayLike<number>): Matrix {
  const [, columns] = shape;
  const picked = new Float64Array(rows.length * columns);
  for (let i = 0; i < rows.length; i++) {
    picked.set(values.subarray(rows[i]! * columns, (rows[i]! + 1) * columns), i * columns);
  }
  return { values: picked, shape: [rows.length, columns] };
}
