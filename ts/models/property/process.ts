import type { Matrix } from '../../common/matrix';
import { mapRows } from '../../math/affine-map';
import type { AsyncOptions } from '../../native/call';
import type { Structure } from '../../structures/structure';
import { effectiveCount } from '../committee';
import { mergeCopies } from './copies';
import { FeatureGroups } from './feature-groups';
import type { FeatureGroup } from './feature-groups';
import { baselineColumns } from './baseline';
import type { LabelledPart } from './irreps';
import { PartProcess } from './learn';
import type { KernelSettings } from './part-kernel';
import type { FittedPart } from './parts';
import type { Prepared } from './prepare';

/** For each part the weight of each row of its labels. */
export type LabelWeights = readonly Float64Array[];

/** What is known of all parts of a property; grows with each structure that is added. */
export class PropertyProcess {
  readonly #prepared: Prepared;
  readonly #processes: readonly PartProcess[];
  readonly #groups: FeatureGroups;
  readonly #labels: readonly PartLabels[];
  readonly #weights: LabelWeights | undefined;

  private constructor(
    prepared: Prepared,
    processes: readonly PartProcess[],
    weights: LabelWeights | undefined,
  ) {
    this.#prepared = prepared;
    this.#processes = processes;
    this.#groups = new FeatureGroups(prepared.settings.terms, prepared.parts);
    this.#labels = labelsOf(prepared);
    this.#weights = weights;
  }

  /** A process that knows no samples yet. @param options.weights of labels, default those of samples. */
  static async create(
    prepared: Prepared,
    {
      weights = prepared.weights,
      ...run
    }: AsyncOptions & { readonly weights?: LabelWeights | undefined },
  ): Promise<PropertyProcess> {
    const { parts, kernels, groups } = prepared;
    const processes: PartProcess[] = [];
    for (const [p, part] of parts.entries()) {
      processes.push(await PartProcess.create(part, kernels[p]!, groups, run));
    }
    return new PropertyProcess(prepared, processes, weights);
  }

  /** Adds structures by their indices to a group. Progress counts structures. */
  async add(
    members: readonly number[],
    { group = 0, onProgress, ...run }: AsyncOptions & { readonly group?: number | undefined },
  ): Promise<void> {
    const { kernels } = this.#prepared;
    await this.#visit(members, { ...run, onProgress }, async (features, own) => {
      for (const [p, process] of this.#processes.entries()) {
        const part = this.#labels[p]!;
        const labels = take(part, part.values, own);
        if (labels.length === 0) continue;
        const known = this.#weights?.[p];
        const weights = known && take(part, known, own);
        const { kernel, distinct } = await kernels[p]!.rows(features, run);
        const merged = distinct ? mergeCopies(distinct, labels, weights) : { labels, weights };
        await process.add(kernel, merged.labels, merged.weights, group, run);
      }
    });
  }

  /**
   * What the fit without a group says of members of that group, less their labels: for each part a number for each
   * label, in units of its scale.
   */
  async residuals(
    members: readonly number[],
    group: number,
    noise: readonly number[],
    run: AsyncOptions,
  ): Promise<Float64Array[]> {
    const { kernels } = this.#prepared;
    const weights: Matrix[] = [];
    for (const [p, process] of this.#processes.entries()) {
      weights.push(await process.weightsWithout(group, noise[p]!, run));
    }
    const residuals = this.#labels.map((part) => take(part, part.values, members));
    const done = residuals.map(() => 0);
    await this.#visit(members, run, async (features, own) => {
      for (const [p, residual] of residuals.entries()) {
        const part = this.#labels[p]!;
        const count = take(part, part.values, own).length;
        if (count === 0) continue;
        const { kernel, distinct } = await kernels[p]!.rows(features, run);
        const { values, shape } = await mapRows(kernel, { matrix: weights[p]! }, run);
        for (let i = 0; i < count; i++) {
          const row = Math.floor(i / shape[1]);
          const from = (distinct?.of[row] ?? row) * shape[1] + (i % shape[1]);
          residual[done[p]! + i]! -= values[from]!;
        }
        done[p]! += count;
      }
    });
    return residuals;
  }

  /** Gives the features of members, some at a time. */
  async #visit(
    members: readonly number[],
    { onProgress, ...run }: AsyncOptions,
    take: (features: FeatureGroup, members: readonly number[]) => Promise<void>,
  ): Promise<void> {
    const { structures, kernels } = this.#prepared;
    const columns = kernels.reduce(
      (most, { size, components }) => Math.max(most, size * components),
      0,
    );
    let done = 0;
    const own = members.map((s) => structures[s]!);
    for await (const features of this.#groups.of(own, columns, run)) {
      const next = done + features.structures.length;
      await take(features, members.slice(done, next));
      done = next;
      onProgress?.(done, members.length);
    }
  }

  /** For each part the noise of the configuration, or the one that does best on held-out samples. */
  async findNoise(run: AsyncOptions): Promise<number[]> {
    const { config, structures, isHeldOut } = this.#prepared;
    const { noise } = config;
    const significant = 0.25 / Math.sqrt(structures.filter((_, s) => isHeldOut(s)).length);
    const found: number[] = [];
    for (const [p, process] of this.#processes.entries()) {
      const given = typeof noise === 'number' ? noise : noise?.[p];
      found.push(given ?? (await process.findNoise(significant, run)));
    }
    return found;
  }

  /**
   * The variance of the prior with which all labels are most likely, in units of their scales: yᵀ (Q + Σ)⁻¹ y by as many
   * labels as the baseline leaves free (Rasmussen and Williams, section 5.4.1), and count for.
   */
  async likeliestAmplitude(noise: readonly number[], run: AsyncOptions): Promise<number> {
    const { parts, structures, config, weights } = this.#prepared;
    let [square, count] = [0, 0];
    for (const [p, process] of this.#processes.entries()) {
      const own = await process.spread(noise[p]!, run);
      const taken = baselineColumns(parts[p]!, structures, config.baseline.type);
      const counted = weights
        ? (own.count * effectiveCount(weights[p]!)) / weights[p]!.length
        : own.count;
      square += own.square;
      count += Math.max(1, counted - taken);
    }
    return square > 0 && Number.isFinite(square) ? square / count : 1;
  }

  /** Fits all samples and a committee, or only those that are not held out. */
  async learn(
    noise: readonly number[],
    withHeldOut: boolean,
    run: AsyncOptions,
  ): Promise<FittedPart[]> {
    const { parts, scales } = this.#prepared;
    const result: FittedPart[] = [];
    for (const [p, { lambda, sigma, copies, centre }] of parts.entries()) {
      const learned = await this.#processes[p]!.learn(noise[p]!, withHeldOut, run);
      result.push({ lambda, sigma, copies, centre, scale: scales[p]!, ...learned });
    }
    return result;
  }
}

