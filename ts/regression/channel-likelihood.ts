import { validate, positive } from '../common/validation';
import { nativeExpansion } from '../density/expansion';
import type { ResolvedExpansion } from '../density/expansion';
import { InvalidInputError } from '../errors';
import { callAsync } from '../native/call';
import type { AsyncOptions } from '../native/call';
import type { ChannelLikelihoodHandle } from '../native/contract';
import { native } from '../native/load';
import type { Matrix } from '../common/matrix';
import type { EnvironmentRepresentation } from '../representations';
import type { StructureBatch } from '../structures/batch';

/** The kernel between samples that a likelihood is of. */
export interface SampleKernel {
  /** Environments of sample s are rows offsets[s] … offsets[s + 1] − 1. */
  readonly offsets: Int32Array;
  /** Power ζ of the dot product of normalised features. */
  readonly zeta: number;
  /** How kernels between environments make one between samples. */
  readonly aggregate: 'sum' | 'mean';
  /** Whether only environments of centres of one element have a kernel. */
  readonly sameElement: boolean;
}

/** Any representation of atoms whose density is known. */
export type ChannelRepresentation = EnvironmentRepresentation<
  ResolvedExpansion & { readonly normalize: boolean },
  unknown
>;

/** Labels of samples, and how much each counts: a weight w divides the variance of its noise. Default 1. */
export interface ChannelLabels {
  readonly values: Float64Array;
  readonly weights?: Float64Array | undefined;
}

/** What a likelihood is, and its slopes. */
export interface ChannelSlope {
  /** −ln p. */
  readonly value: number;
  /** ∂/∂u, species × channels. */
  readonly weights: Float64Array;
  /** ∂/∂λ. */
  readonly ridge: number;
  /** By the weight of the other kernel. */
  readonly other: number;
}

/** A Gaussian process on labels, with the most likely ridge. */
export interface ChannelRegression {
  /** −ln p. */
  readonly value: number;
  /** λ = σ²/s². */
  readonly ridge: number;
  /** s²: of the process, the most likely one. */
  readonly variance: number;
  /** α = (K + λ W⁻¹)⁻¹ y. */
  readonly alpha: Float64Array;
  /** K. */
  readonly kernel: Matrix;
}

/**
 * How likely a Gaussian process finds labels, as a function of the weights u_αJ with which elements are mixed to
 * channels of the density, with exact derivatives. Coefficients of the elements are computed once.
 */
export class ChannelLikelihood {
  readonly #handle: ChannelLikelihoodHandle;
  readonly #size: number;

  private constructor(handle: ChannelLikelihoodHandle, size: number) {
    this.#handle = handle;
    this.#size = size;
  }

  /** @param representation of as many channels as weights will have for each of its elements. */
  static async create(
    representation: ChannelRepresentation,
    channels: number,
    batch: StructureBatch,
    { offsets, zeta, aggregate, sameElement }: SampleKernel,
    options: AsyncOptions = {},
  ): Promise<ChannelLikelihood> {
    const { hyperparameters, handle: mixed } = representation;
    const species = nativeExpansion({ ...hyperparameters, channels: undefined });
    const kernel = { offsets, zeta, mean: aggregate === 'mean', sameSpecies: sameElement };
    const handle = await callAsync(
      (call) => native().createChannelLikelihood(mixed, species, batch, kernel, call),
      options,
    );
    return new ChannelLikelihood(handle, hyperparameters.species.length * channels);
  }

  /**
   * @param weights u, species × channels.
   * @param ridge λ = σ²/s²: the noise σ is that of labels of weight 1, s² the variance of the process.
   * @param other a kernel between the samples that is added, with its weight.
   * @throws NumericalError where K + λ W⁻¹ is not positive definite.
   */
  async at(
    weights: Float64Array,
    labels: ChannelLabels,
    ridge: number,
    other?: { readonly kernel: Matrix; readonly weight: number },
    options: AsyncOptions = {},
  ): Promise<ChannelSlope> {
    validate(positive(), ridge, 'ridge');
    this.#check(weights);
    const out = new Float64Array(3);
    const gradient = new Float64Array(this.#size);
    await callAsync(
      (call) =>
        native().channelLikelihood(
          this.#handle,
          weights,
          labels,
          ridge,
          other?.kernel.values,
          other?.weight ?? 0,
          out,
          gradient,
          call,
        ),
      options,
    );
    return { value: out[0]!, weights: gradient, ridge: out[1]!, other: out[2]! };
  }

  /**
   * @param range least and most λ.
   * @throws NumericalError where K + λ W⁻¹ is not positive definite.
   */
  async regression(
    weights: Float64Array,
    labels: ChannelLabels,
    [least, most]: readonly [least: number, most: number],
    options: AsyncOptions = {},
  ): Promise<ChannelRegression> {
    validate(positive(), least, 'ridge');
    this.#check(weights);
    const out = new Float64Array(3);
    const { length } = labels.values;
    const alpha = new Float64Array(length);
    const kernel = new Float64Array(length ** 2);
    await callAsync(
      (call) =>
        native().channelRegression(
          this.#handle,
          weights,
          labels,
          least,
          most,
          out,
          alpha,
          kernel,
          call,
        ),
      options,
    );
    return {
      value: out[0]!,
      ridge: out[1]!,
      variance: out[2]!,
      alpha,
      kernel: { values: kernel, shape: [length, length] },
    };
  }

  /**
   * ∂f_A/∂u of predictions f_A(u) = Σ_B α_B k(A(u), B) whose references B stay what they are: samples × (species ·
   * channels).
   */
  async jacobian(
    weights: Float64Array,
    alpha: Float64Array,
    options: AsyncOptions = {},
  ): Promise<Matrix> {
    this.#check(weights);
    const values = new Float64Array(alpha.length * this.#size);
    await callAsync(
      (call) => native().channelJacobian(this.#handle, weights, alpha, values, call),
      options,
    );
    return { values, shape: [alpha.length, this.#size] };
  }

  #check(weights: Float64Array): void {
    if (weights.length === this.#size) return;
    throw new InvalidInputError(`expected ${this.#size} numbers, got ${weights.length}`, {
      path: 'weights',
    });
  }
}
