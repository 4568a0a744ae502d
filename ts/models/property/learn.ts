import { SoapstoneError } from '../../errors';
import type { Matrix } from '../../common/matrix';
import type { AsyncOptions } from '../../native/call';
import { ProjectedProcess } from '../../regression';
import type { Part } from './irreps';
import type { PartKernel } from './part-kernel';

/** Groups of samples in the process: those that are fitted and those that judge. */
const fitted = 0;
const heldOut = 1;

/** What has been learned of one part. */
export interface LearnedPart {
  /** (references · (2λ + 1)) × T, in units of the scale. */
  readonly weights: Matrix;
  /** Packed lower triangle, for variances. */
  readonly posterior: Float32Array;
}

/** All that is known of one part of a property, in units of its scale: any noise is a factorisation away. */
export class PartProcess {
  readonly #process: ProjectedProcess;
  /** Whether there are held-out samples. */
  #judged = false;

  private constructor(process: ProjectedProcess) {
    this.#process = process;
  }

  /** A process that knows no samples yet. */
  static async create(part: Part, kernel: PartKernel, run: AsyncOptions): Promise<PartProcess> {
    const process = await ProjectedProcess.create(await kernel.ofReferences(run), {
      groups: 2,
      targets: part.copies,
      ...run,
    });
    return new PartProcess(process);
  }

  /** Adds samples. @param labels (samples · (2λ + 1)) × T, in units of the scale. */
  async add(rows: Matrix, labels: Float64Array, isHeldOut: boolean, run: AsyncOptions) {
    const { targets } = this.#process;
    const group = isHeldOut ? heldOut : fitted;
    this.#judged ||= isHeldOut && labels.length > 0;
    await this.#process.add(
      rows,
      { values: labels, shape: [labels.length / targets, targets] },
      { group, ...run },
    );
  }

  /** The noise whose solution errs least on held-out samples; where there are none, the standard. */
  async findNoise(run: AsyncOptions): Promise<number> {
    if (!this.#judged) return 10 ** standard;
    const known = new Map<number, number>();
    const errorAt = async (exponent: number): Promise<number> => {
      let error = known.get(exponent);
      if (error === undefined) {
        error = await this.#heldOutError(10 ** exponent, run);
        known.set(exponent, error);
      }
      return error;
    };
    let best = standard;
    for (const step of [1, 0.5, 0.25]) {
      for (let improved = true; improved;) {
        improved = false;
        for (const exponent of [best - step, best + step]) {
          if (exponent < bounds.least || exponent > bounds.most) continue;
          if (!((await errorAt(exponent)) < (await errorAt(best)))) continue;
          [best, improved] = [exponent, true];
        }
      }
    }
    return 10 ** best;
  }

  /**
   * Fits all samples, or only those that are not held out. With other samples than those that the noise was found with
   * it may be too small for the precision of numbers: then it is the next larger one that is not.
   */
  async learn(noise: number, withHeldOut: boolean, run: AsyncOptions): Promise<LearnedPart> {
    const without = withHeldOut ? [] : [heldOut];
    for (let level = noise; ; level *= Math.sqrt(10)) {
      try {
        const { weights } = await this.#process.solve({ noise: level, without, ...run });
        return { weights, posterior: await this.#process.posteriorFactor(run) };
      } catch (error) {
        if (!isSingular(error) || level > 10 ** bounds.most) throw error;
      }
    }
  }

  async #heldOutError(noise: number, run: AsyncOptions): Promise<number> {
    try {
      const { errors } = await this.#process.solve({ noise, without: [heldOut], ...run });
      const { targets } = this.#process;
      const own = errors.values.subarray(heldOut * targets, (heldOut + 1) * targets);
      return own.reduce((sum, error) => sum + error * error, 0);
    } catch (error) {
      // So little noise that the matrix is singular.
      if (isSingular(error)) return Infinity;
      throw error;
    }
  }
}

/** Powers of ten of the noise: where the search begins and ends. */
const standard = -2;
const bounds = { least: -7, most: 2 };

const isSingular = (error: unknown) => SoapstoneError.is(error) && error.code === 'NUMERICAL';
