import type { Structure } from '../structures/structure';

/**
 * Divides an order of structures into those that bring an element which none before has, and the others, each in their
 * order: what few structures are to teach all elements begins with the former.
 *
 * @param wanted elements that count. Default: all.
 */
export function elementsFirst(
  order: readonly number[],
  structures: readonly Structure[],
  wanted?: ReadonlySet<number>,
): { readonly bringing: readonly number[]; readonly others: readonly number[] } {
  const known = new Set<number>();
  const isNew = (number: number) => !known.has(number) && (wanted?.has(number) ?? true);
  const [bringing, others]: [number[], number[]] = [[], []];
  for (const s of order) {
    const { species } = structures[s]!;
    (species.some(isNew) ? bringing : others).push(s);
    for (const number of species) known.add(number);
  }
  return { bringing, others };
}
