import { isNumerical } from '../../errors';
import type { Matrix } from '../../common/matrix';
import { mapRows } from '../../math/affine-map';
import type { AsyncOptions } from '../../native/call';
import { ProjectedProcess } from '../../regression/projected-process';
import type { Groups } from '../committee';
import { lessWeights } from '../committee-weights';
import type { Part } from './irreps';
import type { PartKernel } from './part-kernel';

/** What has been learned of one part. */
export interface LearnedPart {
  /** (references · (2λ + 1)) × T, in units of the scale. */
  readonly weights: Matrix;
  /** Packed lower triangle, for variances. */
  readonly posterior: Float32Array;
  /** Of a committee: what the weights of its members are more than those above, T columns for each member. */
  readonly members?: Matrix | undefined;
}

/** Held-out samples. */
interface JudgingSamples {
  readonly rows: Matrix;
  readonly labels: Float64Array;
  readonly weights: Float64Array | undefined;
}

/** All that is known of one part of a property, in units of its scale: any noise is a factorisation away. */
export class PartProcess {
  readonly #process: ProjectedProcess;
  /** Held-out samples that judge a noise, and how many numbers their kernels have. */
  readonly #judging: JudgingSamples[] = [];
  readonly #groups: Groups;
  readonly #kernel: PartKernel;
  #kept = 0;
  /** Rows of labels in all groups, and the sum of their weights in each. */
  #rows = 0;
  readonly #weight: Float64Array;

  private constructor(process: ProjectedProcess, kernel: PartKernel, groups: Groups) {
    this.#process = process;
    this.#kernel = kernel;
    this.#groups = groups;
    this.#weight = new Float64Array(groups.count);
  }

  /** A process that knows no samples yet. */
  static async create(
    part: Part,
    kernel: PartKernel,
    groups: Groups,
    run: AsyncOptions,
  ): Promise<PartProcess> {
    const process = await ProjectedProcess.create(await kernel.ofReferences(run), {
      groups: groups.count,
      targets: part.copies,
      ...run,
    });
    return new PartProcess(process, kernel, groups);
  }

