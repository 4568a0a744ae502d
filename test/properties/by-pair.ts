import type { NeighbourList, SphericalExpansionByPair, Structure, SyncOptions } from '../../ts';
import { neighbourList, neighbourListSync } from '../../ts';
import { concatenated, weight } from './averages';
import { lengths } from './loss';
import type { Outcome, Subject } from './subject';

/** The rows of an atom's pairs, by their invariants, added up. */
export function byPair(
  expansion: SphericalExpansionByPair,
  species: readonly number[],
): Promise<Subject> {
  const { cutoff, basis } = expansion.hyperparameters;
  const { count } = basis.radial;
  const { features } = expansion;
  const { invariants, gradient } = lengths(
    Array.from({ length: basis.maxAngular + 1 }, (_, l) => ({
      order: 1,
      lambda: l,
      sigma: 1,
      column: l * l * count,
      functions: count,
    })),
  );
  const outcome = (structure: Structure, list: NeighbourList, options?: SyncOptions): Outcome => {
    const values = expansion.computeSync(list, options);
    const pairs = Array.from(list.neighbours, (_, p) =>
      values.subarray(p * features, (p + 1) * features),
    );
    const towards = expansion.vjpSync(list, concatenated(pairs.map(gradient)), options);
    const columns = (basis.maxAngular + 1) * count;
    const rows = new Float64Array(structure.length * columns);
    const positions = new Float64Array(3 * structure.length);
    const strain = new Float64Array(9);
    let sum = 0;
    for (let i = 0; i < structure.length; i++) {
      for (let p = list.first[i]!; p < list.first[i + 1]!; p++) {
        invariants(pairs[p]!).forEach((value, column) => {
          rows[i * columns + column]! += value;
          sum += weight(column) * value;
        });
        for (let a = 0; a < 3; a++) {
          const force = towards[3 * p + a]!;
          positions[3 * list.neighbours[p]! + a]! += force;
          positions[3 * i + a]! -= force;
          for (let b = 0; b < 3; b++) strain[3 * b + a]! += list.vectors[3 * p + b]! * force;
        }
      }
    }
    return { rows, sum, positions, strain };
  };
  const all = (structures: readonly Structure[], lists: NeighbourList[], options?: SyncOptions) =>
    structures.map((structure, s) => outcome(structure, lists[s]!, options));
  const { radius } = cutoff;
  return Promise.resolve({
    species,
    cutoff: radius,
    kinks: [radius, radius - cutoff.smoothing.width],
    longRange: false,
    compute: async (structures, options) =>
      all(structures, await neighbourList(structures, { cutoff: radius, ...options }), {
        threads: options?.threads,
      }),
    computeSync: (structures, options) =>
      all(structures, neighbourListSync(structures, { cutoff: radius, ...options }), options),
  });
}
