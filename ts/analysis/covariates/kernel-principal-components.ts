import { checkMatrix } from '../../common/matrix';
import type { Matrix } from '../../common/matrix';
import { memoryKeys } from '../../common/memory';
import type { MemoryOptions } from '../../common/memory';
import { asyncKeys, checkOptions } from '../../common/options';
import type { KeysOf } from '../../common/options';
import { integerBetween, validate } from '../../common/validation';
import { InvalidInputError } from '../../errors';
import { kernelDiagonal, kernelMatrix } from '../../kernels';
import type { KernelHyperparameters, Samples } from '../../kernels';
import { callAsync } from '../../native/call';
import type { AsyncOptions } from '../../native/call';
import type { LandmarksHandle } from '../../native/contract';
import { native } from '../../native/load';
import { farthestPoints } from '../../regression';
import { rowsOf, samplesOf } from '../points';
import type { Points } from '../points';
import {
  checkCovariateOptions,
  checkTargets,
  covariateKeys,
  emptyAxes,
  foundAxes,
  predicted,
  projected,
} from './axes';
import type { AxesSummary, CovariateOptions, SupervisedAxes } from './axes';
import { checkedBlocks, PrincipalComponents } from './principal-components';
import type { SampleBlock } from './principal-components';

export interface KernelCovariateOptions extends CovariateOptions, MemoryOptions {
  /**
   * Stands on so many samples, picked by farthest point sampling, or on given ones: memory and time then go with their
   * number, not with that of all samples squared. Default: on all samples.
   */
  readonly landmarks?: number | Points | undefined;
}

const kernelCovariateKeys: KeysOf<KernelCovariateOptions> = {
  ...covariateKeys,
  ...memoryKeys,
  landmarks: true,
};

/**
 * Kernel principal components of samples and, with targets, kernel principal covariates (KernelPCovR), on all samples
 * or sparse on landmarks (Nyström). Coordinates are t = k(x) A − b of kernels with the samples, or landmarks, it stands
 * on. The same as scikit-learn's `KernelPCA` and scikit-matter's `KernelPCovR` of a centred kernel; the largest
 * component of each axis is positive.
 *
 * Methods: B. Schölkopf, A. Smola, K.-R. Müller, Neural Comput. 10, 1299 (1998); B. A. Helfrecht et al., Mach. Learn.:
 * Sci. Technol. 1, 045021 (2020).
 */
export class KernelPrincipalComponents implements AxesSummary {
  private constructor(
    readonly eigenvalues: Float64Array,
    readonly explained: Float64Array,
    private readonly axes: SupervisedAxes,
    private readonly kernel: KernelHyperparameters | undefined,
    /** The samples that kernels are taken with; none for given kernels. */
    readonly support: Samples | undefined,
    private readonly landmarks: LandmarksHandle | undefined,
  ) {}

  /** How many samples kernels are taken with. */
  get size(): number {
    return this.axes.axes.length / this.axes.offset.length;
  }

  /**
   * Finds the components of samples. Runs off the event loop; they must not change meanwhile.
   *
   * @throws InvalidInputError naming what is wrong; MemoryLimitError for a kernel matrix beyond `memoryLimit`, which
   * `landmarks` avoid; NumericalError where samples do not differ in so many directions.
   */
  static async fit(
    x: Points,
    kernel: KernelHyperparameters,
    given: KernelCovariateOptions & AsyncOptions & Omit<SampleBlock, 'x'> = {},
  ): Promise<KernelPrincipalComponents> {
    const { landmarks, targets, ...options } = checkOptions(given, {
      ...kernelCovariateKeys,
      ...asyncKeys,
      targets: true,
    });
    const samples = samplesOf(x);
    if (landmarks !== undefined) {
      const support = await landmarksOf(samples, landmarks, options);
      return KernelPrincipalComponents.fitBlocks([{ x, targets }], support, kernel, options);
    }
    const { memoryLimit, threads, signal, onProgress } = options;
    const run = { memoryLimit, threads, signal, onProgress };
    const matrix = await kernelMatrix(samples, undefined, kernel, run);
    const rest = { ...options, onProgress: undefined };
    return KernelPrincipalComponents.ofAll(matrix, targets, rest, kernel, samples);
  }

