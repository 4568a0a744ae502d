import type { Handle, NativeTask } from './contract';

/* What analyses of the engine take. A matrix is its numbers, row by row, and its columns. */

export type ScatterHandle = Handle<'scatter'>;
export type LandmarksHandle = Handle<'set of landmarks'>;

export interface NativeCovariateOptions {
  readonly count: number;
  /** Finds fewer where there are not so many. */
  readonly fewer: boolean;
  readonly mixing: number;
  readonly regularization: number;
}

/** Arrays that principal axes fill; those of length 0 are not wanted. F features, P targets, k axes. */
export interface NativeAxes {
  /** F × k. */
  readonly axes: Float64Array;
  /** k. */
  readonly offset: Float64Array;
  /** k. */
  readonly eigenvalues: Float64Array;
  /** k. */
  readonly shares: Float64Array;
  /** k × F. */
  readonly loadings: Float64Array;
  /** k × P. */
  readonly targetLoadings: Float64Array;
  /** F. */
  readonly mean: Float64Array;
  /** P. */
  readonly targetMean: Float64Array;
}

/** The functions of the analysis stage. */
export interface NativeAnalysis {
  createScatter(features: number, targets: number): ScatterHandle;
  readonly addToScatter: NativeTask<
    [scatter: ScatterHandle, x: Float64Array, y: Float64Array],
    void
  >;
  /** Returns how many axes were found: so many, one after the other, stand in `out`. */
  readonly principalCovariates: NativeTask<
    [scatter: ScatterHandle, options: NativeCovariateOptions, out: NativeAxes],
    number
  >;
  /** The same axes for fewer samples than features, from their dot products. */
  readonly principalCovariatesOfFew: NativeTask<
    [
      x: Float64Array,
      columns: number,
      targets: Float64Array,
      options: NativeCovariateOptions,
      out: NativeAxes,
    ],
    number
  >;
  readonly kernelPrincipalCovariates: NativeTask<
    [kernel: Float64Array, targets: Float64Array, options: NativeCovariateOptions, out: NativeAxes],
    number
  >;

  readonly createLandmarkFeatures: NativeTask<[kernel: Float64Array], LandmarksHandle>;
  /** Overwrites N × M kernels with the landmarks by features. */
  readonly landmarkFeatures: NativeTask<[landmarks: LandmarksHandle, rows: Float64Array], void>;
  /** Overwrites M × k axes for features by those for kernels. */
  readonly landmarkAxes: NativeTask<[landmarks: LandmarksHandle, axes: Float64Array], void>;

  /** Without `y`, neighbours of the points of `x` among themselves. */
  readonly nearestNeighbours: NativeTask<
    [
      x: Float64Array,
      columns: number,
      y: Float64Array | undefined,
      columnsOfY: number,
      indices: Int32Array,
      distances: Float64Array,
    ],
    void
  >;

  /** Fills `labels`, −1 for noise, and returns the number of clusters. */
  readonly dbscan: NativeTask<
    [x: Float64Array, columns: number, radius: number, neighbours: number, labels: Int32Array],
    number
  >;
  /** Moves `centres`, which `uniform` random numbers choose first if there are any. */
  readonly kMeans: NativeTask<
    [
      x: Float64Array,
      columns: number,
      centres: Float64Array,
      uniform: Float64Array | undefined,
      options: { readonly iterations: number; readonly tolerance: number },
      labels: Int32Array,
    ],
    { readonly inertia: number; readonly iterations: number }
  >;
  /** Fills the two `ends` and the `lengths` of N − 1 edges, the shortest first. */
  readonly reachabilityTree: NativeTask<
    [
      x: Float64Array,
      columns: number,
      cores: Float64Array,
      ends: Int32Array,
      lengths: Float64Array,
    ],
    void
  >;

  readonly gaussianDensities: NativeTask<
    [x: Float64Array, columns: number, width: number, densities: Float64Array],
    void
  >;
  readonly distanceQuantile: NativeTask<
    [x: Float64Array, columns: number, quantile: number],
    number
  >;
  readonly nearestDenser: NativeTask<
    [
      x: Float64Array,
      columns: number,
      densities: Float64Array,
      parents: Int32Array,
      distances: Float64Array,
    ],
    void
  >;
  readonly adaptiveDensities: NativeTask<
    [
      grid: Float64Array,
      columns: number,
      samples: Float64Array,
      columnsOfSamples: number,
      cells: Int32Array,
      precisions: Float64Array,
      logarithms: Float64Array,
    ],
    void
  >;

  /** Moves the N × 2 `embedding` and returns the divergence. */
  readonly tsne: NativeTask<
    [
      x: Float64Array,
      columns: number,
      options: { readonly perplexity: number; readonly iterations: number },
      embedding: Float64Array,
    ],
    number
  >;
}