  /**
   * Adds samples to a group.
   *
   * @param labels (samples · (2λ + 1)) × T, in units of the scale.
   * @param weights of each row.
   */
  async add(
    rows: Matrix,
    labels: Float64Array,
    weights: Float64Array | undefined,
    group: number,
    run: AsyncOptions,
  ) {
    const { targets } = this.#process;
    const samples: Matrix = { values: labels, shape: [labels.length / targets, targets] };
    await this.#process.add(rows, samples, { group, weights, ...run });
    const count = samples.shape[0];
    this.#rows += count;
    this.#weight[group]! += weights?.reduce((sum, w) => sum + w, 0) ?? count;
    if (!this.#groups.heldOut.includes(group) || this.#kept > mostKept) return;
    this.#judging.push({ rows, labels, weights });
    this.#kept += rows.values.length;
  }

  /**
   * The noise whose solution errs least on held-out samples; where there are none, the standard.
   *
   * @param significant what the logarithm of the error must gain for half a decade. Held-out errors of n structures
   *   are known to about 1/√n of themselves, and smaller gains do not last.
   */
  async findNoise(significant: number, run: AsyncOptions): Promise<number> {
    if (this.#judging.length === 0) return 10 ** standard;
    const exponent = await searchNoise((noise) => this.#heldOutError(noise, run), significant);
    return 10 ** exponent;
  }

  /**
   * Fits all samples and the members of a committee, or only those that are not held out. With other samples than
   * those that the noise was found with it may be too small for the precision of numbers: then it is the next larger
   * one that is not.
   */
  learn(noise: number, withHeldOut: boolean, run: AsyncOptions): Promise<LearnedPart> {
    const { heldOut, without: unseen } = this.#groups;
    const without = withHeldOut ? [] : heldOut;
    return this.#withEnough(noise, async (level) => {
      const { weights } = await this.#process.solve({ noise: level, without, ...run });
      const posterior = await this.#process.posteriorFactor(run);
      if (!withHeldOut || unseen.length === 0) return { weights, posterior };
      const members = await this.#process.members({ noise: level, without: unseen, ...run });
      return {
        weights,
        posterior,
        members: lessWeights(members, weights.values, this.#process.targets),
      };
    });
  }

  /**
   * What the most likely variance of the prior is the ratio of: yᵀ (Q + Σ)⁻¹ y of all labels, with Q = K_NM K_MM⁻¹ K_MN
   * and the noise in units of the prior, and their number. It is |y − ŷ|²/σ² + wᵀ K_MM w.
   */
  spread(noise: number, run: AsyncOptions): Promise<{ readonly square: number; count: number }> {
    return this.#withEnough(noise, async (level) => {
      const { weights, errors } = await this.#process.solve({ noise: level, ...run });
      const { targets } = this.#process;
      let square = 0;
      this.#weight.forEach((weight, group) => {
        if (weight === 0) return;
        const own = errors.values.subarray(group * targets, (group + 1) * targets);
        for (const error of own) square += weight * (error / level) ** 2;
      });
      const kernel = await this.#kernel.ofReferences(run);
      const explained = await mapRows(kernel, { matrix: weights }, run);
      explained.values.forEach((k, i) => (square += k * weights.values[i]!));
      return { square, count: this.#rows * targets };
    });
  }

  /** The weights alone, of a fit without a group. */
  weightsWithout(group: number, noise: number, run: AsyncOptions): Promise<Matrix> {
    return this.#withEnough(noise, async (level) => {
      const { weights } = await this.#process.solve({ noise: level, without: [group], ...run });
      return weights;
    });
  }

  async #withEnough<Result>(
    noise: number,
    solve: (level: number) => Promise<Result>,
  ): Promise<Result> {
    for (let level = noise; ; level *= Math.sqrt(10)) {
      try {
        return await solve(level);
      } catch (error) {
        if (!isNumerical(error) || level > 10 ** bounds.most) throw error;
      }
    }
  }

  /** Mean absolute error of held-out samples: the squares of a few odd labels would drown all others. */
  async #heldOutError(noise: number, run: AsyncOptions): Promise<number> {
    try {
      const { weights } = await this.#process.solve({
        noise,
        without: this.#groups.heldOut,
        ...run,
      });
      let sum = 0;
      let count = 0;
      const { targets } = this.#process;
      for (const { rows, labels, weights: known } of this.#judging) {
        const { values } = await mapRows(rows, { matrix: weights }, run);
        values.forEach((y, i) => {
          const weight = known?.[Math.floor(i / targets)] ?? 1;
          sum += weight * Math.abs(y - labels[i]!);
          count += weight;
        });
      }
      return sum / count;
    } catch (error) {
      // So little noise that the matrix is singular.
      if (isNumerical(error)) return Infinity;
      throw error;
    }
  }
}

/**
 * Searches the noise that errs least, by powers of ten.
 *
 * @param significant what the logarithm of the error must gain for half a decade.
 * @param start power of ten where the search begins.
 */
export async function searchNoise(
  errorOf: (noise: number) => Promise<number>,
  significant: number,
  start: number = standard,
): Promise<number> {
  const known = new Map<number, number>();
  const errorAt = async (exponent: number): Promise<number> => {
    let error = known.get(exponent);
    if (error === undefined) {
      error = await errorOf(10 ** exponent);
      known.set(exponent, error);
    }
    return error;
  };
  let best = start;
  for (const step of [1, 0.5, 0.25]) {
    for (let improved = true; improved;) {
      improved = false;
      for (const exponent of [best - step, best + step]) {
        if (exponent < bounds.least || exponent > bounds.most) continue;
        const gain = Math.log((await errorAt(best)) / (await errorAt(exponent)));
        if (!(gain > (significant * step) / 0.5)) continue;
        [best, improved] = [exponent, true];
      }
    }
  }
  return best;
}

/** Kernels of held-out samples that are kept: 64 MB, thousands of samples; more say nothing new. */
const mostKept = 2 ** 23;

/** Powers of ten of the noise: where the search begins and ends. */
const standard = -1.5;
const bounds = { least: -7, most: 2 };
