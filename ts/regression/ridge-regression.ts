import { checkMatrix } from '../common/matrix';
import type { Matrix } from '../common/matrix';
import { positive, validate } from '../common/validation';
import { InvalidInputError, NumericalError } from '../errors';
import { kernelMatrix } from '../kernels';
import { mapRows } from '../math/affine-map';
import type { AsyncOptions } from '../native/call';
import { GaussianProcess } from './gaussian-process';
import { checkFinite, checkTargets, checkWeights, predictFrom } from './labels';
import { ProjectedProcess } from './projected-process';

export interface RidgeRegressionOptions extends AsyncOptions {
  /** λ, which multiplies the sum of the squares of the coefficients; in the unit of the features squared. */
  readonly ridge: number;
  /** N numbers > 0. Default 1. */
  readonly weights?: Float64Array | undefined;
  /** Whether there is a constant, which the ridge leaves alone. Default true. */
  readonly intercept?: boolean | undefined;
}

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
    { ridge, weights: given, intercept = true, ...options }: RidgeRegressionOptions,
  ): Promise<RidgeRegression> {
    const prepared = prepare(features, targets, { ridge, weights: given, intercept });
    const { x, y, weights, middleX, middleY, centredX, centredY } = prepared;
    const [samples, columns] = x.shape;
    const noise = Math.sqrt(ridge);
    const coefficients =
      columns <= samples - Number(intercept)
        ? await primal(centredX, centredY, noise, weights, options)
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
    const { ridge, intercept = true, threads, signal } = options;
    const prepared = prepare(features, targets, options);
    const { x, y, weights, centredX } = prepared;
    const [samples, columns] = x.shape;
    if (samples < 2) {
      throw new InvalidInputError(`expected at least 2 samples to leave one out, got ${samples}`, {
        path: 'features',
      });
    }
    const run = { threads, signal };
    const [, count] = y.shape;
    if (columns >= samples - Number(intercept)) {
      const residuals = await residualsOfDual(prepared, ridge, run);
      return { values: y.values.map((label, at) => label - residuals[at]!), shape: y.shape };
    }
    const model = await RidgeRegression.fit(features, targets, { ...options, ...run });
    const { values } = await model.predict(features, run);
    const free = await freedomOfPrimal(centredX, ridge, weights, run);
    const total = weights ? weights.reduce((sum, w) => sum + w, 0) : samples;
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
        return y.values[at]! - (y.values[at]! - fitted) / own;
      }),
      shape: y.shape,
    };
  }

  /** Predictions, n × T. @param features n × F. */
  async predict(features: Matrix, options: AsyncOptions = {}): Promise<Matrix> {
    const [columns] = this.coefficients.shape;
    const x = checkMatrix(features, 'features', { columns });
    const map = { matrix: this.coefficients, constant: this.intercept };
    return predictFrom(x, map, 'features', options);
  }
}

interface Prepared {
  readonly x: Matrix;
  readonly y: Matrix;
  readonly weights: Float64Array | undefined;
  /** Weighted means, or zeros where there is no intercept. */
  readonly middleX: Float64Array;
  readonly middleY: Float64Array;
  readonly centredX: Matrix;
  readonly centredY: Matrix;
  readonly intercept: boolean;
}

function prepare(
  features: Matrix,
  targets: Matrix,
  { ridge, weights: given, intercept = true }: RidgeRegressionOptions,
): Prepared {
  const x = checkMatrix(features, 'features');
  checkFinite(x, 'features');
  const y = checkTargets(targets, { rows: x.shape[0] });
  validate(positive(), ridge, 'ridge');
  const weights = checkWeights(given, x.shape[0]);
  const middle = (matrix: Matrix) =>
    intercept ? means(matrix, weights) : new Float64Array(matrix.shape[1]);
  const [middleX, middleY] = [middle(x), middle(y)];
  const [centredX, centredY] = [less(x, middleX), less(y, middleY)];
  return { x, y, weights, middleX, middleY, centredX, centredY, intercept };
}

/** 1 − Hᵢᵢ below this has lost more than half of its digits. */
const leastFreedom = 1e-8;

const linear = { type: 'dot-product', zeta: 1, normalize: false } as const;

/** A ridge is a projected process whose references are the features themselves, independent of each other. */
async function primal(
  x: Matrix,
  y: Matrix,
  noise: number,
  weights: Float64Array | undefined,
  options: AsyncOptions,
): Promise<Matrix> {
  const [, size] = x.shape;
  const identity = new Float64Array(size * size);
  for (let f = 0; f < size; f++) identity[f * (size + 1)] = 1;
  const process = await ProjectedProcess.create(
    { values: identity, shape: [size, size] },
    { ...options, targets: y.shape[1] },
  );
  await process.add(x, y, { ...options, weights });
  return (await process.solve({ ...options, noise })).weights;
}

