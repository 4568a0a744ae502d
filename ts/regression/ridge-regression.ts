import { checkMatrix } from '../common/matrix';
import type { Matrix } from '../common/matrix';
import { asyncKeys, checkOptions } from '../common/options';
import type { KeysOf } from '../common/options';
import { inTurns, Pace } from '../common/turns';
import type { Steps } from '../common/turns';
import { positive, validate } from '../common/validation';
import { InvalidInputError, NumericalError } from '../errors';
import { mapRows } from '../math/affine-map';
import { callAsync } from '../native/call';
import type { AsyncOptions } from '../native/call';
import { native } from '../native/load';
import { GaussianProcess } from './gaussian-process';
import { checkTargets, checkWeights, predictFrom } from './labels';
import { ProjectedProcess } from './projected-process';
import { rowProducts } from './row-products';

export interface RidgeRegressionOptions extends AsyncOptions {
  /** λ, which multiplies the sum of the squares of the coefficients; in the unit of the features squared. */
  readonly ridge: number;
  /** N numbers > 0. Default 1. */
  readonly weights?: Float64Array | undefined;
  /** Whether there is a constant, which the ridge leaves alone. Default true. */
  readonly intercept?: boolean | undefined;
}

const ridgeKeys: KeysOf<RidgeRegressionOptions> = {
  ...asyncKeys,
  ridge: true,
  weights: true,
  intercept: true,
};

/**
 * Linear regression of T targets on features with a ridge: minimises Σ_i w_i |y_i − x_i c − b|² + λ |c|². It is solved
 * with F × F normal equations, or with N × N ones where there are more features than samples; both are the same model.
 *
 * @example
 * const model = await RidgeRegression.fit(features, targets, { ridge: 1e-6 });
 * const predictions = await model.predict(newFeatures);
 */
export class RidgeRegression {
  /** F × T. */
  readonly coefficients: Matrix;
  /** T numbers. */
  readonly intercept: Float64Array;

  constructor(coefficients: Matrix, intercept: Float64Array) {
    this.coefficients = coefficients;
    this.intercept = intercept;
  }

  /**
   * @param features N × F.
   * @param targets N × T.
   * @throws InvalidInputError for numbers that are not finite; NumericalError when the ridge is too small.
   */
  static async fit(
    features: Matrix,
    targets: Matrix,
    given: RidgeRegressionOptions,
  ): Promise<RidgeRegression> {
    const { ridge, weights, intercept = true, ...options } = checkOptions(given, ridgeKeys);
    const run = { threads: options.threads, signal: options.signal };
    const prepared = await prepare(features, targets, { ridge, weights, intercept, ...run });
    const { x, y, middleX, middleY } = prepared;
    const [samples, columns] = x.shape;
    const coefficients =
      columns <= samples - Number(intercept)
        ? await primal(prepared, ridge, options)
        : await dual(prepared, ridge, options);
    const [, count] = y.shape;
    const constant = Float64Array.from(middleY);
    for (let f = 0; f < columns; f++) {
      for (let t = 0; t < count; t++) {
        constant[t]! -= middleX[f]! * coefficients.values[f * count + t]!;
      }
    }
    return new RidgeRegression(coefficients, constant);
  }

