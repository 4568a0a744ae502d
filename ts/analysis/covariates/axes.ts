import { z } from 'zod';
import { checkMatrix } from '../../common/matrix';
import type { Matrix } from '../../common/matrix';
import { integerBetween, numberThat, positive, validate } from '../../common/validation';
import { InvalidInputError } from '../../errors';
import { callAsync } from '../../native/call';
import type { AsyncOptions } from '../../native/call';
import type { NativeAxes, NativeCovariateOptions } from '../../native/contract';
import { native } from '../../native/load';

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
export async function projected(
  { values, shape }: Matrix,
  axes: Float64Array,
  offset: Float64Array,
  options: AsyncOptions,
): Promise<Matrix> {
  const out = new Float64Array(shape[0] * offset.length);
  await callAsync((run) => native().project(values, shape[1], axes, offset, out, run), options);
  return { values: out, shape: [shape[0], offset.length] };
}

/** coordinates · loadings + mean. */
export function expanded(
  { values, shape }: Matrix,
  loadings: Float64Array,
  mean: Float64Array,
): Matrix {
  const [rows, count] = shape;
  const columns = mean.length;
  const out = new Float64Array(rows * columns);
  for (let i = 0; i < rows; i++) {
    const to = out.subarray(i * columns, (i + 1) * columns);
    to.set(mean);
    for (let k = 0; k < count; k++) {
      const along = values[i * count + k]!;
      for (let j = 0; j < columns; j++) to[j]! += along * loadings[k * columns + j]!;
    }
  }
  return { values: out, shape: [rows, columns] };
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
