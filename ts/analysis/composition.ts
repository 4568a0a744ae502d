import { chemicalSymbols } from '../structures/elements';
import type { Structure } from '../structures/structure';

/** The composition in lowest terms: `C2 H6 O`, and `H2 O` for every water cluster; carbon, hydrogen, then by alphabet (Hill). */
export function reducedFormula({ species }: Structure): string {
  const counts = new Map<string, number>();
  for (const number of species) {
    const symbol = chemicalSymbols[number]!;
    counts.set(symbol, (counts.get(symbol) ?? 0) + 1);
  }
  const divisor = [...counts.values()].reduce(greatestCommonDivisor);
  const first = counts.has('C') ? ['C', 'H'] : [];
  const others = [...counts.keys()].filter((symbol) => !first.includes(symbol)).sort();
  return [...first.filter((symbol) => counts.has(symbol)), ...others]
    .map((symbol) => {
      const units = counts.get(symbol)! / divisor;
      return `${symbol}${units > 1 ? units : ''}`;
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
