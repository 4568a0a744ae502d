import type { NativeSystemInfo } from './system-contract';
import type {
  NativeExpansion,
  NativeCoupling,
  NativeRadialFunction,
  NativeProducts,
  NativePart,
  NativeStructureLevel,
  NativeProductBlock,
} from './density-contract';
import type { NativeAnalysis } from './analysis-contract';
import type { NativeChannels } from './channel-contract';
import type { NativeKernelArguments } from './kernel-contract';
import type { NativeProcesses } from './process-contract';
export type * from './analysis-contract';
export type * from './channel-contract';
export type * from './density-contract';
export type * from './kernel-contract';

/**
 * A matrix whose rows (or columns) are to be picked, and N × P targets of its rows, which count by 1 − `mixing`: an
 * empty array without any.
 */
export type NativeCandidates = readonly [
  matrix: Float64Array,
  columns: number,
  pickColumns: boolean,
  targets: Float64Array,
  mixing: number,
];

/**
 * What the addon exports, function by function. Only numbers, strings, typed arrays, plain objects
 * of those and opaque handles cross this boundary; result arrays are allocated here and filled there.
 */
export interface NativeModule extends NativeAnalysis, NativeChannels, NativeProcesses {
  systemInfo(): NativeSystemInfo;

  /** Fills N × T `out` with rows · matrix + constant, for N × M `rows` and M × T `matrix`. */
  readonly mapRows: NativeTask<
    [
      rows: Float64Array,
      depth: number,
      matrix: Float64Array,
      constant: Float64Array | undefined,
      out: Float64Array,
    ],
    void
  >;

  /**
   * Fills N × F `out` with the rows less their weighted mean, times the roots of their weights, and F `mean` with that;
   * without `mean` it is not taken off. Where a number is not finite `name` says of what.
   */
  readonly centreRows: NativeTask<
    [
      rows: Float64Array,
      columns: number,
      name: string,
      weights: Float64Array | undefined,
      mean: Float64Array | undefined,
      out: Float64Array,
    ],
    void
  >;

  /** Fills `values` [λ μ][l1 m1][l2 m2] with the coefficients that couple two spherical tensors to one. */
  coupling(l1: number, l2: number, lambda: number, values: Float64Array): void;

  /** Fills N × (l + 1)² `values` and, if given, N × 3 × (l + 1)² `gradients`. */
  readonly sphericalHarmonics: NativeTask<
    [
      vectors: Float64Array,
      maxAngular: number,
      values: Float64Array,
      gradients: Float64Array | undefined,
    ],
    void
  >;

  /**
   * Fills `first`, N + 1 numbers for each of S structures one after the other, with where the pairs of each atom begin
   * and end among those of its structure. The memory of an earlier search may be used again: it then keeps it.
   */
  readonly countNeighbours: NativeTask<
    [
      batch: NativeBatch,
      cutoff: number,
      first: Float64Array,
      search: NeighbourSearchHandle | undefined,
    ],
    NeighbourSearchHandle
  >;
  /** Fills the rest of the lists, one structure after the other. The search is then done. */
  readonly fillNeighbours: NativeTask<[search: NeighbourSearchHandle, pairs: NativePairs], void>;

  /** Fill `values` and `slopes` for N distances: N numbers each, or N × (l_max + 1) × n. */
  readonly cutoffFunction: NativeRadialFunction;
  readonly radialScaling: NativeRadialFunction;
  readonly radialBasis: NativeRadialFunction;
  readonly radialIntegrals: NativeRadialFunction;

  createPairExpansion(expansion: NativeExpansion): PairExpansionHandle;
  /** Fills P × F `values` for P vectors. */
  readonly pairValues: NativeTask<
    [expansion: PairExpansionHandle, vectors: Float64Array, values: Float64Array],
    void
  >;
  /** Fills P × 3 `vectorsGradient` from a P × F `gradient`. */
  readonly pairVjp: NativeTask<
    [
      expansion: PairExpansionHandle,
      vectors: Float64Array,
      gradient: Float64Array,
      vectorsGradient: Float64Array,
    ],
    void
  >;

