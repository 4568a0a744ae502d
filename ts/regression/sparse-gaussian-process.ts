import { z } from 'zod';

import type { Matrix } from '../common/matrix';
import { asyncKeys, checkOptions } from '../common/options';
import { Queue } from '../common/queue';
import { inTurns, mapping } from '../common/turns';
import { InvalidInputError } from '../errors';
import { integerBetween, positive, show, typedArray, validate } from '../common/validation';
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
import { checkWeights } from './labels';
import { leftOutFlags, sideBySide } from './projected-process';
import type { SparsePoints } from './sparse-points';

/**
 * Standard deviations of the noise of labels of weight 1, relative to the amplitude of the prior: of the energy of one
 * atom (that of N atoms has √N times as much), of a force component, of a stress component.
 */
export type Noise = NativeQuantities;

/**
 * Root-mean-square errors, labels counted by their weights: energy in eV/√N, forces in eV/Å, stress in eV/Å³; NaN
 * without labels.
 */
export type FitErrors = NativeQuantities;

/** A solution for one choice of noise. */
export interface Solution {
  /** Weights of the M sparse points, eV. */
  readonly weights: Float64Array;
  /** Errors on the structures that are fitted. */
  readonly fitted: FitErrors;
  /** Errors on those that are left out. */
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

const pointsSchema = z.looseObject({
  values: typedArray('Float32Array'),
  first: typedArray('Int32Array'),
});

/**
 * Sparse Gaussian process regression (projected process) of energies, forces and stresses on M sparse
 * environments, K̃ = K_MM + σ⁻² K_NMᵀ K_NM.
 *
 * Structures stream by: what stays in memory are M × M matrices, one for each kind of label and group of structures,
 * such as those that are fitted and those that are held out. Any noise is then a factorisation away, with its error
 * on groups that are left out, and the final fit to all structures needs no second pass.
 *
 * Calls on one process run one after the other, in the order in which they were made.
 */
export class SparseGaussianProcess {
  readonly representation: PowerSpectrum;
  readonly points: SparsePoints;
  /** Power ζ of the dot-product kernel. */
  readonly zeta: number;
  readonly groups: number;
  readonly #fit: FitHandle;
  readonly #calls = new Queue();

  private constructor(
    representation: PowerSpectrum,
    points: SparsePoints,
    zeta: number,
    groups: number,
    fit: FitHandle,
  ) {
    this.representation = representation;
    this.points = points;
    this.zeta = zeta;
    this.groups = groups;
    this.#fit = fit;
  }

  /**
   * Factorises K_MM.
   *
   * @param options.groups of structures. Default 2.
   * @throws NumericalError when the points are too much alike.
   */
  static async create(
    representation: PowerSpectrum,
    points: SparsePoints,
    zeta: number,
    given: AsyncOptions & { readonly groups?: number | undefined } = {},
  ): Promise<SparseGaussianProcess> {
    const { groups: count, ...options } = checkOptions(given, { ...asyncKeys, groups: true });
    const groups = validate(integerBetween(1, 256), count ?? 2, 'groups');
    validate(pointsSchema, points, 'points');
    const isSpectrum = (representation as PowerSpectrum | undefined)?.hyperparameters?.type;
    if (isSpectrum !== 'power-spectrum') {
      throw new InvalidInputError(`expected a PowerSpectrum, got ${show(representation)}`, {
        path: 'representation',
      });
    }
    validate(positive(), zeta, 'zeta');
    const { values, first } = points;
    const kernel = {
      representation: representation.handle,
      points: values,
      first,
      zeta,
    };
    const fit = await callAsync((call) => native().createSparseFit(kernel, groups, call), options);
    return new SparseGaussianProcess(representation, points, zeta, groups, fit);
  }

  /** Number M of sparse points. */
  get size(): number {
    return this.points.first.at(-1)!;
  }

  /**
   * Adds labelled structures. They are checked first: where one cannot be used, such as for an element that the
   * representation does not know, none is added. One that is aborted while structures are added loses some: the
   * process is then of no more use, and all other calls on it throw an InvalidInputError that says so.
   *
   * @param groupOf the group of the structure of this index.
   * @param options.weights of the structures, > 0: how much all labels of each count, as so many equal structures would.
   *   Default 1.
   */
  async add(
    structures: readonly Structure[],
    targets: Targets,
    baseline: Baseline,
    groupOf: (structure: number) => number,
    given: AsyncOptions & { readonly weights?: Float64Array | undefined } = {},
  ): Promise<void> {
    const { weights, ...options } = checkOptions(given, { ...asyncKeys, weights: true });
    const known = { targets, weights: checkWeights(weights, structures.length) };
    const prepared = this.#prepare(structures, known, baseline, groupOf, options.signal);
    prepared.catch(() => undefined); // thrown when its turn comes
    await this.#calls.run(async () => {
      const { batch, labels, group } = await prepared;
      await callAsync((call) => native().addToFit(this.#fit, batch, labels, group, call), options);
    });
  }

  /**
   * Solves for one choice of noise.
   *
   * @param without groups that are not fitted.
   */
  async solve(
    noise: Noise,
    without: readonly number[],
    options: AsyncOptions = {},
  ): Promise<Solution> {
    checkOptions(options, asyncKeys);
    const leftOut = leftOutFlags([without], this.groups);
    const weights = new Float64Array(this.size);
    const errors = await this.#calls.run(() =>
      callAsync((call) => native().solveFit(this.#fit, noise, leftOut, weights, call), options),
    );
    return { weights, ...errors };
  }

  /**
   * Solves for a committee: member i without the groups of `without[i]`. A member costs a factorisation; the last
   * solution stays what it was.
   *
   * @returns M × members.
   */
  async members(
    noise: Noise,
    without: readonly (readonly number[])[],
    options: AsyncOptions = {},
  ): Promise<Matrix> {
    checkOptions(options, asyncKeys);
    const leftOut = leftOutFlags(without, this.groups);
    const weights = new Float64Array(without.length * this.size);
    await this.#calls.run(() =>
      callAsync((call) => native().fitMembers(this.#fit, noise, leftOut, weights, call), options),
    );
    return sideBySide(weights, without.length, this.size, 1);
  }

  /** The covariance of the last solution. */
  async covariance(): Promise<Covariance> {
    const posterior = new Float32Array((this.size * (this.size + 1)) / 2);
    await this.#calls.run(() =>
      callAsync((call) => native().fitCovariance(this.#fit, posterior, call)),
    );
    return { posterior };
  }

  async #prepare(
    structures: readonly Structure[],
    { targets, weights }: { readonly targets: Targets; readonly weights: Float64Array | undefined },
    baseline: Baseline,
    groupOf: (structure: number) => number,
    signal: AbortSignal | undefined,
  ) {
    const batch = await toBatchInTurns(structures, undefined, signal);
    const ofAtoms = await inTurns(
      mapping(structures, (structure) => baselineEnergy(baseline, structure)),
      signal,
    );
    const labels = {
      energy: targets.energies?.map((energy, s) => energy - ofAtoms[s]!),
      forces: lay(targets.forces, batch.positions.length, (s) => 3 * batch.offsets[s]!),
      stress: lay(targets.stresses, batch.cells.length, (s) => 9 * s),
      weight: weights,
    };
    const isGroup = integerBetween(0, this.groups - 1);
    const group = Uint8Array.from(structures, (_, s) => validate(isGroup, groupOf(s), 'groupOf'));
    return { batch, labels, group };
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
