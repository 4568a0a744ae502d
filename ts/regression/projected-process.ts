import { checkMatrix } from '../common/matrix';
import type { Matrix } from '../common/matrix';
import { asyncKeys, checkOptions } from '../common/options';
import type { KeysOf } from '../common/options';
import { Queue } from '../common/queue';
import { integerBetween, positive, validate } from '../common/validation';
import { InvalidInputError } from '../errors';
import { callAsync } from '../native/call';
import type { AsyncOptions } from '../native/call';
import type { ProjectedPosteriorHandle, ProjectedProcessHandle } from '../native/process-contract';
import { native } from '../native/load';
import { checkTargets, checkWeights } from './labels';

/** What a projected process is solved for. */
export interface ProjectedOptions extends AsyncOptions {
  /** Standard deviation of the labels' noise; that of a sample of weight w is noise / √w. */
  readonly noise: number;
  /** Groups that are not fitted. */
  readonly without?: readonly number[] | undefined;
}

const projectedKeys: KeysOf<ProjectedOptions> = { ...asyncKeys, noise: true, without: true };

/** A solution for one choice of noise. */
export interface ProjectedSolution {
  /** M × T. */
  readonly weights: Matrix;
  /** Weighted root-mean-square error of each group and target, groups × T; NaN for a group without samples. */
  readonly errors: Matrix;
}

/**
 * Sparse Gaussian process regression (projected process, Eq. 20 of the review) of T targets on given kernels with M
 * reference points: weights = (K_MM + σ⁻² K_NMᵀ K_NM)⁻¹ σ⁻² K_NMᵀ y.
 *
 * Samples stream by; what stays is an M × M matrix for each group of samples. Any noise, and any group left out, is
 * then a factorisation away: with a group for each fold, cross-validation needs the kernels once.
 *
 * Calls on one process run one after the other, in the order in which they were made.
 *
 * @example
 * const process = await ProjectedProcess.create(pointKernel, { groups: 2, targets: 1 });
 * await process.add(trainingKernel, energies, { group: 0 });
 * await process.add(testKernel, testEnergies, { group: 1 });
 * const { weights, errors } = await process.solve({ noise: 0.01, without: [1] });
 */
export class ProjectedProcess {
  /** Number M of reference points. */
  readonly size: number;
  readonly groups: number;
  /** Number T of targets. */
  readonly targets: number;
  readonly #handle: ProjectedProcessHandle;
  readonly #calls = new Queue();

  private constructor(
    size: number,
    groups: number,
    targets: number,
    handle: ProjectedProcessHandle,
  ) {
    this.size = size;
    this.groups = groups;
    this.targets = targets;
    this.#handle = handle;
  }

  /**
   * @param pointKernel K_MM, M × M. Copies among the points do no harm: a jitter of 1e-12 to 1e-5 of the largest
   *   kernel lets it be factorised.
   * @throws InvalidInputError when it is not symmetric; NumericalError when it is not positive semidefinite.
   */
  static async create(
    pointKernel: Matrix,
    options: AsyncOptions & {
      readonly groups?: number | undefined;
      readonly targets?: number | undefined;
    } = {},
  ): Promise<ProjectedProcess> {
    checkOptions(options, { ...asyncKeys, groups: true, targets: true });
    const groups = validate(integerBetween(1, 10_000), options.groups ?? 1, 'groups');
    const targets = validate(integerBetween(1, 1_000_000), options.targets ?? 1, 'targets');
    const { values, shape } = checkSquare(pointKernel, 'pointKernel');
    const handle = await callAsync(
      (call) => native().createProjectedProcess(values, groups, targets, call),
      options,
    );
    return new ProjectedProcess(shape[0], groups, targets, handle);
  }

  /**
   * Adds n samples. One that is aborted while samples are added loses some: the process is then of no more use, and
   * all other calls on it throw an InvalidInputError that says so.
   *
   * @param kernel n × M.
   * @param targets n × T.
   * @param options.weights n numbers > 0. Default 1.
   * @param options.group which the samples belong to. Default 0.
   */
  async add(
    kernel: Matrix,
    targets: Matrix,
    options: AsyncOptions & {
      readonly weights?: Float64Array | undefined;
      readonly group?: number | undefined;
    } = {},
  ): Promise<void> {
    checkOptions(options, { ...asyncKeys, weights: true, group: true });
    const { values, shape } = checkMatrix(kernel, 'kernel', { columns: this.size });
    const labels = checkTargets(targets, { rows: shape[0], columns: this.targets }).values;
    const weights = checkWeights(options.weights, shape[0]);
    const group = validate(integerBetween(0, this.groups - 1), options.group ?? 0, 'group');
    await this.#calls.run(() =>
      callAsync(
        (call) =>
          native().addToProjectedProcess(this.#handle, values, labels, weights, group, call),
        options,
      ),
    );
  }

