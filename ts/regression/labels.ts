import { checkMatrix, findNonFinite } from '../common/matrix';
import type { Matrix } from '../common/matrix';
import { InvalidInputError } from '../errors';
import { mapRows } from '../math/affine-map';
import type { AffineMap } from '../math/affine-map';
import type { AsyncOptions } from '../native/call';

/** Checks labels, rows × T. @throws InvalidInputError naming the row of one that is not finite. */
export function checkTargets(
  targets: Matrix | undefined,
  expected: { readonly rows: number; readonly columns?: number },
): Matrix {
  const checked = checkMatrix(targets, 'targets', expected);
  checkFinite(checked, 'targets');
  return checked;
}

/** @throws InvalidInputError naming the row and column of a number that is not finite. */
export function checkFinite({ values, shape: [, columns] }: Matrix, path: string): void {
  const bad = findNonFinite(values);
  if (bad < 0) return;
  throw new InvalidInputError(`expected a finite number, got ${values[bad]}`, {
    path: `${path}: row ${Math.floor(bad / columns)}, column ${bad % columns}`,
  });
}

/**
 * What a model says of samples that a caller gave. Rows are not looked through first: a number that is not finite makes
 * what becomes of its row not finite, and that is shorter.
 *
 * @throws InvalidInputError naming the row and column of such a number.
 */
export async function predictFrom(
  samples: Matrix,
  model: AffineMap,
  path: string,
  options: AsyncOptions,
): Promise<Matrix> {
  const predictions = await mapRows(samples, model, options);
  if (findNonFinite(predictions.values) >= 0) checkFinite(samples, path);
  return predictions;
}

/** Weights of samples, each > 0. @throws InvalidInputError */
export function checkWeights(
  weights: Float64Array | undefined,
  samples: number,
  path = 'weights',
): Float64Array | undefined {
  if (weights === undefined) return undefined;
  if (weights.length !== samples) {
    throw new InvalidInputError(`expected ${samples} numbers, got ${weights.length}`, {
      path,
    });
  }
  const bad = weights.findIndex((w) => !(w > 0 && Number.isFinite(w)));
  if (bad < 0) return weights;
  throw new InvalidInputError(`expected a number > 0, got ${weights[bad]}`, {
    path: `${path}[${bad}]`,
  });
}
