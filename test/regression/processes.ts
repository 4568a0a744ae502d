import { kernelMatrixSync } from '../../ts';
import type { Matrix } from '../../ts';
import { randomNumbers } from '../../ts/common/random';

// Matrices and labels that the tests of processes share.

export const random = randomNumbers(3);
export const matrix = (
  rows: number,
  columns: number,
  of: (i: number, j: number) => number,
): Matrix => ({
  values: Float64Array.from({ length: rows * columns }, (_, at) =>
    of(Math.floor(at / columns), at % columns),
  ),
  shape: [rows, columns],
});
export const at = ({ values, shape }: Matrix, i: number, j: number) => values[i * shape[1] + j]!;
export const transposed = (a: Matrix) => matrix(a.shape[1], a.shape[0], (i, j) => at(a, j, i));
export const product = (a: Matrix, b: Matrix) =>
  matrix(a.shape[0], b.shape[1], (i, j) => {
    let sum = 0;
    for (let k = 0; k < a.shape[1]; k++) sum += at(a, i, k) * at(b, k, j);
    return sum;
  });
export const rowsOf = (a: Matrix, rows: readonly number[]) =>
  matrix(rows.length, a.shape[1], (i, j) => at(a, rows[i]!, j));
export const columnsOf = (a: Matrix, columns: readonly number[]) =>
  transposed(rowsOf(transposed(a), columns));

/** Inverse and ln |A| of a positive definite matrix, by Gauss and Jordan. */
export function inverse(a: Matrix): { inverse: Matrix; logDeterminant: number } {
  const [n] = a.shape;
  const rows = Array.from({ length: n }, (_, i) => [
    ...Array.from({ length: n }, (_, j) => at(a, i, j)),
    ...Array.from({ length: n }, (_, j) => Number(i === j)),
  ]);
  let logDeterminant = 0;
  for (let k = 0; k < n; k++) {
    const pivot = rows[k]![k]!;
    logDeterminant += Math.log(pivot);
    rows[k] = rows[k]!.map((x) => x / pivot);
    for (let i = 0; i < n; i++) {
      if (i === k) continue;
      const factor = rows[i]![k]!;
      rows[i] = rows[i]!.map((x, j) => x - factor * rows[k]![j]!);
    }
  }
  return { inverse: matrix(n, n, (i, j) => rows[i]![n + j]!), logDeterminant };
}

export const inputs = matrix(60, 3, () => 4 * random() - 2);
export const samples = { values: inputs.values, rows: 60, columns: 3 };
export const kernelOf = (width: number) =>
  kernelMatrixSync(samples, undefined, { type: 'gaussian', width });
export const all = kernelOf(1.2);
export const targets = matrix(60, 2, (i, t) =>
  t === 0
    ? Math.sin(at(inputs, i, 0)) + at(inputs, i, 1)
    : Math.cos(at(inputs, i, 2)) + 0.1 * random(),
);
export const [known, unknown] = [
  [...Array(45).keys()],
  Array.from({ length: 15 }, (_, i) => 45 + i),
];
export const kernel = columnsOf(rowsOf(all, known), known);
export const labels = rowsOf(targets, known);
export const noise = 0.1;
export const weights = Float64Array.from(known, (i) => 0.5 + (i % 3));
export const withNoise = matrix(
  45,
  45,
  (i, j) => at(kernel, i, j) + (i === j ? noise ** 2 / weights[i]! : 0),
);

export const expectClose = (a: ArrayLike<number>, b: ArrayLike<number>, digits = 8) => {
  expect(a.length).toBe(b.length);
  const errors = Array.from(a, (x, i) => Math.abs(x - b[i]!) / Math.max(1, Math.abs(b[i]!)));
  expect(Math.max(...errors)).toBeLessThan(10 ** -digits);
};
