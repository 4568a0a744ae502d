import { inTurns } from '../../common/turns';
import { InvalidInputError } from '../../errors';
import type { Samples } from '../../kernels';
import type { AsyncOptions } from '../../native/call';
import { environmentsOf, featuresOf, selectEnvironments } from '../../regression/environments';
import type { AnyEnvironmentRepresentation, Environment } from '../../representations';
import type { Structure } from '../../structures/structure';
import type { ResolvedTerm } from './config';
import type { Part } from './irreps';
import { combined, invariantsOf, tensorsOf, turns } from './terms';

/** What a model's samples are held against: environments, with features for each term of the kernel. */
export interface References {
  /** Atomic numbers of the centres. */
  readonly species: Int32Array;
  /** Where whole structures are references: structures + 1, environments of s are offsets[s] … offsets[s+1] − 1. */
  readonly offsets?: Int32Array | undefined;
  /** Features by {@link featuresKey}, environments × F each. */
  readonly features: ReadonlyMap<string, Float32Array>;
}

/** The name of a term's invariants, or of its features that turn like a part. */
export const featuresKey = (term: number, part?: Part): string =>
  part && turns(part)
    ? `features.${term}.${part.lambda}${part.sigma < 0 ? '.pseudo' : ''}`
    : `features.${term}`;

/** Names of all features that a model with these terms and parts has. */
export function featuresKeys(terms: number, parts: readonly Part[]): string[] {
  const keys = Array.from({ length: terms }, (_, term) => [
    featuresKey(term),
    ...parts.map((part) => featuresKey(term, part)),
  ]);
  return [...new Set(keys.flat())];
}

/** The environments that a projected process stands on, picked by how different all terms see them. */
export async function chooseEnvironments(
  terms: readonly ResolvedTerm[],
  structures: readonly Structure[],
  counts: ReadonlyMap<number, number>,
  options: AsyncOptions & { readonly seed: number },
): Promise<Environment[]> {
  const count = [...counts.values()].reduce((sum, n) => sum + n, 0);
  return selectEnvironments(combined(terms), structures, {
    ...options,
    counts,
    pool: Math.max(4000, 2 * count),
  });
}

/** All environments of structures, in order. */
export const allEnvironments = (
  structures: readonly Structure[],
  signal: AbortSignal | undefined,
): Promise<Environment[]> => inTurns(environmentsOf(structures), signal);

/** Computes the features that references have. @param offsets where whole structures are references. */
export async function makeReferences(
  terms: readonly ResolvedTerm[],
  parts: readonly Part[],
  structures: readonly Structure[],
  environments: readonly Environment[],
  offsets: Int32Array | undefined,
  options: AsyncOptions,
): Promise<References> {
  const features = new Map<string, Float32Array>();
  for (const [index, term] of terms.entries()) {
    const of = (representation: AnyEnvironmentRepresentation) =>
      featuresOf(representation, structures, environments, options);
    features.set(featuresKey(index), await of(invariantsOf(term)));
    for (const part of parts.filter(turns)) {
      const key = featuresKey(index, part);
      if (!features.has(key)) features.set(key, await of(tensorsOf(term, part)));
    }
  }
  const species = Int32Array.from(environments, ([s, atom]) => structures[s]!.species[atom]!);
  return { species, features, ...(offsets && { offsets }) };
}

/** References as kernels of a part take them, the same for all models that share them. */
const taken = new WeakMap<References, Map<string, Samples>>();

/**
 * References as kernels of a part take them, in double precision.
 *
 * @param rows which environments the part is about; undefined for all.
 * @throws InvalidInputError where they do not fit the representation.
 */
export function referenceSamples(
  references: References,
  index: number,
  term: ResolvedTerm,
  part: Part,
  rows: readonly number[] | undefined,
): Samples {
  const known = taken.get(references) ?? new Map<string, Samples>();
  taken.set(references, known);
  const read = (key: string, columns: number): Samples => {
    const name = `${key}, ${part.centre}`;
    const before = known.get(name);
    if (before) return before;
    const values = references.features.get(key);
    const all = references.species.length;
    if (values?.length !== all * columns) {
      throw new InvalidInputError(
        `expected ${all} rows of ${columns} numbers, got ${values?.length ?? 'no'} numbers`,
        { path: key },
      );
    }
    const samples = { values: pick(values, rows, columns), rows: rows?.length ?? all, columns };
    known.set(name, samples);
    return samples;
  };
  const scalars = read(featuresKey(index), invariantsOf(term).features);
  if (!turns(part)) return scalars;
  const turning = read(featuresKey(index, part), tensorsOf(term, part).features);
  return { ...turning, tensor: { lambda: part.lambda, scalars } };
}

function pick(
  values: Float32Array,
  rows: readonly number[] | undefined,
  columns: number,
): Float64Array {
  if (!rows) return new Float64Array(values);
  const result = new Float64Array(rows.length * columns);
  rows.forEach((row, i) =>
    result.set(values.subarray(row * columns, (row + 1) * columns), i * columns),
  );
  return result;
}