  /** `columns`: which features, all by default. */
  createPowerSpectrum(
    expansion: NativeExpansion,
    columns: Int32Array | undefined,
  ): RepresentationHandle;
  createCoupledPowerSpectrum(
    expansion: NativeExpansion,
    coupling: NativeCoupling,
    columns: Int32Array | undefined,
  ): RepresentationHandle;
  createProductBasis(expansion: NativeExpansion, products: NativeProducts): RepresentationHandle;
  /** The blocks of columns of a product basis, in order. */
  productBlocks(representation: RepresentationHandle): NativeProductBlock[];
  /** Fills functions × order × 3 `factors` (channel, n, l) and functions × order `ranks` of a block. */
  productLabels(
    representation: RepresentationHandle,
    block: number,
    factors: Int32Array,
    ranks: Int32Array,
  ): void;
  /** The rows of a representation divided by their Euclidean norms. */
  createNormalized(representation: RepresentationHandle): RepresentationHandle;
  /** Length F of a row. */
  featureCount(representation: RepresentationHandle): number;
  /** Rows of some representations side by side: of R = A atoms or, with a level, R = S structures. */
  createRows(parts: readonly NativePart[], level: NativeStructureLevel | undefined): RowsHandle;
  /** Fills R × F `values`. With `rowOf`, A, of the R atoms of which it is not −1 but their row, 0 … R − 1. */
  readonly computeValues: NativeTask<
    [rows: RowsHandle, batch: NativeBatch, rowOf: Int32Array | undefined, values: NativeReals],
    void
  >;
  /** Fills A × 3 `positions` and S × 9 `strain` from an R × F `gradient`. */
  readonly computeVjp: NativeTask<
    [
      rows: RowsHandle,
      batch: NativeBatch,
      gradient: Float64Array,
      positions: Float64Array,
      strain: Float64Array,
    ],
    void
  >;
  /** Finds which rows a Jacobian has, without computing them. */
  readonly createJacobian: NativeTask<[rows: RowsHandle, batch: NativeBatch], JacobianHandle>;
  jacobianRowCount(jacobian: JacobianHandle): number;
  /** Fills R + 1 `first` and the moved atom of each row. */
  readonly jacobianRows: NativeTask<
    [jacobian: JacobianHandle, first: Float64Array, moved: Int32Array],
    void
  >;
  /** Fills the rows of R from … to − 1, each 3 × F. */
  readonly computeJacobian: NativeTask<
    [jacobian: JacobianHandle, from: number, to: number, values: NativeReals],
    void
  >;

  /** Fills `out` with kernels of samples of `x` with those of `y`, or of `x` with themselves. */
  readonly kernelMatrix: NativeTask<NativeKernelArguments, void>;

  /**
   * Fills `indices` with rows (or columns) of a matrix that are far from each other, starting with `start`, and
   * `distances` of each to those before; returns how many there are.
   */
  readonly farthestPoints: NativeTask<
    [...NativeCandidates, start: number, indices: Int32Array, distances: Float64Array],
    number
  >;
  /** The same for rows of single precision, without the distances. */
  readonly farthestRows: NativeTask<
    [matrix: Float32Array, columns: number, start: number, indices: Int32Array],
    number
  >;
  /** Fills `indices` with rows (or columns) of a matrix that span it, and their `scores`. */
  readonly cur: NativeTask<
    [
      ...NativeCandidates,
      options: { readonly leading: number; readonly recomputeEvery: number },
      indices: Int32Array,
      scores: Float64Array,
    ],
    void
  >;
  /** Fills `scores` of all rows (or columns). */
  readonly leverageScores: NativeTask<
    [...NativeCandidates, leading: number, scores: Float64Array],
    void
  >;
  readonly createSparseFit: NativeTask<[kernel: NativeSparseKernel, groups: number], FitHandle>;
  readonly addToFit: NativeTask<
    [fit: FitHandle, batch: NativeBatch, labels: NativeLabels, group: Uint8Array],
    void
  >;
  /**
   * Fills M `weights` and returns root-mean-square errors, NaN where there are no labels, `heldOut` of the groups that
   * are left out.
   */
  readonly solveFit: NativeTask<
    [fit: FitHandle, noise: NativeQuantities, leftOut: Uint8Array, weights: Float64Array],
    { readonly fitted: NativeQuantities; readonly heldOut: NativeQuantities }
  >;
  /** Fills members × M `weights`, those of each member solved without the groups of its row of `leftOut`. */
  readonly fitMembers: NativeTask<
    [fit: FitHandle, noise: NativeQuantities, leftOut: Uint8Array, weights: Float64Array],
    void
  >;
  /** Fills the packed lower Cholesky factor of the last solution, M (M + 1) / 2 numbers. */
  readonly fitCovariance: NativeTask<[fit: FitHandle, posterior: Float32Array], void>;
  readonly createPotential: NativeTask<[potential: NativePotential], PotentialHandle>;
  readonly predict: NativeTask<
    [potential: PotentialHandle, batch: NativeBatch, out: NativePredictions],
    void
  >;
  /** Fills the local prediction rigidity of each atom. */
  readonly potentialRigidity: NativeTask<
    [potential: PotentialHandle, batch: NativeBatch, rigidity: Float64Array],
    void
  >;
  /** @param committee.weights M × members, eV. */
  readonly createCommittee: NativeTask<
    [committee: NativeSparseKernel & { readonly weights: Float64Array; readonly members: number }],
    CommitteeHandle
  >;
  /** Fills predictions, without a baseline, of one member after the other. */
  readonly predictMembers: NativeTask<
    [
      committee: CommitteeHandle,
      batch: NativeBatch,
      out: Pick<NativePredictions, 'energy' | 'forces' | 'stress'>,
    ],
    void
  >;
}