  /**
   * What each sample would be predicted as by a model without it, N × T, in closed form: ŷ₋ᵢ = yᵢ − (yᵢ − ŷᵢ) / (1 − Hᵢᵢ)
   * with the matrix H that takes labels to predictions. Costs one fit. A model with as many features as samples follows
   * all labels, and both differences are of the size of the ridge: then they are what the N × N equations give.
   *
   * Method: R. D. Cook and S. Weisberg, Residuals and Influence in Regression (1982), section 2.2.
   *
   * @throws InvalidInputError also for fewer than two samples; NumericalError when the ridge is too small, and where a
   *   model follows one sample so closely that rounding is all that is left.
   */
  static async leaveOneOut(
    features: Matrix,
    targets: Matrix,
    options: RidgeRegressionOptions,
  ): Promise<Matrix> {
    const { ridge, intercept = true, weights, threads, signal } = checkOptions(options, ridgeKeys);
    const run = { threads, signal, onProgress: undefined };
    const prepared = await prepare(features, targets, { ...options, ...run });
    const { x, roots } = prepared;
    const [samples, columns] = x.shape;
    if (samples < 2) {
      throw new InvalidInputError(`expected at least 2 samples to leave one out, got ${samples}`, {
        path: 'features',
      });
    }
    const { values: labels, shape } = targets;
    const [, count] = shape;
    if (columns >= samples - Number(intercept)) {
      const residuals = await residualsOfDual(prepared, ridge, run);
      return { values: labels.map((label, at) => label - residuals[at]!), shape };
    }
    const model = await RidgeRegression.fit(features, targets, { ...options, ...run });
    const { values } = await model.predict(features, run);
    const free = await freedomOfPrimal(x, ridge, run);
    const total = roots.reduce((sum, root) => sum + root * root, 0);
    return {
      values: values.map((fitted, at) => {
        const i = Math.floor(at / count);
        // The constant, too, is drawn to the label.
        const own = free[i]! - (intercept ? (weights?.[i] ?? 1) / total : 0);
        if (!(own > leastFreedom)) {
          throw new NumericalError(
            `the model follows sample ${i} (counted from 0) so closely that a fit without it has no closed form: use a larger ridge`,
          );
        }
        return labels[at]! - (labels[at]! - fitted) / own;
      }),
      shape,
    };
  }

  /** Predictions, n × T. @param features n × F. */
  async predict(features: Matrix, options: AsyncOptions = {}): Promise<Matrix> {
    checkOptions(options, asyncKeys);
    const [columns] = this.coefficients.shape;
    const x = checkMatrix(features, 'features', { columns });
    const map = { matrix: this.coefficients, constant: this.intercept };
    return predictFrom(x, map, 'features', options);
  }
}

/** Samples less their weighted mean, times the roots of their weights. */
interface Prepared {
  readonly x: Matrix;
  readonly y: Matrix;
  /** √w of each sample. */
  readonly roots: Float64Array;
  /** Weighted means, or zeros where there is no intercept. */
  readonly middleX: Float64Array;
  readonly middleY: Float64Array;
  readonly intercept: boolean;
}

async function prepare(
  features: Matrix,
  targets: Matrix,
  { ridge, weights: given, intercept = true, ...run }: RidgeRegressionOptions,
): Promise<Prepared> {
  const [rows] = checkMatrix(features, 'features').shape;
  checkTargets(targets, { rows });
  validate(positive(), ridge, 'ridge');
  const weights = checkWeights(given, rows);
  const centred = async ({ values, shape }: Matrix, name: string) => {
    const middle = new Float64Array(shape[1]);
    const out = new Float64Array(values.length);
    const mean = intercept ? middle : undefined;
    await callAsync(
      (call) => native().centreRows(values, shape[1], name, weights, mean, out, call),
      run,
    );
    return [{ values: out, shape }, middle] as const;
  };
  const [x, middleX] = await centred(features, 'features');
  const [y, middleY] = await centred(targets, 'targets');
  const roots = weights?.map(Math.sqrt) ?? new Float64Array(rows).fill(1);
  return { x, y, roots, middleX, middleY, intercept };
}

/** 1 − Hᵢᵢ below this has lost more than half of its digits. */
const leastFreedom = 1e-8;

/** A ridge is a projected process whose references are the features themselves, independent of each other. */
async function primal({ x, y }: Prepared, ridge: number, options: AsyncOptions): Promise<Matrix> {
  const [, size] = x.shape;
  const identity = new Float64Array(size * size);
  for (let f = 0; f < size; f++) identity[f * (size + 1)] = 1;
  const process = await ProjectedProcess.create(
    { values: identity, shape: [size, size] },
    { ...options, targets: y.shape[1] },
  );
  await process.add(x, y, options);
  return (await process.solve({ ...options, noise: Math.sqrt(ridge) })).weights;
}

