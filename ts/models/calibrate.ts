import { randomNumbers, shuffled } from '../common/random';
import type { AsyncOptions } from '../native/call';
import { fewestHeldOut } from './amplitude';
import { committeeFactor, outOfBag, unseenBy } from './committee';
import type { Groups, OutOfBag } from './committee';
import { centredMembers } from './committee-weights';
import { subset } from './data-set';
import { negligible } from './evaluation';
import type { DataSet } from './data-set';
import type { MemberPrediction } from './prediction';
import type { Potential, PotentialParts } from './potential';

/** By how much members deviate too little, for each kind of label that there is. */
export interface CommitteeFactors {
  readonly energy?: number | undefined;
  readonly forces?: number | undefined;
  readonly stress?: number | undefined;
}

/** Energies cost little. Forces of so many structures are thousands of numbers. */
const most = { energies: 2000, forces: 100 };

/** A note where uncertainties are made to agree with the errors of so few structures. */
export function calibrationNotes(structures: number): string[] {
  if (structures >= fewestHeldOut) return [];
  const compared =
    structures === 0
      ? 'were compared with no errors, for want of held-out structures'
      : `were compared with the errors of ${structures} structure${structures > 1 ? 's' : ''} only`;
  return [`uncertainties ${compared}: they may be several times too small or too large`];
}

type Kind = keyof CommitteeFactors;

/** What members say of one number, and how much its label counts. */
interface Said extends OutOfBag {
  readonly weight: number;
}

/**
 * Compares what members say of structures that they have not seen with the labels.
 *
 * @param potential members are deviations from it, not yet scaled.
 * @param options.structures those whose errors are those of new structures.
 */
export async function calibrate(
  potential: Potential,
  {
    data,
    groups,
    structures,
    seed,
  }: {
    readonly data: DataSet;
    readonly groups: Groups;
    readonly structures: readonly number[];
    readonly seed: number;
  },
  run: AsyncOptions,
): Promise<CommitteeFactors> {
  if (potential.members === 0) return {};
  const order = shuffled(structures, randomNumbers(seed + 4));
  const said: Record<Kind, Said[]> = { energy: [], forces: [], stress: [] };
  const gather = async (count: number, derivatives: boolean) => {
    const chosen = [...order.slice(0, count)].sort((a, b) => a - b);
    const wanted = new Set(chosen);
    const some = subset(data, (_, s) => wanted.has(s));
    const predictions = await potential.predict(some.structures, {
      ...run,
      forces: derivatives,
      stress: derivatives,
      members: true,
    });
    const { energies, forces, stresses } = some.targets;
    predictions.forEach(({ members }, k) => {
      const unseen = unseenBy(groups, chosen[k]!);
      const compare = (
        kind: Kind,
        labels: Float64Array | undefined,
        of: (member: MemberPrediction) => Float64Array,
      ) => {
        labels?.forEach((label, i) => {
          const ofMember = (member: number) => of(members![member]!)[i]!;
          const own = outOfBag(ofMember, label, unseen, groups.count);
          said[kind].push({ ...own, weight: some.weights?.[k] ?? 1 });
        });
      };
      if (!derivatives) {
        compare('energy', energies?.subarray(k, k + 1), ({ energy }) => Float64Array.of(energy));
        return;
      }
      compare('forces', forces[k], (member) => member.forces!);
      compare('stress', stresses[k], (member) => member.stress!);
    });
  };
  const { energies, forces, stresses } = data.targets;
  if (energies) await gather(most.energies, false);
  if (forces.some(Boolean) || stresses.some(Boolean)) await gather(most.forces, true);
  const factorOf = (kind: Kind) => {
    const all = differing(said[kind], kind === 'energy' ? 0 : negligible);
    if (all.length === 0) return undefined;
    return committeeFactor(
      Float64Array.from(all, ({ error, variance }) => Math.abs(error) / Math.sqrt(variance)),
      groups.without.length / 2,
      potential.members,
      Float64Array.from(all, ({ weight }) => weight),
    );
  };
  return { energy: factorOf('energy'), forces: factorOf('forces'), stress: factorOf('stress') };
}

/** Numbers in which members differ; forces and stresses that symmetry fixes are the same for all but round-off. */
function differing(said: readonly Said[], least: number): readonly Said[] {
  const mean = said.reduce((sum, { variance }) => sum + variance, 0) / said.length;
  return said.filter(({ variance }) => variance > least ** 2 * mean);
}

/** A potential whose members deviate as much as it errs. */
export function withFactors(
  parts: PotentialParts,
  { energy, forces, stress }: CommitteeFactors,
): PotentialParts {
  if (!parts.members) return parts;
  const factor = energy ?? forces ?? stress ?? 1;
  return {
    ...parts,
    members: centredMembers(parts.members, 1, factor),
    factors: { forces: (forces ?? factor) / factor, stress: (stress ?? factor) / factor },
  };
}
