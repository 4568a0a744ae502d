import { InvalidInputError, MemoryLimitError } from '../errors';
import { callAsync, callSync } from '../native/call';
import type { AsyncOptions, SyncOptions } from '../native/call';
import type { NativeNeighbours } from '../native/contract';
import { native } from '../native/load';
import { toBatch } from '../structures/batch';
import type { StructureBatch } from '../structures/batch';
import type { StructureLike } from '../structures/structure';

/**
 * All pairs of a structure of N atoms that are closer than a cutoff; each of the P pairs is seen from both of
 * its ends.
 *
 * Pair p with first[i] ≤ p < first[i + 1] says that atom j = neighbours[p], moved by the lattice translation
 * S = shifts[3p … 3p + 2], is a neighbour of atom i: r_ij = r_j − r_i + S · cell, with the positions as they
 * were given. An atom is a neighbour of its own periodic images, never of itself. The pairs of an atom are in
 * ascending order of (j, S).
 */
export interface NeighbourList {
  /** N + 1 integers: where the pairs of each atom begin and end. (As floats: there may be more than 2^31.) */
  readonly first: Float64Array;
  /** P indices of atoms. */
  readonly neighbours: Int32Array;
  /** P × 3 numbers of lattice vectors. */
  readonly shifts: Int32Array;
  /** P × 3 components of r_ij in Å. */
  readonly vectors: Float64Array;
}

/** What a neighbour is. */
export interface NeighbourOptions {
  /** Pairs are those with |r_ij| < cutoff, in Å. */
  readonly cutoff: number;
}

/**
 * Finds the neighbours of every atom of every structure, in time linear in the number of atoms: any cell, also
 * smaller than the cutoff, periodic along any of its axes, with atoms inside or outside. Runs off the event
 * loop; progress counts structures.
 *
 * @returns one list per structure.
 * @throws InvalidInputError when a structure or option is not valid.
 * @throws MemoryLimitError when the lists do not fit into memory.
 * @throws AbortError when the signal is aborted.
 */
export async function neighbourList(
  structures: readonly StructureLike[],
  options: NeighbourOptions & AsyncOptions,
): Promise<NeighbourList[]> {
  const cutoff = checkCutoff(options);
  const batch = toBatch(structures);
  const found = await callAsync((call) => native().findNeighbours(batch, cutoff, call), options);
  const lists = allocate(found, batch);
  const { threads, signal } = options;
  await callAsync((call) => native().takeNeighbours(found, lists, call), { threads, signal });
  return lists;
}

/** The same on the calling thread, which waits for it. See {@link neighbourList}. */
export function neighbourListSync(
  structures: readonly StructureLike[],
  options: NeighbourOptions & SyncOptions,
): NeighbourList[] {
  const cutoff = checkCutoff(options);
  const batch = toBatch(structures);
  const found = callSync((call) => native().findNeighbours(batch, cutoff, call), options);
  const lists = allocate(found, batch);
  callSync((call) => native().takeNeighbours(found, lists, call), options);
  return lists;
}

function checkCutoff(options: NeighbourOptions): number {
  // Callers without TypeScript may leave the options out.
  const cutoff = (options as NeighbourOptions | undefined)?.cutoff ?? NaN;
  if (Number.isFinite(cutoff) && cutoff > 0) return cutoff;
  throw new InvalidInputError(`expected a finite number > 0 Å, got ${String(cutoff)}`, {
    path: 'cutoff',
  });
}

/** Arrays of the sizes that the lists need. */
function allocate(found: NativeNeighbours, batch: StructureBatch): NeighbourList[] {
  const pairs = new Float64Array(batch.offsets.length - 1);
  native().neighbourPairs(found, pairs);
  try {
    return Array.from(pairs, (count, s) => ({
      first: new Float64Array(batch.offsets[s + 1]! - batch.offsets[s]! + 1),
      neighbours: new Int32Array(count),
      shifts: new Int32Array(3 * count),
      vectors: new Float64Array(3 * count),
    }));
  } catch (cause) {
    const total = pairs.reduce((sum, count) => sum + count, 0);
    throw new MemoryLimitError(
      `${total} pairs of neighbours do not fit into memory; take fewer structures at a time or a smaller cutoff`,
      { bytes: 40 * total, cause },
    );
  }
}