declare const kind: unique symbol;
/** An object of the engine, which JavaScript can only pass on. */
export interface Handle<Kind extends string> {
  readonly [kind]: Kind;
}
export type NeighbourSearchHandle = Handle<'neighbour search'>;
export type PairExpansionHandle = Handle<'pair expansion'>;
export type RepresentationHandle = Handle<'representation'>;
export type RowsHandle = Handle<'rows'>;
export type JacobianHandle = Handle<'Jacobian'>;
export type FitHandle = Handle<'fit'>;
export type CommitteeHandle = Handle<'committee'>;
export type PotentialHandle = Handle<'potential'>;

/** A kernel with M sparse points, ordered by the channel of their centre. */
export interface NativeSparseKernel {
  readonly representation: RepresentationHandle;
  /** M × F. */
  readonly points: Float32Array;
  /** Channels + 1: points of channel a are first[a] … first[a + 1] − 1. */
  readonly first: Int32Array;
  readonly zeta: number;
}

/** Labels of a batch; NaN where a structure has none. */
export interface NativeLabels {
  /** S energies less the baseline, eV. */
  readonly energy?: Float64Array | undefined;
  /** A × 3, eV/Å. */
  readonly forces?: Float64Array | undefined;
  /** S × 9, eV/Å³. */
  readonly stress?: Float64Array | undefined;
  /** S: how much the labels of each structure count. Default 1. */
  readonly weight?: Float64Array | undefined;
}

/** One number per kind of label. */
export interface NativeQuantities {
  readonly energy: number;
  readonly forces: number;
  readonly stress: number;
}

export interface NativePotential extends NativeSparseKernel {
  /** M weights, eV. */
  readonly weights: Float64Array;
  /** Energy of one atom per channel, eV. */
  readonly baseline: Float64Array;
  readonly covariance: {
    /** Packed lower Cholesky factor, M (M + 1) / 2 numbers. */
    readonly posterior: Float32Array;
    readonly amplitude: number;
  };
}

/** Arrays that a prediction fills; what is left out is not computed. */
export interface NativePredictions {
  readonly energy?: Float64Array | undefined;
  readonly atomEnergies?: Float64Array | undefined;
  readonly forces?: Float64Array | undefined;
  readonly stress?: Float64Array | undefined;
  /** S, eV². */
  readonly variance?: Float64Array | undefined;
  /** A × 3, (eV/Å)². */
  readonly forcesVariance?: Float64Array | undefined;
  /** S × 9, (eV/Å³)². */
  readonly stressVariance?: Float64Array | undefined;
}

/** Results that may be rounded when they are stored. */
export type NativeReals = Float64Array | Float32Array;

/** A heavy function: at once on this thread, or on a worker thread with a promise of its result. */
export interface NativeTask<Arguments extends unknown[], Result> {
  (...args: [...Arguments, options: NativeSyncOptions]): Result;
  (...args: [...Arguments, options: NativeAsyncOptions]): Promise<Result>;
}

export interface NativeSyncOptions {
  readonly async: false;
  /** Number of threads; 0 means all that the machine offers. */
  readonly threads: number;
}

export interface NativeAsyncOptions {
  readonly async: true;
  readonly threads: number;
  /** One element; set to 1 to stop the work. */
  readonly cancelled: Uint8Array;
  readonly onProgress?: (done: number, total: number) => void;
}

/** S structures with A atoms in all, concatenated; see StructureBatch. Not copied: its arrays must stay as they are. */
export interface NativeBatch {
  readonly positions: Float64Array;
  readonly species: Int32Array;
  readonly offsets: Int32Array;
  readonly cells: Float64Array;
  readonly pbc: Uint8Array;
}

/** Arrays for P pairs; see NeighbourList. */
export interface NativePairs {
  readonly neighbours: Int32Array;
  readonly shifts: Int32Array;
  readonly vectors: Float64Array;
}
