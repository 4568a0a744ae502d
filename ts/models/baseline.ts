import { mapping } from '../common/turns';
import type { Steps } from '../common/turns';
import { InvalidInputError } from '../errors';
import { isIsolatedAtom, isolatedAtomBaseline, leastSquaresBaseline } from '../regression/baseline';
import type { Baseline } from '../regression/baseline';
import { atomicNumber, chemicalSymbols } from '../structures/elements';
import type { Structure } from '../structures/structure';
import type { CheckedPotentialConfig } from './config';
import type { DataSet } from './data-set';

/**
 * The baseline that the configuration asks for; without a word from it, isolated atoms when every element has
 * one, else least squares. Comes with a note for the user.
 */
export function* choosingBaseline(
  { structures, targets, weights }: DataSet,
  species: readonly number[],
  { baseline }: CheckedPotentialConfig,
): Steps<{ baseline: Baseline; note: string[] }> {
  const energies = targets.energies;
  if (energies === undefined) {
    return { baseline: new Map(species.map((number) => [number, 0])), note: [] };
  }
  const isolated = new Set(
    structures.filter(isIsolatedAtom).map((structure) => structure.species[0]),
  );
  const type =
    baseline?.type ?? (species.every((n) => isolated.has(n)) ? 'isolated-atoms' : 'least-squares');
  const described = (result: Baseline) => ({
    baseline: result,
    note: [
      `baseline: ${type}, ${[...result].map(([n, e]) => `${chemicalSymbols[n]} ${e.toFixed(4)} eV`).join(', ')}`,
    ],
  });
  switch (type) {
    case 'given': {
      const given = Object.entries(baseline?.type === 'given' ? baseline.energies : {});
      const result = new Map(given.map(([symbol, energy]) => [atomicNumber(symbol), energy]));
      const missing = species.find((number) => !result.has(number));
      if (missing === undefined) return described(result);
      throw new InvalidInputError(`no energy for ${chemicalSymbols[missing]}`, {
        path: 'baseline.energies',
      });
    }
    case 'isolated-atoms':
      return described(isolatedAtomBaseline(structures, energies, species));
    case 'least-squares': {
      const { baseline: result, note } = described(
        yield* leastSquaresBaseline(structures, energies, species, weights),
      );
      const compositions = new Set(yield* mapping(structures, compositionOf));
      return {
        baseline: result,
        note:
          compositions.size < species.length
            ? [`${note[0]}; too few compositions for these to be energies of atoms`]
            : note,
      };
    }
  }
}

/** The same for structures whose elements are in the same proportions. */
export function compositionOf({ species }: Structure): string {
  const counts = new Map<number, number>();
  for (const number of species) counts.set(number, (counts.get(number) ?? 0) + 1);
  return [...counts]
    .sort(([a], [b]) => a - b)
    .map(([number, count]) => `${number}:${(count / species.length).toFixed(6)}`)
    .join();
}

/** Energies by chemical symbol. */
export const bySymbol = (baseline: Baseline): Record<string, number> =>
  Object.fromEntries([...baseline].map(([number, energy]) => [chemicalSymbols[number]!, energy]));
