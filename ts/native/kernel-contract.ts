/* What kernels of the engine take. */

/** Environments. With `offsets`, consecutive ones belong together, and are added up or averaged. */
export interface NativeSamples {
  /** Rows × components × features. */
  readonly values: Float64Array;
  readonly rows: number;
  readonly features: number;
  readonly components: number;
  /** Rows × scalarFeatures, where there is more than one component. */
  readonly scalars?: Float64Array;
  readonly scalarFeatures?: number;
  /** Atomic numbers of the centres. */
  readonly species?: Int32Array;
  readonly offsets?: Int32Array;
  readonly mean: boolean;
}

/** κ between elements. */
export interface NativeSpeciesCoupling {
  readonly species: Int32Array;
  readonly values: Float64Array;
}

export interface NativeMatch {
  readonly type: 'rematch' | 'best-match';
  readonly gamma: number;
}

export interface NativeKernel {
  readonly type: 'dot-product' | 'gaussian' | 'laplacian' | 'matern';
  readonly normalize: boolean;
  readonly zeta?: number;
  readonly width?: number;
  readonly smoothness?: number;
  /** Take the derivative with respect to `zeta` or `width` in the kernel's place. */
  readonly derivative?: boolean;
}

export type NativeKernelArguments = [
  x: NativeSamples,
  y: NativeSamples | undefined,
  kernel: NativeKernel,
  coupling: NativeSpeciesCoupling | undefined,
  match: NativeMatch | undefined,
  out: Float64Array,
];
