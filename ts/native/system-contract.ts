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
