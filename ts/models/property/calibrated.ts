import { componentsOf } from '../../structures/property';
import { committeeFactor, outOfBag, unseenBy } from '../committee';
import { centredMembers } from '../committee-weights';
import { isOf } from './outputs';
import type { FittedPart } from './parts';
import type { Prepared } from './prepare';
import type { PropertyEvaluation } from './property-model';

/**
 * Parts whose members deviate from the model as much as it errs: by what those members say of each training sample
 * that have not seen it. For a property of atoms each element has a factor of its own.
 */
export function calibrated(
  fitted: readonly FittedPart[],
  prepared: Prepared,
  { members, parity }: Pick<PropertyEvaluation, 'members' | 'parity'>,
): FittedPart[] {
  if (!members) return [...fitted];
  const factors = new Map<number | undefined, number>();
  return fitted.map((part) => {
    let factor = factors.get(part.centre);
    if (factor === undefined) {
      factor = factorFor(part, prepared, members, parity.reference);
      factors.set(part.centre, factor);
    }
    return { ...part, members: centredMembers(part.members!, part.copies, factor) };
  });
}

function factorFor(
  part: FittedPart,
  { structures, groups, target: { per, shape }, sampleWeights }: Prepared,
  members: readonly Float64Array[],
  labels: Float64Array,
): number {
  const components = componentsOf(shape);
  const ratios: number[] = [];
  const weights: number[] = [];
  let unseenMembers = 0;
  let sample = 0;
  structures.forEach(({ species, length }, s) => {
    const unseen = unseenBy(groups, s);
    for (let atom = 0; atom < (per === 'atom' ? length : 1); atom++, sample++) {
      if (!isOf(part, species[atom]!)) continue;
      const said = Array.from({ length: components }, (_, c) => {
        const at = sample * components + c;
        return outOfBag((i) => members[i]![at]!, labels[at]!, unseen, groups.count);
      });
      const variance = said.reduce((sum, own) => sum + own.variance, 0) / components;
      if (!(variance > 0)) continue;
      for (const { error } of said) {
        ratios.push(Math.abs(error) / Math.sqrt(variance));
        weights.push(sampleWeights?.[sample] ?? 1);
      }
      unseenMembers = unseen.length;
    }
  });
  if (ratios.length === 0) return 1;
  return committeeFactor(
    Float64Array.from(ratios),
    unseenMembers,
    members.length,
    Float64Array.from(weights),
  );
}
