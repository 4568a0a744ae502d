import { z } from 'zod';
import { checkMatrix } from '../../common/matrix';
import type { Matrix } from '../../common/matrix';
import type { KeysOf } from '../../common/options';
import { integerBetween, numberThat, positive, validate } from '../../common/validation';
import { InvalidInputError } from '../../errors';
import { mapRows, mapRowsSync } from '../../math/affine-map';
import type { AsyncOptions } from '../../native/call';
import type { NativeAxes, NativeCovariateOptions } from '../../native/contract';

/**
 * What principal components and covariates are to be. With `targets` Y they are those of principal covariates
 * regression (PCovR): axes along which samples differ and that also tell the targets.
 */
export interface CovariateOptions {
  /** How many axes. Default 2. */
  readonly count?: number | undefined;
  /** Finds fewer where samples differ in fewer directions, at least one, instead of a NumericalError. Default false. */
  readonly fewer?: boolean | undefined;
  /** α of PCovR, from 0 (the targets alone count) to 1 (as without targets). Default 0.5; only with targets. */
  readonly mixing?: number | undefined;
  /** Ridge of the regression of the targets, in parts of the total variance of the samples. Default 1e-6. */
  readonly regularization?: number | undefined;
}

export const covariateKeys: KeysOf<CovariateOptions> = {
  count: true,
  fewer: true,
  mixing: true,
  regularization: true,
};

/** What axes tell of the samples they were made from. */
export interface AxesSummary {
  /** Eigenvalues, the largest first: for PCA sums of squares along each axis. */
  readonly eigenvalues: Float64Array;
  /** Part of the variance of the samples that each axis explains, 0 to 1. */
  readonly explained: Float64Array;
}

/** @throws InvalidInputError */
export function checkCovariateOptions(
  { count = 2, fewer = false, mixing, regularization = 1e-6 }: CovariateOptions,
  most: number,
  withTargets: boolean,
): NativeCovariateOptions {
  if (mixing !== undefined && !withTargets) {
    throw new InvalidInputError('expected targets to mix with', { path: 'mixing' });
  }
  return {
    count: validate(integerBetween(1, most), count, 'count'),
    fewer: validate(z.boolean(), fewer, 'fewer'),
    mixing: withTargets ? validate(fraction, mixing ?? 0.5, 'mixing') : 1,
    regularization: validate(positive(), regularization, 'regularization'),
  };
}

/** Targets of so many samples, if there are any. @throws InvalidInputError */
export function checkTargets(targets: Matrix | undefined, rows: number): Matrix | undefined {
  return targets && checkMatrix(targets, 'targets', { rows });
}

/** Arrays for k axes of F features, with P targets. */
export function emptyAxes(
  features: number,
  targets: number,
  count: number,
  loadings = true,
): NativeAxes {
  return {
    axes: new Float64Array(features * count),
    offset: new Float64Array(count),
    eigenvalues: new Float64Array(count),
    shares: new Float64Array(count),
    loadings: new Float64Array(loadings ? count * features : 0),
    targetLoadings: new Float64Array(count * targets),
    mean: new Float64Array(loadings ? features : 0),
    targetMean: new Float64Array(targets),
  };
}

/** Those of the axes that were found. */
export function foundAxes(axes: NativeAxes, found: number): NativeAxes {
  const count = axes.offset.length;
  const first = (values: Float64Array) => values.subarray(0, (values.length / count) * found);
  return {
    ...axes,
    axes: first(axes.axes),
    offset: first(axes.offset),
    eigenvalues: first(axes.eigenvalues),
    shares: first(axes.shares),
    loadings: first(axes.loadings),
    targetLoadings: first(axes.targetLoadings),
  };
}

/** What of them goes with kernels, too. */
export type SupervisedAxes = Pick<NativeAxes, 'axes' | 'offset' | 'targetLoadings' | 'targetMean'>;

/** x · axes − offset. */
export function projected(
  x: Matrix,
  axes: Float64Array,
  offset: Float64Array,
  options: AsyncOptions,
): Promise<Matrix> {
  const matrix: Matrix = { values: axes, shape: [x.shape[1], offset.length] };
  return mapRows(x, { matrix, constant: offset.map((b) => -b) }, options);
}

/** coordinates · loadings + mean. */
export function expanded(coordinates: Matrix, loadings: Float64Array, mean: Float64Array): Matrix {
  const matrix: Matrix = { values: loadings, shape: [coordinates.shape[1], mean.length] };
  return mapRowsSync(coordinates, { matrix, constant: mean });
}

/** What coordinates tell of the targets. @throws InvalidInputError without targets */
export function predicted(
  coordinates: Matrix,
  { offset, targetLoadings, targetMean }: Omit<SupervisedAxes, 'axes'>,
): Matrix {
  if (targetMean.length === 0) {
    throw new InvalidInputError('these components were found without targets');
  }
  const checked = checkMatrix(coordinates, 'coordinates', { columns: offset.length });
  return expanded(checked, targetLoadings, targetMean);
}

const fraction = numberThat('a number from 0 to 1', (value) => value >= 0 && value <= 1);
