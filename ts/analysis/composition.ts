import { chemicalSymbols } from '../structures/elements';
import type { Structure } from '../structures/structure';

/** The composition in lowest terms, elements by atomic number: `H6 C2 O`, and `H2 O` for every water cluster. */
export function reducedFormula({ species }: Structure): string {
  const counts = new Map<number, number>();
  for (const number of species) counts.set(number, (counts.get(number) ?? 0) + 1);
  const divisor = [...counts.values()].reduce(greatestCommonDivisor);
  return [...counts]
    .sort(([a], [b]) => a - b)
    .map(([number, count]) => {
      const units = count / divisor;
      return `${chemicalSymbols[number]}${units > 1 ? units : ''}`;
    })
    .join(' ');
}

/**
 * Mean energy per atom of the structures of each composition, by {@link reducedFormula}. Taken off, it leaves the
 * differences that matter where total energies are dominated by the cores.
 *
 * @param energies in eV/atom, one per structure.
 */
export function meanByComposition(
  structures: readonly Structure[],
  energies: ArrayLike<number>,
): ReadonlyMap<string, number> {
  const sums = new Map<string, { sum: number; count: number }>();
  structures.forEach((structure, s) => {
    const formula = reducedFormula(structure);
    const { sum, count } = sums.get(formula) ?? { sum: 0, count: 0 };
    sums.set(formula, { sum: sum + energies[s]!, count: count + 1 });
  });
  return new Map(Array.from(sums, ([formula, { sum, count }]) => [formula, sum / count]));
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
