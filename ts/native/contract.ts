/**
 * What the addon exports, function by function. Only numbers, strings, typed arrays, plain objects
 * of those and opaque handles cross this boundary; result arrays are allocated here and filled there.
 */
export interface NativeModule {
  systemInfo(): NativeSystemInfo;

  /** Fills `first` (N + 1 for each of S structures) with where the pairs of each atom begin and end. */
  readonly countNeighbours: NativeTask<
    [batch: NativeBatch, cutoff: number, first: readonly Float64Array[]],
    void
  >;
  /** Fills the rest of the lists, whose sizes follow from `first`. */
  readonly fillNeighbours: NativeTask<
    [batch: NativeBatch, cutoff: number, lists: readonly NativeNeighbourList[]],
    void
  >;
}

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

/** S structures with A atoms in all, concatenated; see StructureBatch. */
export interface NativeBatch {
  readonly positions: Float64Array;
  readonly species: Int32Array;
  readonly offsets: Int32Array;
  readonly cells: Float64Array;
  readonly pbc: Uint8Array;
}

/** Arrays for N atoms with P pairs; see NeighbourList. */
export interface NativeNeighbourList {
  readonly first: Float64Array;
  readonly neighbours: Int32Array;
  readonly shifts: Int32Array;
  readonly vectors: Float64Array;
}

/** How the addon was built, and the threads it would use. */
export interface NativeSystemInfo {
  /** Instruction set that the addon was compiled for, e.g. `x86-64-v3`. */
  readonly cpuLevel: string;
  /** Name and version of the compiler. */
  readonly compiler: string;
  /** Version of the Eigen headers, e.g. `3.4.0`. */
  readonly eigen: string;
  /** Date of the OpenMP standard that the compiler implements, as yyyymm. */
  readonly openmp: number;
  /** Threads that a large calculation takes when no number is asked for. */
  readonly threads: number;
}
