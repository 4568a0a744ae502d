import { z } from 'zod';

import { integerBetween, numbers, typedArray, validate } from '../common/validation';
import { InvalidInputError } from '../errors';
import type { Parity } from '../models';

/** How well uncertainties agree with errors. */
export interface Calibration {
  /** Parts of errors that a Gaussian expects within the central interval, ascending from 0 to 1. */
  readonly expected: Float64Array;
  /** Parts of errors that are within it. */
  readonly observed: Float64Array;
  /** Area between both curves: 0 is perfect, 0.5 the worst. */
  readonly area: number;
  /** Parts of errors within one and two standard deviations; 0.683 and 0.954 for a Gaussian. */
  readonly within: readonly [one: number, two: number];
  /** Mean of ln p(error) for Gaussians of these widths. */
  readonly logLikelihood: number;
  /** The factor α for all uncertainties that maximises the likelihood: the root of the mean of (error / σ)². */
  readonly factor: number;
}

/**
 * Compares errors with their predicted standard deviations. Method: F. Musil, M. J. Willatt, M. A. Langovoy and
 * M. Ceriotti, J. Chem. Theory Comput. 15, 906 (2019), for likelihood and factor (Eq. 21 of the review); the curve is
 * that of V. Kuleshov, N. Fenner and S. Ermon, ICML (2018).
 *
 * @param errors predictions less labels, in any unit.
 * @param uncertainties standard deviations > 0 in the same unit, one for each.
 * @param levels number of points of the curve.
 */
export function calibration(
  errors: ArrayLike<number>,
  uncertainties: ArrayLike<number>,
  levels = 101,
): Calibration {
  validate(numbers, errors, 'errors');
  validate(numbers, uncertainties, 'uncertainties');
  validate(integerBetween(2, 1e6), levels, 'levels');
  const count = errors.length;
  if (count === 0 || uncertainties.length !== count) {
    throw new InvalidInputError(
      `expected as many uncertainties as errors, at least one, got ${uncertainties.length} for ${count}`,
      { path: 'uncertainties' },
    );
  }
  const ratios = Float64Array.from({ length: count }, (_, i) => {
    const [error, sigma] = [errors[i]!, uncertainties[i]!];
    if (!Number.isFinite(error)) {
      throw new InvalidInputError(`expected a finite number, got ${error}`, {
        path: `errors[${i}]`,
      });
    }
    if (!(sigma > 0 && Number.isFinite(sigma))) {
      throw new InvalidInputError(`expected a number > 0, got ${sigma}`, {
        path: `uncertainties[${i}]`,
      });
    }
    return Math.abs(error) / sigma;
  }).sort();
  const expected = Float64Array.from({ length: levels }, (_, k) => k / (levels - 1));
  // |z| of a Gaussian is below erf⁻¹(p) √2 with probability p: each ratio is given its p instead.
  const probabilities = ratios.map((z) => centralProbability(z));
  const observed = expected.map((p) => below(probabilities, p) / count);
  let area = 0;
  for (let k = 1; k < levels; k++) {
    const [a, b] = [observed[k - 1]! - expected[k - 1]!, observed[k]! - expected[k]!];
    area += (Math.abs(a) + Math.abs(b)) / 2 / (levels - 1);
  }
  let square = 0;
  let logarithms = 0;
  for (let i = 0; i < count; i++) {
    square += (errors[i]! / uncertainties[i]!) ** 2;
    logarithms += Math.log(uncertainties[i]!);
  }
  return {
    expected,
    observed,
    area,
    within: [below(ratios, 1) / count, below(ratios, 2) / count],
    logLikelihood: -0.5 * Math.log(2 * Math.PI) - (logarithms + square / 2) / count,
    factor: Math.sqrt(square / count),
  };
}

const paritySchema = z.looseObject({
  reference: numbers,
  predicted: numbers,
  uncertainty: typedArray('Float64Array').optional(),
});

/**
 * The calibration of predictions that were compared with labels; undefined where their uncertainties are not known.
 * What has no uncertainty, as where there was nothing to learn, is left out.
 */
export function calibrationOf(parity: Parity): Calibration | undefined {
  validate(paritySchema, parity, 'parity');
  const { errors, uncertainties } = errorsWithUncertainty(parity);
  return errors.length > 0 ? calibration(errors, uncertainties) : undefined;
}

/** Errors of the predictions that have an uncertainty, and these. */
export function errorsWithUncertainty({ reference, predicted, uncertainty }: Parity) {
  const known = uncertainty ? [...uncertainty.keys()].filter((i) => uncertainty[i]! > 0) : [];
  return {
    errors: Float64Array.from(known, (i) => predicted[i]! - reference[i]!),
    uncertainties: Float64Array.from(known, (i) => uncertainty![i]!),
  };
}

/** How many of ascending numbers are at most this one. */
function below(sorted: Float64Array, most: number): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle]! <= most) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** erf(z / √2) for z ≥ 0: its series up to 3, its continued fraction (Abramowitz and Stegun 7.1.14) beyond. */
export function centralProbability(z: number): number {
  const x = z / Math.SQRT2;
  if (x < 2.5) {
    let term = x;
    let sum = x;
    for (let n = 1; Math.abs(term) > 1e-17 * sum; n++) {
      term *= (-x * x) / n;
      sum += term / (2 * n + 1);
    }
    return (2 / Math.sqrt(Math.PI)) * sum;
  }
  let fraction = x;
  for (let n = 60; n > 0; n--) fraction = x + n / 2 / fraction;
  return 1 - Math.exp(-x * x) / Math.sqrt(Math.PI) / fraction;
}
