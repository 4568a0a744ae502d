import { checkMatrix } from '../common/matrix';
import type { Matrix } from '../common/matrix';
import { inTurns } from '../common/turns';
import { positive, validate } from '../common/validation';
import { kernelMatrix } from '../kernels';
import type { AsyncOptions } from '../native/call';
import { GaussianProcess } from './gaussian-process';
import { checkFinite, checkTargets, checkWeights } from './labels';
import { multiplying } from './products';
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
    const x = checkMatrix(features, 'features');
    checkFinite(x, 'features');
    const [samples, columns] = x.shape;
    const y = checkTargets(targets, { rows: samples });
    validate(positive(), ridge, 'ridge');
    const weights = checkWeights(given, samples);
    const [middleX, middleY] = [x, y].map((matrix) =>
      intercept ? means(matrix, weights) : new Float64Array(matrix.shape[1]),
    ) as [Float64Array, Float64Array];
    const [centredX, centredY] = [less(x, middleX), less(y, middleY)];
    const noise = Math.sqrt(ridge);
    const coefficients =
      columns <= samples
        ? await primal(centredX, centredY, noise, weights, options)
        : await dual(centredX, centredY, noise, weights, options);
    const [, count] = y.shape;
    const constant = Float64Array.from(middleY);
    for (let f = 0; f < columns; f++) {
      for (let t = 0; t < count; t++) {
        constant[t]! -= middleX[f]! * coefficients.values[f * count + t]!;
      }
    }
    return new RidgeRegression(coefficients, constant);
  }

  /** Predictions, n × T. @param features n × F. */
  async predict(features: Matrix, { signal }: AsyncOptions = {}): Promise<Matrix> {
    const [columns, targets] = this.coefficients.shape;
    const x = checkMatrix(features, 'features', { columns });
    const { values, shape } = await inTurns(multiplying(x, this.coefficients), signal);
    return { values: values.map((value, i) => value + this.intercept[i % targets]!), shape };
  }
}

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

/** The same as a Gaussian process on the kernel x · x': c = Xᵀ (X Xᵀ + λ W⁻¹)⁻¹ y. */
async function dual(
  x: Matrix,
  y: Matrix,
  noise: number,
  weights: Float64Array | undefined,
  options: AsyncOptions,
): Promise<Matrix> {
  const [rows, columns] = x.shape;
  const samples = { values: x.values, rows, columns };
  const kernel = await kernelMatrix(
    samples,
    undefined,
    { type: 'dot-product', zeta: 1, normalize: false },
    options,
  );
  const process = await GaussianProcess.fit(kernel, y, { ...options, noise, weights });
  return inTurns(multiplying(transposed(x), process.weights), options.signal);
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
