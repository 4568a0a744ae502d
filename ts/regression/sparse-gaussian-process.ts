import { inTurns, mapping } from '../common/turns';
import { callAsync } from '../native/call';
import type { AsyncOptions } from '../native/call';
import type { FitHandle, NativeQuantities } from '../native/contract';
import { native } from '../native/load';
import type { PowerSpectrum } from '../representations';
import { toBatchInTurns } from '../structures/batch';
import type { Structure } from '../structures/structure';
import type { Targets } from '../structures/targets';
import { baselineEnergy } from './baseline';
import type { Baseline } from './baseline';
import type { SparsePoints } from './sparse-points';

/**
 * Standard deviations of the noise of labels, relative to the amplitude of the prior: of the energy of one
 * atom (that of N atoms has √N times as much), of a force component, of a stress component.
 */
export type Noise = NativeQuantities;

/** Root-mean-square errors: energy in eV/√N, forces in eV/Å, stress in eV/Å³; NaN without labels. */
export type FitErrors = NativeQuantities;

/** A solution for one choice of noise. */
export interface Solution {
  /** Weights of the M sparse points, eV. */
  readonly weights: Float64Array;
  /** Errors on the structures that are fitted. */
  readonly fitted: FitErrors;
  /** Errors on the structures that are held out. */
  readonly heldOut: FitErrors;
}

/** What predictive variances need, besides the sparse points. */
export interface Covariance {
  /**
   * Lower Cholesky factor of 1 + Σ σ⁻² ΦᵀΦ with Φ = K_NM L⁻ᵀ and K_MM = L Lᵀ, packed by rows, M (M + 1) / 2
   * numbers; in single precision, which is more than an error bar has.
   */
  readonly posterior: Float32Array;
}

/**
 * Sparse Gaussian process regression (projected process) of energies, forces and stresses on M sparse
 * environments, K̃ = K_MM + σ⁻² K_NMᵀ K_NM.
 *
 * Structures stream by: what stays in memory are M × M matrices, one for each kind of label and each of the
 * fitted and held-out structures. Any noise is then a factorisation away, with its error on held-out
 * structures, and the final fit to all structures needs no second pass.
 */
export class SparseGaussianProcess {
  readonly representation: PowerSpectrum;
  readonly points: SparsePoints;
  /** Power ζ of the dot-product kernel. */
  readonly zeta: number;
  readonly #fit: FitHandle;

  private constructor(
    representation: PowerSpectrum,
    points: SparsePoints,
    zeta: number,
    fit: FitHandle,
  ) {
    this.representation = representation;
    this.points = points;
    this.zeta = zeta;
    this.#fit = fit;
  }

  /** Factorises K_MM. @throws NumericalError when the points are too much alike. */
  static async create(
    representation: PowerSpectrum,
    points: SparsePoints,
    zeta: number,
    options: AsyncOptions = {},
  ): Promise<SparseGaussianProcess> {
    const { values, first } = points;
    const kernel = {
      representation: representation.handle,
      points: values,
      first,
      zeta,
    };
    const fit = await callAsync((call) => native().createSparseFit(kernel, call), options);
    return new SparseGaussianProcess(representation, points, zeta, fit);
  }

  /** Number M of sparse points. */
  get size(): number {
    return this.points.first.at(-1)!;
  }

  /**
   * Adds labelled structures.
   *
   * @param isHeldOut whether to keep the structure of this index for judging solutions.
   */
  async add(
    structures: readonly Structure[],
    targets: Targets,
    baseline: Baseline,
    isHeldOut: (structure: number) => boolean,
    options: AsyncOptions = {},
  ): Promise<void> {
    const batch = await toBatchInTurns(structures, undefined, options.signal);
    const ofAtoms = await inTurns(
      mapping(structures, (structure) => baselineEnergy(baseline, structure)),
      options.signal,
    );
    const labels = {
      energy: targets.energies?.map((energy, s) => energy - ofAtoms[s]!),
      forces: lay(targets.forces, batch.positions.length, (s) => 3 * batch.offsets[s]!),
      stress: lay(targets.stresses, batch.cells.length, (s) => 9 * s),
    };
    const heldOut = Uint8Array.from(structures, (_, s) => Number(isHeldOut(s)));
    await callAsync((call) => native().addToFit(this.#fit, batch, labels, heldOut, call), options);
  }

  /**
   * Solves for one choice of noise.
   *
   * @param withHeldOut fit to the held-out structures, too; their errors then mean no more than the others.
   */
  async solve(noise: Noise, withHeldOut: boolean, options: AsyncOptions = {}): Promise<Solution> {
    const weights = new Float64Array(this.size);
    const errors = await callAsync(
      (call) => native().solveFit(this.#fit, noise, withHeldOut, weights, call),
      options,
    );
    return { weights, ...errors };
  }

  /** The covariance of the last solution. */
  async covariance(): Promise<Covariance> {
    const posterior = new Float32Array((this.size * (this.size + 1)) / 2);
    await callAsync((call) => native().fitCovariance(this.#fit, posterior, call));
    return { posterior };
  }
}

/** Labels of structures end to end, NaN where a structure has none; undefined when none has any. */
function lay(
  labels: readonly (Float64Array | undefined)[],
  size: number,
  offset: (structure: number) => number,
): Float64Array | undefined {
  if (labels.every((label) => label === undefined)) return undefined;
  const result = new Float64Array(size).fill(NaN);
  labels.forEach((label, s) => {
    if (label) result.set(label, offset(s));
  });
  return result;
}
