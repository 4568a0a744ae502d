import type { AsyncOptions } from '../../native/call';
import type { Structure } from '../../structures/structure';
import { FeatureGroups } from './feature-groups';
import { widthOf } from './irreps';
import type { LabelledPart } from './irreps';
import type { PartProcess } from './learn';
import type { KernelSettings, PartKernel } from './part-kernel';

/** Adds the kernels and labels of all structures to the processes of their parts. */
export async function gather(
  parts: readonly LabelledPart[],
  scales: readonly number[],
  kernels: readonly PartKernel[],
  processes: readonly PartProcess[],
  structures: readonly Structure[],
  {
    settings,
    isHeldOut,
    run,
    report,
  }: {
    readonly settings: KernelSettings;
    readonly isHeldOut: (structure: number) => boolean;
    readonly run: AsyncOptions;
    readonly report: (done: number, total: number) => void;
  },
): Promise<void> {
  const groups = new FeatureGroups(settings.terms, parts);
  const columns = kernels.reduce(
    (sum, { size, components }) => Math.max(sum, size * components),
    0,
  );
  const ofAll = parts.map(({ labels: { values } }, p) => values.map((y) => y / scales[p]!));
  const offsets = parts.map((part) => rowOffsets(part, settings, structures));
  let done = 0;
  for (const judging of [false, true]) {
    const members = [...structures.keys()].filter((s) => isHeldOut(s) === judging);
    const own = members.map((s) => structures[s]!);
    let first = 0;
    for await (const group of groups.of(own, columns, run)) {
      const ofGroup = members.slice(first, first + group.structures.length);
      first += ofGroup.length;
      for (const [p, process] of processes.entries()) {
        const labels = take(ofAll[p]!, offsets[p]!, ofGroup);
        if (labels.length === 0) continue;
        await process.add(await kernels[p]!.rows(group, run), labels, judging, run);
      }
      done += ofGroup.length;
      report(done, structures.length);
    }
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
