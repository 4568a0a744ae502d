import { checkMatrix } from '../common/matrix';
import type { Matrix } from '../common/matrix';
import { inTurns, Pace } from '../common/turns';
import type { Steps } from '../common/turns';
import { positive, validate } from '../common/validation';
import { callAsync } from '../native/call';
import type { AsyncOptions } from '../native/call';
import type { GaussianProcessHandle } from '../native/contract';
import { native } from '../native/load';
import { checkFinite, checkTargets, checkWeights } from './labels';
import { checkSquare, predictFrom } from './projected-process';

export interface GaussianProcessOptions extends AsyncOptions {
  /** Standard deviation σ of the labels' noise; that of a sample of weight w is σ / √w. */
  readonly noise: number;
  /** N numbers > 0. Default 1. */
  readonly weights?: Float64Array | undefined;
}

/** What a sample would be predicted as by a model without it. */
export interface LeaveOneOut {
  /** N × T. */
  readonly predictions: Matrix;
  /** Variance of each of these predictions, with the noise of labels. */
  readonly variances: Float64Array;
}

/**
 * Gaussian process regression, also known as kernel ridge regression, of T targets on given kernels between N
 * samples (Eq. 14 and 19 of the review): weights = (K + σ² W⁻¹)⁻¹ y. Method: Rasmussen and Williams, Gaussian
 * Processes for Machine Learning, chapters 2 and 5.
 *
 * Labels are taken as they are: a mean or baseline is to be taken off before. Equal samples with different labels do
 * no harm; the noise explains the difference.
 *
 * @example
 * const process = await GaussianProcess.fit(kernel, targets, { noise: 0.1 });
 * const predictions = await process.predict(testKernel);
 */
export class GaussianProcess {
  /** N × T. */
  readonly weights: Matrix;
  readonly #targets: Matrix;
  readonly #noise: Float64Array;
  readonly #handle: GaussianProcessHandle;

  private constructor(
    weights: Matrix,
    targets: Matrix,
    noise: Float64Array,
    handle: GaussianProcessHandle,
  ) {
    this.weights = weights;
    this.#targets = targets;
    this.#noise = noise;
    this.#handle = handle;
  }

  /**
   * @param kernel N × N, symmetric.
   * @param targets N × T.
   * @throws InvalidInputError for labels or kernels that are not finite; NumericalError when the matrix is singular
   *   for this noise.
   */
  static async fit(
    kernel: Matrix,
    targets: Matrix,
    { noise, weights, ...options }: GaussianProcessOptions,
  ): Promise<GaussianProcess> {
    const { values, shape } = checkSquare(kernel, 'kernel');
    const labels = checkTargets(targets, { rows: shape[0] });
    validate(positive(), noise, 'noise');
    const perSample = checkWeights(weights, shape[0]);
    const variances = Float64Array.from(
      { length: shape[0] },
      (_, i) => noise ** 2 / (perSample?.[i] ?? 1),
    );
    const handle = await callAsync(
      (call) => native().createGaussianProcess(values, variances, call),
      options,
    );
    const solved = new Float64Array(labels.values.length);
    await callAsync(
      (call) => native().gaussianProcessWeights(handle, labels.values, solved, call),
      options,
    );
    return new GaussianProcess({ values: solved, shape: labels.shape }, labels, variances, handle);
  }

  /** Number N of samples. */
  get size(): number {
    return this.weights.shape[0];
  }

  /** Predictions, n × T. @param kernel n × N. */
  async predict(kernel: Matrix, { signal }: AsyncOptions = {}): Promise<Matrix> {
    checkMatrix(kernel, 'kernel', { columns: this.size });
    return predictFrom(kernel, this.weights, signal);
  }

