import type { RepresentationHandle } from './contract';

/* What densities and representations of the engine are made from. */

/** The expansion of a density that a representation is made from. */
export interface NativeExpansion {
  readonly cutoff: number;
  readonly cutoffType: 'cosine' | 'polynomial' | 'tanh' | 'step';
  readonly width: number;
  readonly scaling?: { readonly scale: number; readonly rate: number; readonly exponent: number };
  /** Whether there is a density of neighbours within the cutoff. */
  readonly local: boolean;
  /** The density of all atoms of periodic structures, if there is one. */
  readonly longRange?: {
    readonly exponent: number;
    readonly width: number;
    readonly kCutoff: number;
    readonly centerWeight: number;
  };
  /** 0: the δ-limit. */
  readonly gaussianWidth: number;
  readonly centerWeight: number;
  readonly maxAngular: number;
  readonly radialType: string;
  readonly radialCount: number;
  /** Splines: functions × points. */
  readonly points?: Float64Array;
  /** [channel][l][n][contractedFrom]. */
  readonly contraction?: Float64Array;
  readonly contractedFrom?: number;
  readonly accuracy: number;
  readonly species: Int32Array;
  /** u, species × channels. Without it, each species is a channel. */
  readonly mixing?: Float64Array;
}

/** The densities that a power spectrum couples, groups of linear combinations of all channels (α, n). */
export interface NativeCoupling {
  /** Densities of each group. */
  readonly firstCounts: Int32Array;
  /** [density][channel][n]. */
  readonly firstWeights: Float64Array;
  /** Without these, both are the same. */
  readonly secondCounts?: Int32Array;
  readonly secondWeights?: Float64Array;
  readonly pairing: 'all' | 'same-group' | 'elementwise';
}

export type NativeRadialFunction = (
  expansion: NativeExpansion,
  distances: Float64Array,
  values: Float64Array,
  slopes: Float64Array,
) => void;

/** Which products of coefficients a basis has. */
export interface NativeProducts {
  readonly leastOrder: number;
  readonly mostOrder: number;
  readonly lambdas: Int32Array;
  readonly even: boolean;
  readonly odd: boolean;
  /** Infinity: no limit. */
  readonly mostDegree: number;
  readonly angularWeight: number;
  /** Which of these features; all by default. */
  readonly columns?: Int32Array;
}

/** A representation and what its numbers are multiplied with. */
export interface NativePart {
  readonly representation: RepresentationHandle;
  readonly weight: number;
}

/** How rows of a structure's atoms become one: f(Σ c) or Σ f(c), divided by their number or not. */
export interface NativeStructureLevel {
  readonly inner: boolean;
  readonly mean: boolean;
}

/** (2λ + 1) × functions columns, μ slowest. */
export interface NativeProductBlock {
  readonly order: number;
  readonly lambda: number;
  readonly sigma: 1 | -1;
  readonly functions: number;
}
