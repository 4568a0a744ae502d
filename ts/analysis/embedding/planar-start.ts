import type { Matrix } from '../../common/matrix';
import { randomNumbers } from '../../common/random';
import { integerBetween, validate } from '../../common/validation';
import { isNumerical } from '../../errors';
import type { AsyncOptions } from '../../native/call';
import { PrincipalComponents } from '../covariates';

/** Coordinates along the two principal components, with a standard deviation of `size` and a little noise. */
export async function planarStart(
  x: Matrix,
  seed: number,
  size: number,
  { threads, signal }: AsyncOptions,
): Promise<Float64Array> {
  const random = randomNumbers(validate(integerBetween(0, Number.MAX_SAFE_INTEGER), seed, 'seed'));
  const [rows, columns] = x.shape;
  const start = Float64Array.from({ length: 2 * rows }, () => 0.01 * size * (random() - 0.5));
  const count = Math.min(2, columns);
  // Points on a line, or all the same, have fewer components.
  const found = await PrincipalComponents.fit(x, { count, threads, signal }).catch(
    (error: unknown) => {
      if (isNumerical(error)) return undefined;
      throw error;
    },
  );
  if (!found) return start;
  const { values } = await found.project(x, { threads, signal });
  const deviation = Math.sqrt(found.eigenvalues[0]! / rows);
  for (let i = 0; i < rows; i++) {
    for (let k = 0; k < count; k++)
      start[2 * i + k]! += (size * values[i * count + k]!) / deviation;
  }
  return start;
}
