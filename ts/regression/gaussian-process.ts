import { checkMatrix } from '../common/matrix';
import type { Matrix } from '../common/matrix';
import { asyncKeys, checkOptions } from '../common/options';
import type { KeysOf } from '../common/options';
import { inTurns, Pace } from '../common/turns';
import type { Steps } from '../common/turns';
import { positive, validate } from '../common/validation';
import { InvalidInputError } from '../errors';
import { callAsync } from '../native/call';
import type { AsyncOptions } from '../native/call';
import type { GaussianProcessHandle } from '../native/process-contract';
import { native } from '../native/load';
import { checkTargets, checkWeights, predictFrom } from './labels';
import { checkSquare } from './projected-process';
import { rowProducts } from './row-products';

export interface GaussianProcessOptions extends AsyncOptions {
  /** Standard deviation σ of the labels' noise; that of a sample of weight w is σ / √w. */
  readonly noise: number;
  /** N numbers > 0. Default 1. */
  readonly weights?: Float64Array | undefined;
}

const gaussianProcessKeys: KeysOf<GaussianProcessOptions> = {
  ...asyncKeys,
  noise: true,
  weights: true,
};

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
  /** Standard deviation σ of the labels' noise. */
  readonly noise: number;
  readonly #targets: Matrix;
  /** Σ, of each sample. */
  readonly #variances: Float64Array;
  readonly #handle: GaussianProcessHandle;

  private constructor(
    weights: Matrix,
    targets: Matrix,
    noise: number,
    variances: Float64Array,
    handle: GaussianProcessHandle,
  ) {
    this.weights = weights;
    this.noise = noise;
    this.#targets = targets;
    this.#variances = variances;
    this.#handle = handle;
  }

  /**
   * @param kernel N × N, symmetric.
   * @param targets N × T.
   * @throws InvalidInputError for labels or kernels that are not finite, and a matrix that is not symmetric;
   *   NumericalError when the matrix is singular for this noise.
   */
  static async fit(
    kernel: Matrix,
    targets: Matrix,
    given: GaussianProcessOptions,
  ): Promise<GaussianProcess> {
    const { noise, weights, ...options } = checkOptions(given, gaussianProcessKeys);
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
    const solution = { values: solved, shape: labels.shape };
    return new GaussianProcess(solution, labels, noise, variances, handle);
  }

  /** Number N of samples. */
  get size(): number {
    return this.weights.shape[0];
  }

  /** Predictions, n × T. @param kernel n × N. */
  async predict(kernel: Matrix, options: AsyncOptions = {}): Promise<Matrix> {
    checkOptions(options, asyncKeys);
    checkMatrix(kernel, 'kernel', { columns: this.size });
    return predictFrom(kernel, { matrix: this.weights }, 'kernel', options);
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
    checkOptions(options, asyncKeys);
    const { values } = checkMatrix(kernel, 'kernel', { rows: own.length, columns: this.size });
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
    options: AsyncOptions = {},
  ): Promise<{ readonly kernel: Float64Array; readonly noise: number }> {
    checkOptions(options, asyncKeys);
    for (const [index, derivative] of derivatives.entries()) {
      checkMatrix(derivative, `derivatives[${index}]`, { rows: this.size, columns: this.size });
    }
    const inverse = new Float64Array(this.size ** 2);
    await callAsync(
      (call) => native().gaussianProcessInverse(this.#handle, inverse, call),
      options,
    );
    const { threads, signal } = options;
    const outer = await rowProducts(this.weights, { threads, signal, memoryLimit: Infinity });
    const slope = await inTurns(this.#slope(outer.values, inverse), signal);
    const kernel = new Float64Array(derivatives.length);
    for (const [index, { values }] of derivatives.entries()) {
      kernel[index] = await inTurns(this.#contracting(slope, values), signal);
    }
    // dΣ/dσ = 2 Σ / σ on the diagonal.
    const ofNoise = this.#variances.reduce(
      (sum, s, i) => sum + 2 * s * slope[i * (this.size + 1)]!,
      0,
    );
    return { kernel, noise: ofNoise / this.noise };
  }

  /** Closed form: ŷ_i = y_i − w_i / [(K + Σ)⁻¹]_ii, with variance 1 / [(K + Σ)⁻¹]_ii. */
  async leaveOneOut(options: AsyncOptions = {}): Promise<LeaveOneOut> {
    checkOptions(options, asyncKeys);
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

  /**
   * What samples would be predicted as by a fit without their whole group, N × T: closed form of grouped
   * cross-validation, ŷ_g = y_g − ([(K + Σ)⁻¹]_gg)⁻¹ w_g.
   *
   * @param first of each group its first sample, and at the end N: group g is first[g] … first[g + 1] − 1.
   */
  async leaveGroupsOut(first: Int32Array, options: AsyncOptions = {}): Promise<Matrix> {
    checkOptions(options, asyncKeys);
    const ascends = first.every((sample, g) => (g === 0 ? sample === 0 : sample >= first[g - 1]!));
    if (!ascends || first.at(-1) !== this.size) {
      throw new InvalidInputError(`expected first samples of groups, from 0 to ${this.size}`, {
        path: 'first',
      });
    }
    const residuals = new Float64Array(this.weights.values.length);
    await callAsync(
      (call) =>
        native().gaussianProcessLeaveGroupsOut(
          this.#handle,
          this.weights.values,
          first,
          residuals,
          call,
        ),
      options,
    );
    const values = residuals.map((residual, at) => this.#targets.values[at]! - residual);
    return { values, shape: this.weights.shape };
  }

  /** The derivative with respect to K, ½ (Σ_t α αᵀ − T (K + Σ)⁻¹), in the place of the inverse. */
  *#slope(outer: Float64Array, inverse: Float64Array): Steps<Float64Array> {
    const [size, targets] = this.weights.shape;
    const pace = new Pace();
    for (let row = 0; row < size; row++) {
      const end = (row + 1) * size;
      for (let at = row * size; at < end; at++) {
        inverse[at] = 0.5 * (outer[at]! - targets * inverse[at]!);
      }
      if (pace.passed(size)) yield;
    }
    return inverse;
  }

  /** Σ_ij of the products of two matrices, row by row. */
  *#contracting(a: Float64Array, b: Float64Array): Steps<number> {
    const pace = new Pace();
    let sum = 0;
    for (let row = 0; row < this.size; row++) {
      const end = (row + 1) * this.size;
      let own = 0;
      for (let at = row * this.size; at < end; at++) own += a[at]! * b[at]!;
      sum += own;
      if (pace.passed(this.size)) yield;
    }
    return sum;
  }
}