  /**
   * Solves for one noise with some or all of the groups. Without any sample all weights are zero.
   *
   * @throws NumericalError for a noise that is too small.
   */
  async solve(given: ProjectedOptions): Promise<ProjectedSolution> {
    const { noise, without = [], ...options } = checkOptions(given, projectedKeys);
    validate(positive(), noise, 'noise');
    const leftOut = leftOutFlags([without], this.groups);
    const weights = new Float64Array(this.size * this.targets);
    const errors = new Float64Array(this.groups * this.targets);
    await this.#calls.run(() =>
      callAsync(
        (call) =>
          native().solveProjectedProcess(this.#handle, noise, leftOut, weights, errors, call),
        options,
      ),
    );
    return {
      weights: { values: weights, shape: [this.size, this.targets] },
      errors: { values: errors, shape: [this.groups, this.targets] },
    };
  }

  /**
   * Solves for a committee: member i without the groups of `without[i]`. Kernels and sums over samples are shared, so
   * that a member costs a factorisation. The last solution stays what it was.
   *
   * @returns M × (members · T), the T columns of a member side by side.
   */
  async members(
    given: AsyncOptions & {
      readonly noise: number;
      readonly without: readonly (readonly number[])[];
    },
  ): Promise<Matrix> {
    const { noise, without, ...options } = checkOptions(given, projectedKeys);
    validate(positive(), noise, 'noise');
    const { groups, size, targets } = this;
    const leftOut = leftOutFlags(without, groups);
    const weights = new Float64Array(without.length * size * targets);
    await this.#calls.run(() =>
      callAsync(
        (call) => native().projectedProcessMembers(this.#handle, noise, leftOut, weights, call),
        options,
      ),
    );
    return sideBySide(weights, without.length, size, targets);
  }

  /** What variances need, of the last solution: a packed lower triangle of M (M + 1) / 2 numbers. */
  async posteriorFactor(options: AsyncOptions = {}): Promise<Float32Array> {
    checkOptions(options, asyncKeys);
    const factor = new Float32Array((this.size * (this.size + 1)) / 2);
    await this.#calls.run(() =>
      callAsync((call) => native().projectedProcessFactor(this.#handle, factor, call), options),
    );
    return factor;
  }
}

/** The variances that a {@link ProjectedProcess} leaves, made again from K_MM and its posterior factor. */
export class ProjectedPosterior {
  readonly #handle: ProjectedPosteriorHandle;
  readonly #size: number;

  private constructor(size: number, handle: ProjectedPosteriorHandle) {
    this.#size = size;
    this.#handle = handle;
  }

  static async create(
    pointKernel: Matrix,
    factor: Float32Array,
    options: AsyncOptions = {},
  ): Promise<ProjectedPosterior> {
    checkOptions(options, asyncKeys);
    const { values, shape } = checkSquare(pointKernel, 'pointKernel');
    const [size] = shape;
    if (factor.length !== (size * (size + 1)) / 2) {
      throw new InvalidInputError(
        `expected ${(size * (size + 1)) / 2} numbers, got ${factor.length}`,
        { path: 'factor' },
      );
    }
    const handle = await callAsync(
      (call) => native().createProjectedPosterior(values, factor, call),
      options,
    );
    return new ProjectedPosterior(size, handle);
  }

  /**
   * Variances of n predictions for a prior of amplitude 1, without the noise of labels (Eq. 19).
   *
   * @param kernel n × M.
   * @param own k(A, A) of each sample.
   */
  async variance(
    kernel: Matrix,
    own: Float64Array,
    options: AsyncOptions = {},
  ): Promise<Float64Array> {
    checkOptions(options, asyncKeys);
    const { values, shape } = checkMatrix(kernel, 'kernel', {
      rows: own.length,
      columns: this.#size,
    });
    const variance = new Float64Array(shape[0]);
    await callAsync(
      (call) => native().projectedPosteriorVariance(this.#handle, values, own, variance, call),
      options,
    );
    return variance;
  }
}

/** For each member and each group whether it is left out. @throws InvalidInputError for a group that is not there. */
export function leftOutFlags(
  without: readonly (readonly number[])[],
  groups: number,
): Uint8Array<ArrayBuffer> {
  const isGroup = integerBetween(0, groups - 1);
  const flags = new Uint8Array(without.length * groups);
  without.forEach((left, i) => {
    for (const group of left) flags[i * groups + validate(isGroup, group, 'without')] = 1;
  });
  return flags;
}

/** Matrices of M × T one after the other as one of M × (members · T). */
export function sideBySide(
  values: Float64Array,
  members: number,
  size: number,
  targets: number,
): Matrix {
  const columns = members * targets;
  const result = new Float64Array(values.length);
  values.forEach((w, at) => {
    const [row, t] = [Math.floor(at / targets), at % targets];
    const [i, m] = [Math.floor(row / size), row % size];
    result[m * columns + i * targets + t] = w;
  });
  return { values: result, shape: [size, columns] };
}

/** @throws InvalidInputError unless the matrix is square. */
export function checkSquare(matrix: Matrix, path: string): Matrix {
  const { shape } = checkMatrix(matrix, path);
  return checkMatrix(matrix, path, { rows: shape[1] });
}