  /**
   * The same for a given kernel matrix, such as one between structures. New samples are then projected by their kernels
   * with those.
   */
  static async fitKernel(
    matrix: Matrix,
    given: CovariateOptions & AsyncOptions & Omit<SampleBlock, 'x'> = {},
  ): Promise<KernelPrincipalComponents> {
    const { targets, ...options } = checkOptions(given, {
      ...covariateKeys,
      ...asyncKeys,
      targets: true,
    });
    const { shape } = checkMatrix(matrix, 'kernel');
    return KernelPrincipalComponents.ofAll(
      checkMatrix(matrix, 'kernel', { columns: shape[0] }),
      targets,
      options,
      undefined,
      undefined,
    );
  }

  /**
   * Sparse components of samples that come block by block, all with targets or none: memory is that of the landmarks,
   * squared, and a block, whatever the number of samples.
   */
  static async fitBlocks(
    blocks: Iterable<SampleBlock> | AsyncIterable<SampleBlock>,
    landmarks: Points,
    kernel: KernelHyperparameters,
    options: CovariateOptions & MemoryOptions & AsyncOptions = {},
  ): Promise<KernelPrincipalComponents> {
    const { memoryLimit, onProgress, ...rest } = checkOptions(options, {
      ...covariateKeys,
      ...memoryKeys,
      ...asyncKeys,
    });
    const { threads, signal } = rest;
    const run = { threads, signal };
    const support = samplesOf(landmarks, 'landmarks');
    const own = await kernelMatrix(support, undefined, kernel, { memoryLimit, ...run });
    const handle = await callAsync(
      (call) => native().createLandmarkFeatures(own.values, call),
      run,
    );
    const features = featuresOf(blocks, support, kernel, handle, run);
    const found = await PrincipalComponents.fitBlocks(features, { ...rest, onProgress });
    const { axes } = found;
    const { offset, targetLoadings, targetMean } = found.besideAxes();
    await callAsync((call) => native().landmarkAxes(handle, axes.values, call), run);
    return new KernelPrincipalComponents(
      found.eigenvalues,
      found.explained,
      { axes: axes.values, offset, targetLoadings, targetMean },
      kernel,
      support,
      handle,
    );
  }

  private static async ofAll(
    matrix: Matrix,
    targets: Matrix | undefined,
    { count, fewer, mixing, regularization, ...run }: CovariateOptions & AsyncOptions,
    kernel: KernelHyperparameters | undefined,
    support: Samples | undefined,
  ): Promise<KernelPrincipalComponents> {
    const [size] = matrix.shape;
    if (size < 2) {
      throw new InvalidInputError(`expected at least 2 samples, got ${size}`, { path: 'x' });
    }
    const labels = checkTargets(targets, size);
    const columns = labels?.shape[1] ?? 0;
    const options = checkCovariateOptions(
      { count, fewer, mixing, regularization },
      size - 1,
      labels !== undefined,
    );
    const out = emptyAxes(size, columns, options.count, false);
    const values = labels?.values ?? new Float64Array(0);
    const found = await callAsync(
      (call) => native().kernelPrincipalCovariates(matrix.values, values, options, out, call),
      run,
    );
    const axes = foundAxes(out, found);
    const { eigenvalues, shares } = axes;
    return new KernelPrincipalComponents(eigenvalues, shares, axes, kernel, support, undefined);
  }

  /** Coordinates of samples, N × k. Runs off the event loop, block by block. */
  async project(x: Points, options: AsyncOptions = {}): Promise<Matrix> {
    checkOptions(options, asyncKeys);
    const { support, kernel } = this.withKernel();
    const { onProgress, ...run } = options;
    const samples = samplesOf(x);
    const count = this.axes.offset.length;
    const values = new Float64Array(samples.rows * count);
    let done = 0;
    for (const block of pieces(samples, support.rows)) {
      const kernels = await kernelMatrix(block, support, kernel, run);
      const part = await this.projectKernel(kernels, run);
      values.set(part.values, done * count);
      done += block.rows;
      onProgress?.(done, samples.rows);
    }
    return { values, shape: [samples.rows, count] };
  }

