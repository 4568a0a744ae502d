import { PowerSpectrum } from '../representations';
import type { Structure } from '../structures/structure';
import { featuresOf, selectEnvironments } from './environments';
import type { AsyncOptions } from '../native/call';

/** M environments on which a sparse model stands, ordered by the element of their centre. */
export interface SparsePoints {
  /**
   * M × F features, normalised, in single precision: points are examples, not measurements, and rounding them
   * once, before the fit, costs no accuracy and halves the model.
   */
  readonly values: Float32Array;
  /** Elements + 1: points of element a (in the order of the representation) are first[a] … first[a + 1] − 1. */
  readonly first: Int32Array;
}

/** How sparse points are picked. */
export interface SparsePointOptions extends AsyncOptions {
  /** Points wanted per element, in the order of the representation's species. */
  readonly counts: readonly number[];
  readonly seed: number;
  /** Most environments per element that are looked at: a random sample of that size stands for all. */
  readonly pool: number;
}

/** Picks sparse points by farthest point sampling. See {@link selectEnvironments}. */
export async function selectSparsePoints(
  { hyperparameters }: PowerSpectrum,
  structures: readonly Structure[],
  { counts, ...options }: SparsePointOptions,
): Promise<SparsePoints> {
  const { threads, signal } = options;
  const species = [...hyperparameters.species];
  const normalized = new PowerSpectrum({ ...hyperparameters, species, normalize: true });
  const environments = await selectEnvironments(normalized, structures, {
    ...options,
    counts: new Map(species.map((number, a) => [number, counts[a]!])),
  });
  const first = new Int32Array(counts.length + 1);
  for (const [s, atom] of environments)
    first[species.indexOf(structures[s]!.species[atom]!) + 1]!++;
  for (let a = 0; a < counts.length; a++) first[a + 1]! += first[a]!;
  return {
    values: await featuresOf(normalized, structures, environments, { threads, signal }),
    first,
  };
}
