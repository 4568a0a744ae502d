import type { Expectation } from './surrogate';

/** By how much a score is expected to fall below the best so far: E[max(0, best − score)]. */
export function expectedImprovement({ mean, deviation }: Expectation, best: number): number {
  const gain = best - mean;
  if (deviation === 0) return Math.max(0, gain);
  const z = gain / deviation;
  const density = Math.exp(-0.5 * z * z) / Math.sqrt(2 * Math.PI);
  return gain * normalDistribution(z) + deviation * density;
}

/** Φ(z), to 1.5e-7 (M. Abramowitz and I. Stegun, 7.1.26). */
export function normalDistribution(z: number): number {
  const x = Math.abs(z) / Math.SQRT2;
  const t = 1 / (1 + 0.3275911 * x);
  const coefficients = [1.061405429, -1.453152027, 1.421413741, -0.284496736, 0.254829592];
  const sum = coefficients.reduce((inside, coefficient) => t * (inside + coefficient), 0);
  const tail = 0.5 * sum * Math.exp(-x * x);
  return z < 0 ? tail : 1 - tail;
}