  /**
   * Variances of n predictions, without the noise of labels (Eq. 19).
   *
   * @param kernel n × N.
   * @param own k(A, A) of each new sample.
   */
  async variance(
    kernel: Matrix,
    own: Float64Array,
    options: AsyncOptions = {},
  ): Promise<Float64Array> {
    const { values } = checkMatrix(kernel, 'kernel', { rows: own.length, columns: this.size });
    checkFinite(kernel, 'kernel');
    const variance = new Float64Array(own.length);
    await callAsync(
      (call) => native().gaussianProcessVariance(this.#handle, values, own, variance, call),
      options,
    );
    return variance;
  }

  /** ln p(y): summed over targets, −½ yᵀ (K + Σ)⁻¹ y − ½ ln |K + Σ| − ½ N ln 2π. */
  logMarginalLikelihood(): number {
    const [samples, targets] = this.weights.shape;
    const data = this.weights.values.reduce((sum, w, i) => sum + w * this.#targets.values[i]!, 0);
    const determinant = native().gaussianProcessLogDeterminant(this.#handle);
    return -0.5 * (data + targets * (determinant + samples * Math.log(2 * Math.PI)));
  }

  /**
   * Derivatives of the log marginal likelihood: ½ Σ_t αᵀ K' α − ½ T tr((K + Σ)⁻¹ K').
   *
   * @param derivatives dK/dθ, N × N, for each hyperparameter θ of the kernel.
   * @returns the derivative for each of them, and that with respect to the noise σ.
   */
  async logMarginalLikelihoodGradient(
    derivatives: readonly Matrix[],
    options: AsyncOptions & { readonly noise: number },
  ): Promise<{ readonly kernel: Float64Array; readonly noise: number }> {
    for (const [index, derivative] of derivatives.entries()) {
      checkMatrix(derivative, `derivatives[${index}]`, { rows: this.size, columns: this.size });
    }
    const inverse = new Float64Array(this.size ** 2);
    await callAsync(
      (call) => native().gaussianProcessInverse(this.#handle, inverse, call),
      options,
    );
    const kernel = new Float64Array(derivatives.length);
    for (const [index, { values }] of derivatives.entries()) {
      kernel[index] = await inTurns(
        this.#contracting(inverse, (i, j) => values[i * this.size + j]!),
      );
    }
    // dΣ/dσ = 2 Σ / σ on the diagonal.
    const { noise } = options;
    let ofNoise = 0;
    for (let i = 0; i < this.size; i++) {
      ofNoise += (this.#outer(i, i) - this.#count * inverse[i * this.size + i]!) * this.#noise[i]!;
    }
    return { kernel, noise: ofNoise / noise };
  }

  /** Closed form: ŷ_i = y_i − w_i / [(K + Σ)⁻¹]_ii, with variance 1 / [(K + Σ)⁻¹]_ii. */
  async leaveOneOut(options: AsyncOptions = {}): Promise<LeaveOneOut> {
    const diagonal = new Float64Array(this.size);
    await callAsync(
      (call) => native().gaussianProcessInverse(this.#handle, diagonal, call),
      options,
    );
    const [, targets] = this.weights.shape;
    const values = this.#targets.values.map(
      (y, at) => y - this.weights.values[at]! / diagonal[Math.floor(at / targets)]!,
    );
    return {
      predictions: { values, shape: this.weights.shape },
      variances: diagonal.map((x) => 1 / x),
    };
  }

  get #count(): number {
    return this.weights.shape[1];
  }

  /** Σ_t α_i α_j. */
  #outer(i: number, j: number): number {
    const { values } = this.weights;
    const count = this.#count;
    let sum = 0;
    for (let t = 0; t < count; t++) sum += values[i * count + t]! * values[j * count + t]!;
    return sum;
  }

  *#contracting(
    inverse: Float64Array,
    derivative: (i: number, j: number) => number,
  ): Steps<number> {
    const pace = new Pace();
    let sum = 0;
    for (let i = 0; i < this.size; i++) {
      for (let j = 0; j < this.size; j++) {
        sum += (this.#outer(i, j) - this.#count * inverse[i * this.size + j]!) * derivative(i, j);
      }
      if (pace.passed(4 * this.size)) yield;
    }
    return sum / 2;
  }
}