  /** The same from kernels of samples with those it stands on, N × {@link size}. */
  async projectKernel(kernels: Matrix, options: AsyncOptions = {}): Promise<Matrix> {
    checkOptions(options, asyncKeys);
    const checked = checkMatrix(kernels, 'kernels', { columns: this.size });
    return projected(checked, this.axes.axes, this.axes.offset, options);
  }

  /** What the coordinates tell of the targets by linear regression, N × P. @throws InvalidInputError without targets */
  predict(coordinates: Matrix): Matrix {
    return predicted(coordinates, this.axes);
  }

  /**
   * How much of k(x, x) the landmarks cannot say, 0 to 1: the variance of a Gaussian process without noise on them, in
   * parts of its variance without data. Near 1 for samples unlike all landmarks. Only with landmarks.
   */
  async novelty(x: Points, options: AsyncOptions = {}): Promise<Float64Array> {
    checkOptions(options, asyncKeys);
    const { support, kernel } = this.withKernel();
    const { landmarks } = this;
    if (!landmarks) {
      throw new InvalidInputError('expected components on landmarks, got those on all samples');
    }
    const { onProgress, ...run } = options;
    const samples = samplesOf(x);
    const result = new Float64Array(samples.rows);
    let done = 0;
    for (const block of pieces(samples, support.rows)) {
      const { values } = await kernelMatrix(block, support, kernel, run);
      await callAsync((call) => native().landmarkFeatures(landmarks, values, call), run);
      const own = kernelDiagonal(block, kernel);
      for (let i = 0; i < block.rows; i++) {
        let explained = 0;
        for (let m = i * support.rows; m < (i + 1) * support.rows; m++)
          explained += values[m]! ** 2;
        result[done + i] = own[i]! > 0 ? Math.max(0, 1 - explained / own[i]!) : 1;
      }
      done += block.rows;
      onProgress?.(done, samples.rows);
    }
    return result;
  }

  private withKernel() {
    const { support, kernel } = this;
    if (support && kernel) return { support, kernel };
    throw new InvalidInputError(
      'these components were found from a kernel matrix: use projectKernel with kernels',
    );
  }
}

/** Kernels with the landmarks, made to features, block by block. */
async function* featuresOf(
  blocks: Iterable<SampleBlock> | AsyncIterable<SampleBlock>,
  support: Samples,
  kernel: KernelHyperparameters,
  landmarks: LandmarksHandle,
  run: AsyncOptions,
): AsyncGenerator<SampleBlock> {
  for await (const { x, targets } of checkedBlocks(blocks)) {
    const samples = samplesOf(x);
    const labels = checkTargets(targets, samples.rows);
    let first = 0;
    for (const block of pieces(samples, support.rows)) {
      const kernels = await kernelMatrix(block, support, kernel, run);
      await callAsync((call) => native().landmarkFeatures(landmarks, kernels.values, call), run);
      const last = first + block.rows;
      yield { x: kernels, ...(labels && { targets: slice(labels, first, last) }) };
      first = last;
    }
  }
}

/** Rows in pieces whose kernels take some 32 MiB. */
function* pieces({ values, rows, columns }: Samples, landmarks: number): Generator<Samples> {
  const height = Math.max(256, Math.floor(2 ** 22 / landmarks));
  for (let first = 0; first < rows; first += height) {
    const last = Math.min(rows, first + height);
    yield { values: values.subarray(first * columns, last * columns), rows: last - first, columns };
  }
}

const slice = ({ values, shape: [, columns] }: Matrix, first: number, last: number): Matrix => ({
  values: values.subarray(first * columns, last * columns),
  shape: [last - first, columns],
});

async function landmarksOf(
  samples: Samples,
  landmarks: number | Points,
  { threads, signal }: AsyncOptions,
): Promise<Samples> {
  if (typeof landmarks !== 'number') return samplesOf(landmarks, 'landmarks');
  const { values, rows, columns } = samples;
  const count = validate(integerBetween(1, rows), landmarks, 'landmarks');
  const matrix: Matrix = { values, shape: [rows, columns] };
  const { indices } = await farthestPoints(matrix, count, { threads, signal });
  return samplesOf(rowsOf(matrix, indices));
}
