import type { PowerSpectrum } from '../representations';
import type { Structure } from '../structures/structure';

/** Multiplications and additions that forming and squaring K_NM may cost: about a minute of two cores. */
const budget = 5e12;
/** Beyond, the M × M matrices take gigabytes and predictions grow slow for little gain. */
const most = 3000;
const fewest = 100;

/**
 * A number M of sparse points that a data set is worth: as many as it has environments, as long as the cost of
 * the fit, which grows with M and M², stays within bounds.
 */
export function sparseCount(
  { hyperparameters, features }: PowerSpectrum,
  structures: readonly Structure[],
): number {
  const atoms = structures.reduce((sum, { length }) => sum + length, 0);
  const pairs = structures.reduce(
    (sum, structure) =>
      sum + structure.length * neighboursOf(structure, hyperparameters.cutoff.radius),
    0,
  );
  // 2·3·F per pair and point for derivative blocks, 2 M² per row for whitening and squaring.
  const linear = 6 * features * pairs;
  const quadratic = 2 * 3 * atoms;
  const affordable =
    (Math.sqrt(linear * linear + 4 * quadratic * budget) - linear) / (2 * quadratic);
  return Math.round(Math.min(atoms, Math.max(fewest, Math.min(most, affordable))));
}

/** Neighbours of an atom at the structure's mean density, or all others in a molecule. */
function neighboursOf({ length, volume, pbc }: Structure, radius: number): number {
  if (volume === 0 || !pbc.every(Boolean)) return Math.min(length - 1, 60);
  return ((4 / 3) * Math.PI * radius ** 3 * length) / volume;
}

/**
 * Shares M among elements: more for those with many environments, but with the square root of their number. All of
 * them are shared out as they are.
 */
export function sparseCounts(
  structures: readonly Structure[],
  species: readonly number[],
  count: number | 'all',
): number[] {
  const environments = species.map((number) =>
    structures.reduce(
      (sum, structure) => sum + structure.species.reduce((n, z) => n + Number(z === number), 0),
      0,
    ),
  );
  if (count === 'all') return environments;
  const shares = environments.map(Math.sqrt);
  const total = shares.reduce((sum, share) => sum + share, 0);
  return shares.map((share, a) =>
    Math.min(environments[a]!, share > 0 ? Math.max(1, Math.round((count * share) / total)) : 0),
  );
}
