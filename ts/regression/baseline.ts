import { mapping } from '../common/turns';
import type { Steps } from '../common/turns';
import { InvalidInputError } from '../errors';
import { chemicalSymbols } from '../structures/elements';
import type { Structure } from '../structures/structure';

/** Energy in eV of one atom of each element, by atomic number: what a model adds its own energy to. */
export type Baseline = ReadonlyMap<number, number>;

/** Whether a structure is a single atom in vacuum, whose energy is the baseline of its element. */
export const isIsolatedAtom = (structure: Structure): boolean =>
  structure.length === 1 && !structure.pbc.some(Boolean);

/** The baseline of a structure, in eV. */
export function baselineEnergy(baseline: Baseline, structure: Structure): number {
  return structure.species.reduce((sum, number) => sum + (baseline.get(number) ?? 0), 0);
}

/** @throws InvalidInputError when an element has no isolated atom among the structures. */
export function isolatedAtomBaseline(
  structures: readonly Structure[],
  energies: Float64Array,
  species: readonly number[],
): Baseline {
  const baseline = new Map<number, number>();
  structures.forEach((structure, s) => {
    if (isIsolatedAtom(structure)) baseline.set(structure.species[0]!, energies[s]!);
  });
  const missing = species.filter((number) => !baseline.has(number));
  if (missing.length > 0) {
    throw new InvalidInputError(
      `no isolated atom of ${missing.map((number) => chemicalSymbols[number]).join(', ')} among the structures; add one, or take {"type": "least-squares"}`,
      { path: 'baseline' },
    );
  }
  return baseline;
}

/**
 * Energies per element that fit the total energies best by least squares; of all that do (when compositions
 * are all alike), the smallest. The normal equations C^T C e = C^T E with a ridge of round-off size, again for what is
 * left: total energies are some 10⁷ times what structures differ by, and the ridge takes 10⁻¹⁰ of them.
 *
 * @param weights of the structures. Default 1.
 */
export function* leastSquaresBaseline(
  structures: readonly Structure[],
  energies: Float64Array,
  species: readonly number[],
  weights?: Float64Array,
): Steps<Baseline> {
  const size = species.length;
  const column = new Map(species.map((number, index) => [number, index]));
  const matrix = Array.from({ length: size }, () => new Float64Array(size));
  const best = new Float64Array(size);
  for (let round = 0; round < rounds; round++) {
    const right = new Float64Array(size);
    yield* mapping(structures, (structure, s) => {
      const counts = new Float64Array(size);
      for (const number of structure.species) counts[column.get(number)!]!++;
      const left = counts.reduce((rest, count, i) => rest - count * best[i]!, energies[s]!);
      // Per atom, so that large structures do not outweigh small ones.
      const weight = (weights?.[s] ?? 1) / structure.length ** 2;
      for (let i = 0; i < size; i++) {
        right[i]! += weight * counts[i]! * left;
        if (round > 0) continue;
        for (let j = 0; j < size; j++) matrix[i]![j]! += weight * counts[i]! * counts[j]!;
      }
    });
    if (round === 0) {
      const trace = matrix.reduce((sum, row, i) => sum + row[i]!, 0);
      matrix.forEach((row, i) => (row[i]! += 1e-10 * trace));
    }
    solvePositiveDefinite(
      matrix.map((row) => Float64Array.from(row)),
      right,
    ).forEach((more, i) => (best[i]! += more));
  }
  return new Map(species.map((number, index) => [number, best[index]!]));
}

const rounds = 3;

/** Gaussian elimination; a positive definite matrix needs no pivoting. Overwrites its arguments. */
function solvePositiveDefinite(matrix: Float64Array[], right: Float64Array): Float64Array {
  const size = right.length;
  for (let k = 0; k < size; k++) {
    for (let i = k + 1; i < size; i++) {
      const factor = matrix[i]![k]! / matrix[k]![k]!;
      for (let j = k; j < size; j++) matrix[i]![j]! -= factor * matrix[k]![j]!;
      right[i]! -= factor * right[k]!;
    }
  }
  for (let i = size - 1; i >= 0; i--) {
    for (let j = i + 1; j < size; j++) right[i]! -= matrix[i]![j]! * right[j]!;
    right[i]! /= matrix[i]![i]!;
  }
  return right;
}
