import type { Matrix } from '../../common/matrix';
import { inTurns, Pace } from '../../common/turns';
import type { Steps } from '../../common/turns';
import { isNumerical } from '../../errors';
import type { AsyncOptions } from '../../native/call';
import { GaussianProcess } from '../../regression/gaussian-process';
import { FeatureGroups } from './feature-groups';
import { mergeCopies } from './copies';
import { searchNoise } from './learn';
import { rounds, studentWeights, weighLabels } from './outliers';
import type { Prepared } from './prepare';
import { labelsOf, take } from './process';
import type { LabelWeights } from './process';
import { turns } from './terms';

/** How much labels count, and how far they scatter about the truth. */
export interface LabelScatter {
  /** Less than 1 for outliers; undefined where there can be none. */
  readonly outliers: LabelWeights | undefined;
  /** Of each part; undefined where it is still to be found, with held-out structures. */
  readonly noise?: readonly number[] | undefined;
}

/**
 * Finds what labels count, and their noise too where every sample is a reference: then what a fit without one structure
 * says of it has a closed form, and each noise costs one factorisation.
 */
export async function findScatter(prepared: Prepared, run: AsyncOptions): Promise<LabelScatter> {
  if (!samplesAreReferences(prepared)) return { outliers: await weighLabels(prepared, run) };
  const { config, kernels, parts } = prepared;
  const gathered = await samplesOf(prepared, run);
  const noise: number[] = [];
  const weights: Float64Array[] = [];
  for (const [p, samples] of gathered.entries()) {
    const kernel = await kernels[p]!.ofReferences(run);
    const given = typeof config.noise === 'number' ? config.noise : config.noise?.[p];
    const part = new PartScatter(kernel, samples, given);
    if (config.likelihood.type === 'student-t') {
      for (let round = 0; round < rounds; round++) {
        const residuals = await part.residuals(await part.findNoise(run), run);
        part.weights = studentWeights(
          residuals,
          parts[p]!,
          config.likelihood.degrees,
          prepared.weights && samples.weights,
        );
      }
    }
    noise.push(await part.findNoise(run));
    weights.push(Float64Array.from(samples.of, (sample) => part.weights[sample]!));
  }
  return { noise, outliers: config.likelihood.type === 'gaussian' ? undefined : weights };
}

/** Whether samples and references of all parts are the same environments, in the same order. */
const samplesAreReferences = ({ count, settings, parts }: Prepared): boolean =>
  count === 'all' && settings.per === 'atom' && !parts.some(turns);

/** Distinct samples of a part. */
interface DistinctSamples {
  /** Samples × T: mean labels of copies. */
  readonly labels: Matrix;
  /** How many atoms each sample stands for, each as often as its weight says. */
  readonly copies: Float64Array;
  /** Mean weight of these atoms. */
  readonly weights: Float64Array;
  /** Which sample each row of the part's labels belongs to. */
  readonly of: Int32Array;
  /** Where the samples of each structure begin, and their number at the end. */
  readonly first: Int32Array;
}

/** The distinct samples of each part. */
async function samplesOf(prepared: Prepared, run: AsyncOptions): Promise<DistinctSamples[]> {
  const { structures, settings, parts, kernels } = prepared;
  const given = labelsOf(prepared);
  const found = parts.map(() => ({
    labels: [] as number[],
    copies: [] as number[],
    of: [] as number[],
    first: [0],
  }));
  let done = 0;
  for await (const group of new FeatureGroups(settings.terms, parts).of(structures, 0, run)) {
    const own = Array.from({ length: group.structures.length }, (_, s) => done + s);
    for (const [p, into] of found.entries()) {
      const distinct = (await kernels[p]!.distinct(group, run))!;
      const { offsets } = given[p]!;
      const { labels, weights } = mergeCopies(
        distinct,
        take(given[p]!, given[p]!.values, own),
        prepared.weights && take(given[p]!, prepared.weights[p]!, own),
      );
      const before = into.copies.length;
      let seen = before;
      let row = 0;
      for (const y of labels) into.labels.push(y);
      for (const count of weights) into.copies.push(count);
      for (const sample of distinct.of) into.of.push(before + sample);
      for (const s of own) {
        for (; row < offsets[s + 1]! - offsets[done]!; row++) {
          seen = Math.max(seen, before + distinct.of[row]! + 1);
        }
        into.first.push(seen);
      }
    }
    done += own.length;
  }
  return found.map(({ labels, copies, of, first }) => ({
    weights: meanWeights(copies, of),
    labels: {
      values: Float64Array.from(labels),
      shape: [copies.length, labels.length / copies.length],
    },
    copies: Float64Array.from(copies),
    of: Int32Array.from(of),
    first: Int32Array.from(first),
  }));
}

/** The sums of weights by how many they are of. */
function meanWeights(sums: readonly number[], of: readonly number[]): Float64Array {
  const counts = new Float64Array(sums.length);
  for (const sample of of) counts[sample]!++;
  return counts.map((count, sample) => sums[sample]! / count);
}

/** Labels of one part against what all other structures say of them. */
class PartScatter {
  /** Of each distinct sample. */
  weights: Float64Array;
  #exponent: number | undefined;

  constructor(
    private readonly kernel: Matrix,
    private readonly samples: DistinctSamples,
    private readonly given: number | undefined,
  ) {
    this.weights = new Float64Array(samples.copies.length).fill(1);
  }

  /** The noise with which structures are predicted best by all others. */
  async findNoise(run: AsyncOptions): Promise<number> {
    if (this.given !== undefined) return this.given;
    const structures = this.samples.first.length - 1;
    this.#exponent = await searchNoise(
      async (noise) => {
        try {
          return await inTurns(this.#meanOf(await this.residuals(noise, run)));
        } catch (error) {
          // So little noise that the matrix is singular.
          if (isNumerical(error)) return Infinity;
          throw error;
        }
      },
      0.25 / Math.sqrt(structures),
      this.#exponent,
    );
    return 10 ** this.#exponent;
  }

  /** Labels less what a fit without their structure says, samples × T. */
  async residuals(noise: number, run: AsyncOptions): Promise<Float64Array> {
    const { labels, copies, first } = this.samples;
    const weights = copies.map((count, i) => count * this.weights[i]!);
    const process = await GaussianProcess.fit(this.kernel, labels, { noise, weights, ...run });
    const { values } = await process.leaveGroupsOut(first, run);
    return labels.values.map((y, at) => y - values[at]!);
  }

  /** The mean absolute residual: the squares of a few odd labels would drown all others. */
  *#meanOf(residuals: Float64Array): Steps<number> {
    const width = this.samples.labels.shape[1];
    const pace = new Pace();
    let sum = 0;
    let count = 0;
    for (const [sample, copies] of this.samples.copies.entries()) {
      const weight = copies * this.weights[sample]!;
      for (let t = 0; t < width; t++) sum += weight * Math.abs(residuals[sample * width + t]!);
      count += weight * width;
      if (pace.passed(width)) yield;
    }
    return sum / count;
  }
}