/** Labels of all structures of one part. */
export interface PartLabels {
  /** In units of the scale. */
  readonly values: Float64Array;
  /** Where the rows of each structure begin. */
  readonly offsets: Int32Array;
}

/** The labels of each part. */
export const labelsOf = ({ parts, scales, settings, structures }: Prepared): PartLabels[] =>
  parts.map((part, p) => ({
    values: part.labels.values.map((y) => y / scales[p]!),
    offsets: rowOffsets(part, settings, structures),
  }));

/** Where the rows of each structure begin in those of a part. */
function rowOffsets(
  part: LabelledPart,
  { per }: KernelSettings,
  structures: readonly Structure[],
): Int32Array {
  const offsets = new Int32Array(structures.length + 1);
  structures.forEach(({ species }, s) => {
    const samples =
      per === 'structure' ? 1 : species.reduce((n, z) => n + Number(z === part.centre), 0);
    offsets[s + 1] = offsets[s]! + samples * (2 * part.lambda + 1);
  });
  return offsets;
}

/** The rows of some structures among those of all, be they labels or weights. */
export function take(
  { offsets }: PartLabels,
  values: Float64Array,
  members: readonly number[],
): Float64Array {
  const width = values.length / Math.max(1, offsets[offsets.length - 1]!);
  const size = members.reduce((sum, s) => sum + offsets[s + 1]! - offsets[s]!, 0);
  const result = new Float64Array(size * width);
  let at = 0;
  for (const s of members) {
    result.set(values.subarray(offsets[s]! * width, offsets[s + 1]! * width), at);
    at += (offsets[s + 1]! - offsets[s]!) * width;
  }
  return result;
}

/** The reverse: puts the rows of some structures where they belong among those of all. */
export function put(
  { offsets }: PartLabels,
  values: Float64Array,
  members: readonly number[],
  own: Float64Array,
): void {
  const width = values.length / Math.max(1, offsets[offsets.length - 1]!);
  let at = 0;
  for (const s of members) {
    const size = (offsets[s + 1]! - offsets[s]!) * width;
    values.set(own.subarray(at, at + size), offsets[s]! * width);
    at += size;
  }
}
