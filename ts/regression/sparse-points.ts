import { randomNumbers, shuffled } from '../common/random';
import { inTurns, Pace } from '../common/turns';
import type { Steps } from '../common/turns';
import { callAsync } from '../native/call';
import type { AsyncOptions } from '../native/call';
import { native } from '../native/load';
import type { PowerSpectrum } from '../representations';
import { toBatchInTurns } from '../structures/batch';
import type { Structure } from '../structures/structure';

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

/** An environment: structure and atom. */
type Environment = readonly [structure: number, atom: number];

/** How sparse points are picked. */
export interface SelectionOptions extends AsyncOptions {
  /** Points wanted per element, in the order of the representation's species. */
  readonly counts: readonly number[];
  readonly seed: number;
  /** Most environments per element that are looked at: a random sample of that size stands for all. */
  readonly pool: number;
}

/**
 * Picks environments by farthest point sampling on normalised features, element by element: each is the one
 * least like all those before it. Copies are never picked, so there may be fewer than wanted.
 */
export async function selectSparsePoints(
  representation: PowerSpectrum,
  structures: readonly Structure[],
  { counts, seed, pool, ...options }: SelectionOptions,
): Promise<SparsePoints> {
  const random = randomNumbers(seed);
  const { features, hyperparameters } = representation;
  const rows: Float64Array[] = [];
  const first = new Int32Array(counts.length + 1);
  for (const [a, number] of hyperparameters.species.entries()) {
    const environments = await inTurns(environmentsOf(number, structures), options.signal);
    const sample =
      environments.length > pool ? shuffled(environments, random).slice(0, pool) : environments;
    if (sample.length > 0 && counts[a]! > 0) {
      const values = await featuresOf(representation, structures, sample, options);
      const picked = new Int32Array(Math.min(counts[a]!, sample.length));
      const distances = new Float64Array(picked.length);
      const found = await callAsync(
        (call) => native().farthestPoints(values, features, false, 0, picked, distances, call),
        options,
      );
      for (const index of picked.subarray(0, found)) {
        rows.push(values.slice(index * features, (index + 1) * features));
      }
    }
    first[a + 1] = rows.length;
  }
  const values = new Float32Array(rows.length * features);
  rows.forEach((row, index) => values.set(row, index * features));
  return { values, first };
}

/** The environments around atoms of an element. */
function* environmentsOf(number: number, structures: readonly Structure[]): Steps<Environment[]> {
  const pace = new Pace();
  const environments: Environment[] = [];
  for (const [s, { species }] of structures.entries()) {
    for (let atom = 0; atom < species.length; atom++) {
      if (species[atom] === number) environments.push([s, atom]);
      if (pace.passed(workPerAtom)) yield;
    }
  }
  return environments;
}

const workPerAtom = 8;

/** Normalised features of chosen environments, computed some structures at a time. */
async function featuresOf(
  representation: PowerSpectrum,
  structures: readonly Structure[],
  environments: readonly Environment[],
  { threads, signal }: AsyncOptions,
): Promise<Float64Array> {
  const { features, handle } = representation;
  const normalized = native().createRows(
    [{ representation: native().createNormalized(handle), weight: 1 }],
    undefined,
  );
  const wanted = new Map<number, { atom: number; row: number }[]>();
  environments.forEach(([s, atom], row) => {
    const list = wanted.get(s);
    if (list) list.push({ atom, row });
    else wanted.set(s, [{ atom, row }]);
  });
  const result = new Float64Array(environments.length * features);
  const atomsPerGroup = Math.ceil(numbersPerGroup / features);
  for (const group of groups([...wanted.keys()], structures, atomsPerGroup)) {
    const batch = await toBatchInTurns(group.map((s) => structures[s]!));
    const values = new Float64Array(batch.species.length * features);
    await callAsync((call) => native().computeValues(normalized, batch, values, call), {
      threads,
      signal,
    });
    let offset = 0;
    for (const s of group) {
      for (const { atom, row } of wanted.get(s)!) {
        const start = (offset + atom) * features;
        result.set(values.subarray(start, start + features), row * features);
      }
      offset += structures[s]!.length;
    }
  }
  return result;
}

/** So few that picking rows among them does not hold up the event loop. */
const numbersPerGroup = 2 ** 17;

/** Consecutive structures with about so many atoms. */
function* groups(
  indices: readonly number[],
  structures: readonly Structure[],
  atomsPerGroup: number,
) {
  let group: number[] = [];
  let atoms = 0;
  for (const index of indices) {
    group.push(index);
    atoms += structures[index]!.length;
    if (atoms < atomsPerGroup) continue;
    yield group;
    group = [];
    atoms = 0;
  }
  if (group.length > 0) yield group;
}
