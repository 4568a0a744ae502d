import type { Handle, NativeTask } from './contract';

export type ProjectedProcessHandle = Handle<'projected process'>;
export type ProjectedPosteriorHandle = Handle<'projected posterior'>;
export type GaussianProcessHandle = Handle<'Gaussian process'>;

/** Regression on given kernels: cpp/binding/learning.cpp. */
export interface NativeProcesses {
  readonly createProjectedProcess: NativeTask<
    [pointKernel: Float64Array, groups: number, targets: number],
    ProjectedProcessHandle
  >;
  readonly addToProjectedProcess: NativeTask<
    [
      process: ProjectedProcessHandle,
      kernels: Float64Array,
      labels: Float64Array,
      weights: Float64Array | undefined,
      group: number,
    ],
    void
  >;
  /** Fills M × T `weights` and groups × T root-mean-square `errors`. */
  readonly solveProjectedProcess: NativeTask<
    [
      process: ProjectedProcessHandle,
      noise: number,
      leftOut: Uint8Array,
      weights: Float64Array,
      errors: Float64Array,
    ],
    void
  >;
  /** Fills members × M × T `weights`, those of each member solved without the groups of its row of `leftOut`. */
  readonly projectedProcessMembers: NativeTask<
    [process: ProjectedProcessHandle, noise: number, leftOut: Uint8Array, weights: Float64Array],
    void
  >;
  /** Fills the packed Cholesky factor of what the last solution was solved with. */
  readonly projectedProcessFactor: NativeTask<
    [process: ProjectedProcessHandle, factor: Float32Array],
    void
  >;
  readonly createProjectedPosterior: NativeTask<
    [pointKernel: Float64Array, factor: Float32Array],
    ProjectedPosteriorHandle
  >;
  /** Fills `variance` of samples, given their kernels with the points and with themselves. */
  readonly projectedPosteriorVariance: NativeTask<
    [
      posterior: ProjectedPosteriorHandle,
      kernels: Float64Array,
      own: Float64Array,
      variance: Float64Array,
    ],
    void
  >;

  readonly createGaussianProcess: NativeTask<
    [kernel: Float64Array, noise: Float64Array],
    GaussianProcessHandle
  >;
  readonly gaussianProcessWeights: NativeTask<
    [process: GaussianProcessHandle, targets: Float64Array, weights: Float64Array],
    void
  >;
  readonly gaussianProcessVariance: NativeTask<
    [
      process: GaussianProcessHandle,
      kernels: Float64Array,
      own: Float64Array,
      variance: Float64Array,
    ],
    void
  >;
  /** Fills the inverse of kernel and noise, or its diagonal if `inverse` has room for no more. */
  readonly gaussianProcessInverse: NativeTask<
    [process: GaussianProcessHandle, inverse: Float64Array],
    void
  >;
  /** Fills `residuals` (N × T) with labels less what a fit without their group says; `first` of G groups has G + 1. */
  readonly gaussianProcessLeaveGroupsOut: NativeTask<
    [
      process: GaussianProcessHandle,
      weights: Float64Array,
      first: Int32Array,
      residuals: Float64Array,
    ],
    void
  >;
  gaussianProcessLogDeterminant(process: GaussianProcessHandle): number;
}