/** The same as a Gaussian process on the kernel x · x': c = Xᵀ (X Xᵀ + λ)⁻¹ y of weighted samples. */
async function dual(prepared: Prepared, ridge: number, options: AsyncOptions): Promise<Matrix> {
  const { process } = await dualProcess(prepared, ridge, options);
  const across = await inTurns(transposing(process.weights), options.signal);
  const coefficients = await mapRows(across, { matrix: prepared.x }, options);
  return inTurns(transposing(coefficients), options.signal);
}

/**
 * yᵢ − ŷ₋ᵢ, N × T, as the solution by the diagonal of the inverse of the N × N equations, those of the constant
 * eliminated.
 */
async function residualsOfDual(
  prepared: Prepared,
  ridge: number,
  options: AsyncOptions,
): Promise<Float64Array> {
  const { process, constant, shift } = await dualProcess(prepared, ridge, options);
  const { variances } = await process.leaveOneOut(options);
  const { values, shape } = process.weights;
  return values.map((solved, at) => {
    const i = Math.floor(at / shape[1]);
    return solved / (1 / variances[i]! - constant[i]! ** 2 / (shift + ridge)) / prepared.roots[i]!;
  });
}

/**
 * The N × N equations. Centred features leave their matrix singular along the constant u; the labels have no part along
 * it, so c u uᵀ may be added, without which λ⁻¹ u uᵀ would drown all else of the inverse.
 */
async function dualProcess(
  { x, y, roots, intercept }: Prepared,
  ridge: number,
  options: AsyncOptions,
) {
  const kernel = await rowProducts(x, options);
  const norm = Math.sqrt(roots.reduce((sum, root) => sum + root * root, 0));
  const constant = roots.map((root) => (intercept ? root / norm : 0));
  let shift = 0;
  for (let i = 0; i < roots.length; i++) shift += kernel.values[i * (roots.length + 1)]!;
  await inTurns(adding(kernel.values, shift, constant), options.signal);
  const noise = Math.sqrt(ridge);
  const process = await GaussianProcess.fit(kernel, y, { ...options, noise });
  return { process, constant, shift };
}

/** Adds c u uᵀ to a matrix. */
function* adding(matrix: Float64Array, c: number, u: Float64Array): Steps<void> {
  const pace = new Pace();
  for (const [i, own] of u.entries()) {
    for (let j = 0; j < u.length; j++) matrix[i * u.length + j]! += c * own * u[j]!;
    if (pace.passed(u.length)) yield;
  }
}

/** 1 − Hᵢᵢ = 1 − xᵢᵀ (Xᵀ X + λ)⁻¹ xᵢ of prepared features without constant: a variance, were Xᵀ X a kernel. */
async function freedomOfPrimal(
  x: Matrix,
  ridge: number,
  options: AsyncOptions,
): Promise<Float64Array> {
  const [rows, columns] = x.shape;
  const across = await inTurns(transposing(x), options.signal);
  const gram = await rowProducts(across, options);
  const none: Matrix = { values: new Float64Array(columns), shape: [columns, 1] };
  const process = await GaussianProcess.fit(gram, none, { ...options, noise: Math.sqrt(ridge) });
  return process.variance(x, new Float64Array(rows).fill(1), options);
}

function* transposing({ values, shape: [rows, columns] }: Matrix): Steps<Matrix> {
  const result = new Float64Array(values.length);
  const pace = new Pace();
  for (let row = 0; row < rows; row++) {
    for (let c = 0; c < columns; c++) result[c * rows + row] = values[row * columns + c]!;
    if (pace.passed(columns)) yield;
  }
  return { values: result, shape: [columns, rows] };
}
