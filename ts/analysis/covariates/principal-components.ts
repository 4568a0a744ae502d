import { z } from 'zod';

import { checkMatrix } from '../../common/matrix';
import type { Matrix } from '../../common/matrix';
import { checkMemory, memoryKeys } from '../../common/memory';
import type { MemoryOptions } from '../../common/memory';
import { asyncKeys, checkOptions } from '../../common/options';
import { show, validate } from '../../common/validation';
import { InvalidInputError } from '../../errors';
import { callAsync } from '../../native/call';
import type { AsyncOptions } from '../../native/call';
import type { NativeAxes, ScatterHandle } from '../../native/contract';
import { native } from '../../native/load';
import { checkPoints } from '../points';
import type { Points } from '../points';
import {
  checkCovariateOptions,
  checkTargets,
  covariateKeys,
  emptyAxes,
  expanded,
  foundAxes,
  predicted,
  projected,
} from './axes';
import type { AxesSummary, CovariateOptions, SupervisedAxes } from './axes';

/** Samples with what is to be learned of them, N × P, if anything is. */
export interface SampleBlock {
  readonly x: Points;
  readonly targets?: Matrix | undefined;
}

const fitKeys = { ...covariateKeys, ...memoryKeys, ...asyncKeys };

/**
 * Principal components of samples and, with targets, principal covariates (PCovR): the few directions in which samples
 * differ most, or that tell most about the targets, too. Coordinates are t = (x − x̄) A. The same as scikit-learn's
 * `PCA` and scikit-matter's `PCovR` for centred data; the largest component of each axis is positive.
 *
 * Methods: S. de Jong, H. A. L. Kiers, Chemom. Intell. Lab. Syst. 14, 155 (1992); B. A. Helfrecht et al., Mach. Learn.:
 * Sci. Technol. 1, 045021 (2020).
 */
export class PrincipalComponents implements AxesSummary {
  readonly eigenvalues: Float64Array;
  readonly explained: Float64Array;
  /** F × k, A. */
  readonly axes: Matrix;
  /** Mean of the samples. */
  readonly mean: Float64Array;
  private readonly offset: Float64Array;
  private readonly loadings: Float64Array;
  private readonly targetLoadings: Float64Array;
  private readonly targetMean: Float64Array;

  private constructor(
    /** How many samples there were. */
    readonly samples: number,
    features: number,
    { axes, offset, eigenvalues, shares, loadings, targetLoadings, mean, targetMean }: NativeAxes,
  ) {
    this.axes = { values: axes, shape: [features, offset.length] };
    this.offset = offset;
    this.eigenvalues = eigenvalues;
    this.explained = shares;
    this.loadings = loadings;
    this.targetLoadings = targetLoadings;
    this.mean = mean;
    this.targetMean = targetMean;
  }

  /**
   * Finds the components of samples: of fewer samples than features from their N × N dot products, else from the F × F
   * sums over them; both have the same axes. Runs off the event loop; samples must not change meanwhile.
   *
   * @throws InvalidInputError naming what is wrong; MemoryLimitError for matrices beyond `memoryLimit`; NumericalError
   * where samples do not differ in so many directions.
   */
  static async fit(
    x: Points,
    given: CovariateOptions & MemoryOptions & AsyncOptions & Omit<SampleBlock, 'x'> = {},
  ): Promise<PrincipalComponents> {
    const { targets, ...options } = checkOptions(given, {
      ...fitKeys,
      targets: true,
    });
    const checked = checkPoints(x, 'x');
    const [rows, columns] = checked.shape;
    if (rows >= columns || rows < 2)
      return PrincipalComponents.fitBlocks([{ x, targets }], options);
    return PrincipalComponents.ofFew(checked, checkTargets(targets, rows), options);
  }

  private static async ofFew(
    { values, shape: [rows, columns] }: Matrix,
    targets: Matrix | undefined,
    { memoryLimit, ...options }: CovariateOptions & MemoryOptions & AsyncOptions,
  ): Promise<PrincipalComponents> {
    const wanted = checkCovariateOptions(options, rows - 1, targets !== undefined);
    const { count } = wanted;
    checkMemory(
      8 * ((targets ? 2 : 1) * rows * rows + 4 * count * (rows + columns)),
      memoryLimit,
      `dot products of ${rows} samples of ${columns} features`,
    );
    const out = emptyAxes(columns, targets?.shape[1] ?? 0, count);
    const labels = targets?.values ?? new Float64Array(0);
    const found = await callAsync(
      (call) => native().principalCovariatesOfFew(values, columns, labels, wanted, out, call),
      options,
    );
    return new PrincipalComponents(rows, columns, foundAxes(out, found));
  }

