import { randomNumbers, shuffled } from '../common/random';
import { inTurns, mapping, Pace } from '../common/turns';
import type { Steps } from '../common/turns';
import { callAsync } from '../native/call';
import type { AsyncOptions } from '../native/call';
import { native } from '../native/load';
import type { Environment, Representation } from '../representations';
import type { Structure } from '../structures/structure';

/** What makes features of environments: any representation of atoms. */
export type EnvironmentFeatures = Pick<Representation<unknown, unknown>, 'features' | 'compute'>;

/** Environments around atoms of one element, or around all, in the order of structures and atoms. */
export function* environmentsOf(
  structures: readonly Structure[],
  number?: number,
): Steps<Environment[]> {
  const pace = new Pace();
  const environments: Environment[] = [];
  for (const [s, { species }] of structures.entries()) {
    for (let atom = 0; atom < species.length; atom++) {
      if (number === undefined || species[atom] === number) environments.push([s, atom]);
      if (pace.passed(workPerAtom)) yield;
    }
  }
  return environments;
}

const workPerAtom = 8;

/** How environments are picked. */
export interface SelectionOptions extends AsyncOptions {
  /** Environments wanted of each element, by atomic number. */
  readonly counts: ReadonlyMap<number, number>;
  readonly seed: number;
  /** Most environments of an element that are looked at: a random sample of that size stands for all. */
  readonly pool: number;
}

/**
 * Picks environments by farthest point sampling on the features of a representation, which should be normalised,
 * element by element: each is the one least like all those before it. Copies are never picked, so there may be
 * fewer than wanted.
 *
 * @returns environments in the order of `counts`; those of an element in the order in which they were picked.
 */
export async function selectEnvironments(
  representation: EnvironmentFeatures,
  structures: readonly Structure[],
  { counts, seed, pool, threads, signal, onProgress }: SelectionOptions,
): Promise<Environment[]> {
  const random = randomNumbers(seed);
  const { features } = representation;
  const picked: Environment[] = [];
  for (const [number, count] of counts) {
    const environments = await inTurns(environmentsOf(structures, number), signal);
    const sample =
      environments.length > pool ? shuffled(environments, random).slice(0, pool) : environments;
    if (sample.length === 0 || count === 0) continue;
    const values = await featuresOf(representation, structures, sample, { threads, signal });
    const indices = new Int32Array(Math.min(count, sample.length));
    const found = await callAsync(
      (call) => native().farthestRows(values, features, 0, indices, call),
      { threads, signal, onProgress },
    );
    for (const index of indices.subarray(0, found)) picked.push(sample[index]!);
  }
  return picked;
}

/**
 * Features of chosen environments, in single precision: what a model stands on are examples, not measurements, and
 * rounding them once, before the fit, costs no accuracy and halves the model.
 */
export async function featuresOf(
  representation: EnvironmentFeatures,
  structures: readonly Structure[],
  environments: readonly Environment[],
  { threads, signal }: AsyncOptions = {},
): Promise<Float32Array> {
  const { indices, within } = await inTurns(byStructure(environments), signal);
  const { values } = await representation.compute(
    indices.map((s) => structures[s]!),
    { threads, signal, environments: within, precision: 'float32', memoryLimit: Infinity },
  );
  return values;
}

/** The structures that have one of some environments, so that no neighbours of others are looked for, and these in them. */
function* byStructure(
  environments: readonly Environment[],
): Steps<{ indices: number[]; within: Environment[] }> {
  const places = new Map<number, number>();
  const within = yield* mapping(environments, ([s, atom]): Environment => {
    if (!places.has(s)) places.set(s, places.size);
    return [places.get(s)!, atom];
  });
  return { indices: [...places.keys()], within };
}

/** Structures in groups of about so many atoms, at least one in each. */
export function* groupsOf(
  indices: readonly number[],
  structures: readonly Structure[],
  atomsPerGroup: number,
): Generator<number[]> {
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
