import type {
  Handle,
  NativeBatch,
  NativeExpansion,
  NativeTask,
  RepresentationHandle,
} from './contract';

/* How the engine learns channels of the density. */

export type ChannelLikelihoodHandle = Handle<'channel likelihood'>;

/** Sums or means over the environments of samples of (p̂ · p̂')^ζ. */
export interface NativeSampleKernel {
  /** Samples + 1, in environments. */
  readonly offsets: Int32Array;
  readonly zeta: number;
  readonly mean: boolean;
  readonly sameSpecies: boolean;
}

/** A number for each sample, and how much it counts. Default 1. */
export interface NativeSampleLabels {
  readonly values: Float64Array;
  readonly weights?: Float64Array | undefined;
}

/** The functions that learn channels. */
export interface NativeChannels {
  /** The likelihood of labels as a function of the weights that mix the species of `expansion` to channels. */
  readonly createChannelLikelihood: NativeTask<
    [
      representation: RepresentationHandle,
      expansion: NativeExpansion,
      batch: NativeBatch,
      kernel: NativeSampleKernel,
    ],
    ChannelLikelihoodHandle
  >;
  /**
   * Fills `out` with −ln p and its derivatives by the ridge λ and by the weight of the other kernel, and `gradient` with
   * those by the weights.
   */
  readonly channelLikelihood: NativeTask<
    [
      likelihood: ChannelLikelihoodHandle,
      weights: Float64Array,
      labels: NativeSampleLabels,
      ridge: number,
      other: Float64Array | undefined,
      otherWeight: number,
      out: Float64Array,
      gradient: Float64Array,
    ],
    void
  >;
  /** Fills `out` with −ln p, λ and s² for the most likely λ within bounds, `alpha` with (K + λ W⁻¹)⁻¹ y, `kernel` with K. */
  readonly channelRegression: NativeTask<
    [
      likelihood: ChannelLikelihoodHandle,
      weights: Float64Array,
      labels: NativeSampleLabels,
      leastRidge: number,
      mostRidge: number,
      out: Float64Array,
      alpha: Float64Array,
      kernel: Float64Array,
    ],
    void
  >;
  /** Fills `jacobian`, samples × weights, with derivatives of predictions whose references stay what they are. */
  readonly channelJacobian: NativeTask<
    [
      likelihood: ChannelLikelihoodHandle,
      weights: Float64Array,
      alpha: Float64Array,
      jacobian: Float64Array,
    ],
    void
  >;
}