/** The same as a Gaussian process on the kernel x · x': c = Xᵀ (X Xᵀ + λ)⁻¹ y of weighted samples. */
async function dual(prepared: Prepared, ridge: number, options: AsyncOptions): Promise<Matrix> {
  const { process, x } = await dualProcess(prepared, ridge, options);
  return transposed(await mapRows(transposed(process.weights), { matrix: x }, options));
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
  const { process, roots, constant, shift } = await dualProcess(prepared, ridge, options);
  const { variances } = await process.leaveOneOut(options);
  const { values, shape } = process.weights;
  return values.map((solved, at) => {
    const i = Math.floor(at / shape[1]);
    return solved / (1 / variances[i]! - constant[i]! ** 2 / (shift + ridge)) / roots[i]!;
  });
}

/**
 * The N × N equations of samples that are multiplied with the roots of their weights. Centred features leave their
 * matrix singular along the constant u; the labels have no part along it, so c u uᵀ may be added, without which
 * λ⁻¹ u uᵀ would drown all else of the inverse.
 */
async function dualProcess(
  { centredX, centredY, weights, intercept }: Prepared,
  ridge: number,
  options: AsyncOptions,
) {
  const [rows, columns] = centredX.shape;
  const roots = Float64Array.from({ length: rows }, (_, i) => Math.sqrt(weights?.[i] ?? 1));
  const scaled = ({ values, shape }: Matrix): Matrix => ({
    values: values.map((value, at) => value * roots[Math.floor(at / shape[1])]!),
    shape,
  });
  const [x, y] = [scaled(centredX), scaled(centredY)];
  const samples = { values: x.values, rows, columns };
  const kernel = await kernelMatrix(samples, undefined, linear, options);
  const norm = Math.sqrt(roots.reduce((sum, root) => sum + root * root, 0));
  const constant = roots.map((root) => (intercept ? root / norm : 0));
  let shift = 0;
  for (let i = 0; i < rows; i++) shift += kernel.values[i * (rows + 1)]!;
  const lifted = kernel.values.map(
    (k, at) => k + shift * constant[Math.floor(at / rows)]! * constant[at % rows]!,
  );
  const process = await GaussianProcess.fit({ values: lifted, shape: kernel.shape }, y, {
    ...options,
    noise: Math.sqrt(ridge),
  });
  return { process, x, roots, constant, shift };
}

/** 1 − Hᵢᵢ = 1 − wᵢ xᵢᵀ (Xᵀ W X + λ)⁻¹ xᵢ of features without constant: a variance, were Xᵀ W X a kernel. */
async function freedomOfPrimal(
  x: Matrix,
  ridge: number,
  weights: Float64Array | undefined,
  options: AsyncOptions,
): Promise<Float64Array> {
  const [rows, columns] = x.shape;
  const weighted = x.values.map((value, at) => {
    const w = weights?.[Math.floor(at / columns)] ?? 1;
    return value * Math.sqrt(w);
  });
  const across = transposed({ values: weighted, shape: x.shape });
  const gram = await kernelMatrix(
    { values: across.values, rows: columns, columns: rows },
    undefined,
    linear,
    options,
  );
  const none: Matrix = { values: new Float64Array(columns), shape: [columns, 1] };
  const process = await GaussianProcess.fit(gram, none, { ...options, noise: Math.sqrt(ridge) });
  return process.variance(
    { values: weighted, shape: x.shape },
    new Float64Array(rows).fill(1),
    options,
  );
}

function means({ values, shape: [rows, columns] }: Matrix, weights?: Float64Array): Float64Array {
  const result = new Float64Array(columns);
  let total = 0;
  for (let row = 0; row < rows; row++) {
    const weight = weights?.[row] ?? 1;
    total += weight;
    for (let c = 0; c < columns; c++) result[c]! += weight * values[row * columns + c]!;
  }
  return result.map((sum) => sum / total);
}

const less = ({ values, shape }: Matrix, middle: Float64Array): Matrix => ({
  values: values.map((value, i) => value - middle[i % shape[1]]!),
  shape,
});

function transposed({ values, shape: [rows, columns] }: Matrix): Matrix {
  const result = new Float64Array(values.length);
  for (let row = 0; row < rows; row++) {
    for (let c = 0; c < columns; c++) result[c * rows + row] = values[row * columns + c]!;
  }
  return { values: result, shape: [columns, rows] };
}
