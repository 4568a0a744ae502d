import type { Matrix } from '../common/matrix';
import { Pace } from '../common/turns';
import type { Steps } from '../common/turns';

/** left · right in steps; for a right factor of few columns, such as weights. */
export function* multiplying(left: Matrix, right: Matrix): Steps<Matrix> {
  const [rows, inner] = left.shape;
  const [, columns] = right.shape;
  const values = new Float64Array(rows * columns);
  const pace = new Pace();
  for (let i = 0; i < rows; i++) {
    if (columns === 1) {
      values[i] = dot(left.values, i * inner, right.values);
    } else {
      for (let k = 0; k < inner; k++) {
        const factor = left.values[i * inner + k]!;
        for (let j = 0; j < columns; j++) {
          values[i * columns + j]! += factor * right.values[k * columns + j]!;
        }
      }
    }
    if (pace.passed(inner * columns)) yield;
  }
  return { values, shape: [rows, columns] };
}

function dot(row: Float64Array, first: number, column: Float64Array): number {
  let sum = 0;
  for (let k = 0; k < column.length; k++) sum += row[first + k]! * column[k]!;
  return sum;
}
