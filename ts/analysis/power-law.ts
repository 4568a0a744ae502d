import { z } from 'zod';

import { anyNumber, validate } from '../common/validation';

/** error ≈ prefactor · size^−exponent. */
export interface PowerLaw {
  readonly prefactor: number;
  readonly exponent: number;
  /** Standard error of the exponent; undefined for two points, which every power law fits. */
  readonly exponentError?: number | undefined;
}

/**
 * Fits a power law by least squares of logarithms, each point with the same weight.
 *
 * @returns undefined with fewer than two sizes, or errors that are not > 0.
 */
export function fitPowerLaw(
  sizes: readonly number[],
  errors: readonly number[],
): PowerLaw | undefined {
  validate(z.array(anyNumber), sizes, 'sizes');
  validate(z.array(anyNumber), errors, 'errors');
  const x = sizes.map(Math.log);
  const y = errors.map(Math.log);
  if (new Set(x).size < 2 || ![...x, ...y].every(Number.isFinite)) return undefined;
  const mean = (values: readonly number[]) =>
    values.reduce((sum, value) => sum + value, 0) / values.length;
  const [meanX, meanY] = [mean(x), mean(y)];
  const square = x.reduce((sum, value) => sum + (value - meanX) ** 2, 0);
  const slope = x.reduce((sum, value, k) => sum + (value - meanX) * (y[k]! - meanY), 0) / square;
  const prefactor = Math.exp(meanY - slope * meanX);
  if (x.length === 2) return { prefactor, exponent: -slope };
  const residual = x.reduce(
    (sum, value, k) => sum + (y[k]! - meanY - slope * (value - meanX)) ** 2,
    0,
  );
  const exponentError = Math.sqrt(residual / (x.length - 2) / square);
  return { prefactor, exponent: -slope, exponentError };
}