  /**
   * The same for samples that come block by block, all with targets or none: only the F × F sums over them are kept.
   * Progress counts blocks, whose number nobody knows: done and total are the same.
   */
  static async fitBlocks(
    blocks: Iterable<SampleBlock> | AsyncIterable<SampleBlock>,
    given: CovariateOptions & MemoryOptions & AsyncOptions = {},
  ): Promise<PrincipalComponents> {
    const { count, fewer, mixing, regularization, memoryLimit, onProgress, ...run } = checkOptions(
      given,
      fitKeys,
    );
    const sums = await addUp(blocks, { ...run, memoryLimit }, onProgress);
    const { scatter, features, targets, samples } = sums;
    const options = checkCovariateOptions(
      { count, fewer, mixing, regularization },
      Math.max(1, Math.min(features, samples - 1)),
      targets > 0,
    );
    const out = emptyAxes(features, targets, options.count);
    const found = await callAsync(
      (call) => native().principalCovariates(scatter, options, out, call),
      run,
    );
    return new PrincipalComponents(samples, features, foundAxes(out, found));
  }

  /** What is beside the axes. @internal */
  besideAxes(): Omit<SupervisedAxes, 'axes'> {
    const { offset, targetLoadings, targetMean } = this;
    return { offset, targetLoadings, targetMean };
  }

  /** Coordinates of samples, N × k. Runs off the event loop. */
  async project(x: Points, options: AsyncOptions = {}): Promise<Matrix> {
    checkOptions(options, asyncKeys);
    const checked = checkPoints(x, 'x', { columns: this.axes.shape[0] });
    return projected(checked, this.axes.values, this.offset, options);
  }

  /** The samples that have these coordinates and nothing beside, N × F. */
  reconstruct(coordinates: Matrix): Matrix {
    const checked = checkMatrix(coordinates, 'coordinates', { columns: this.offset.length });
    return expanded(checked, this.loadings, this.mean);
  }

  /** What the coordinates tell of the targets by linear regression, N × P. @throws InvalidInputError without targets */
  predict(coordinates: Matrix): Matrix {
    return predicted(coordinates, this.besideAxes());
  }
}

/** Blocks one after the other. @throws InvalidInputError for what is none. @internal */
export async function* checkedBlocks(
  blocks: Iterable<SampleBlock> | AsyncIterable<SampleBlock>,
): AsyncGenerator<SampleBlock> {
  const isIterable =
    typeof blocks === 'object' &&
    blocks !== null &&
    (Symbol.asyncIterator in blocks || Symbol.iterator in blocks);
  if (!isIterable) {
    throw new InvalidInputError(`expected blocks one after the other, got ${show(blocks)}`, {
      path: 'blocks',
    });
  }
  let index = 0;
  for await (const block of blocks) {
    yield validate(z.looseObject({}), block, `blocks[${index++}]`) as unknown as SampleBlock;
  }
}

/** Adds samples up. */
async function addUp(
  blocks: Iterable<SampleBlock> | AsyncIterable<SampleBlock>,
  { memoryLimit, ...run }: AsyncOptions & MemoryOptions,
  onProgress: AsyncOptions['onProgress'],
) {
  let sums: { scatter: ScatterHandle; features: number; targets: number } | undefined;
  let [samples, done] = [0, 0];
  for await (const block of checkedBlocks(blocks)) {
    const x = checkPoints(block.x, 'x', sums && { columns: sums.features });
    const targets = checkTargets(block.targets, x.shape[0]);
    sums ??= begin(x.shape[1], targets?.shape[1] ?? 0, memoryLimit);
    if ((targets?.shape[1] ?? 0) !== sums.targets) {
      throw new InvalidInputError(
        `expected ${sums.targets} targets as before, got ${targets?.shape[1] ?? 0}`,
        { path: 'targets' },
      );
    }
    const { scatter } = sums;
    const labels = targets?.values ?? new Float64Array(0);
    await callAsync((call) => native().addToScatter(scatter, x.values, labels, call), run);
    samples += x.shape[0];
    done++;
    onProgress?.(done, done);
  }
  if (!sums || samples < 2) {
    throw new InvalidInputError(`expected at least 2 samples, got ${samples}`, { path: 'x' });
  }
  return { ...sums, samples };
}

/** What the search for axes of so many features takes. @internal */
export const bytesOfSums = (features: number): number => 3 * 8 * features * features;

function begin(features: number, targets: number, memoryLimit: number | undefined) {
  checkMemory(
    bytesOfSums(features),
    memoryLimit,
    `sums of ${features} × ${features} features`,
    'take fewer features, such as of `channels`, or kernel components on landmarks',
  );
  return { scatter: native().createScatter(features, targets), features, targets };
}
