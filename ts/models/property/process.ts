import type { AsyncOptions } from '../../native/call';
import type { Structure } from '../../structures/structure';
import { FeatureGroups } from './feature-groups';
import { widthOf } from './irreps';
import type { LabelledPart } from './irreps';
import { PartProcess } from './learn';
import type { KernelSettings } from './part-kernel';
import type { FittedPart } from './parts';
import type { Prepared } from './prepare';

/** What is known of all parts of a property; grows with each structure that is added. */
export class PropertyProcess {
  readonly #prepared: Prepared;
  readonly #processes: readonly PartProcess[];
  readonly #groups: FeatureGroups;
  /** For each part the labels of all structures, in units of its scale, and where each structure's begin. */
  readonly #labels: readonly { readonly values: Float64Array; readonly offsets: Int32Array }[];

  private constructor(prepared: Prepared, processes: readonly PartProcess[]) {
    const { parts, scales, settings, structures } = prepared;
    this.#prepared = prepared;
    this.#processes = processes;
    this.#groups = new FeatureGroups(settings.terms, parts);
    this.#labels = parts.map((part, p) => ({
      values: part.labels.values.map((y) => y / scales[p]!),
      offsets: rowOffsets(part, settings, structures),
    }));
  }

  /** A process that knows no samples yet. */
  static async create(prepared: Prepared, run: AsyncOptions): Promise<PropertyProcess> {
    const { parts, kernels, groups } = prepared;
    const processes: PartProcess[] = [];
    for (const [p, part] of parts.entries()) {
      processes.push(await PartProcess.create(part, kernels[p]!, groups, run));
    }
    return new PropertyProcess(prepared, processes);
  }

  /** Adds structures by their indices. Progress counts structures. @param options.group default 0. */
  async add(
    members: readonly number[],
    { group: to = 0, onProgress, ...run }: AsyncOptions & { readonly group?: number | undefined },
  ): Promise<void> {
    const { structures, kernels } = this.#prepared;
    const own = members.map((s) => structures[s]!);
    const columns = kernels.reduce(
      (most, { size, components }) => Math.max(most, size * components),
      0,
    );
    let done = 0;
    for await (const group of this.#groups.of(own, columns, run)) {
      const ofGroup = members.slice(done, done + group.structures.length);
      for (const [p, process] of this.#processes.entries()) {
        const { values, offsets } = this.#labels[p]!;
        const labels = take(values, offsets, ofGroup);
        if (labels.length === 0) continue;
        await process.add(await kernels[p]!.rows(group, run), labels, to, run);
      }
      done += ofGroup.length;
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

/** Where the labels of each structure begin in those of a part. */
function rowOffsets(
  part: LabelledPart,
  { per }: KernelSettings,
  structures: readonly Structure[],
): Int32Array {
  const offsets = new Int32Array(structures.length + 1);
  structures.forEach(({ species }, s) => {
    const samples =
      per === 'structure' ? 1 : species.reduce((n, z) => n + Number(z === part.centre), 0);
    offsets[s + 1] = offsets[s]! + samples * widthOf(part);
  });
  return offsets;
}

/** The labels of some structures. */
function take(values: Float64Array, offsets: Int32Array, members: readonly number[]): Float64Array {
  const size = members.reduce((sum, s) => sum + offsets[s + 1]! - offsets[s]!, 0);
  const result = new Float64Array(size);
  let at = 0;
  for (const s of members) {
    result.set(values.subarray(offsets[s], offsets[s + 1]), at);
    at += offsets[s + 1]! - offsets[s]!;
  }
  return result;
}
