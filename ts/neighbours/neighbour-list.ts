import { InvalidInputError, MemoryLimitError } from '../errors';
import { callAsync, callSync } from '../native/call';
import type { AsyncOptions, SyncOptions } from '../native/call';
import type { NativeAsyncOptions } from '../native/contract';
import { native } from '../native/load';
import { sliceBatch, toBatch, toBatchInTurns } from '../structures/batch';
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
  const { threads, signal, onProgress } = options;
  const all = await toBatchInTurns(structures, undefined, signal);
  const lists: NeighbourList[] = [];
  // Thousands of arrays take long to make: between some and the next the event loop has its turn.
  for (let from = 0; from < structures.length; from += structuresAtATime) {
    const batch = sliceBatch(all, from, Math.min(from + structuresAtATime, structures.length));
    const first = allocateFirst(batch);
    const count = (call: NativeAsyncOptions) =>
      native().countNeighbours(batch, cutoff, first, call);
    const search = await callAsync(count, { threads, signal });
    const group = first.map((counted, s) => allocatePairs(counted, from + s));
    await callAsync((call) => native().fillNeighbours(search, group, call), {
      threads,
      signal,
      onProgress: onProgress && ((done) => onProgress(from + done, structures.length)),
    });
    lists.push(...group);
  }
  return lists;
}

const structuresAtATime = 400;

/** The same on the calling thread, which waits for it. See {@link neighbourList}. */
export function neighbourListSync(
  structures: readonly StructureLike[],
  options: NeighbourOptions & SyncOptions,
): NeighbourList[] {
  const cutoff = checkCutoff(options);
  const batch = toBatch(structures);
  const first = allocateFirst(batch);
  const search = callSync((call) => native().countNeighbours(batch, cutoff, first, call), options);
  const lists = first.map(allocatePairs);
  callSync((call) => native().fillNeighbours(search, lists, call), options);
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

function allocateFirst({ offsets }: StructureBatch): Float64Array[] {
  return Array.from(offsets.subarray(1), (end, s) => new Float64Array(end - offsets[s]! + 1));
}

/** Arrays for all pairs that were counted. */
function allocatePairs(first: Float64Array, structure: number): NeighbourList {
  const pairs = first.at(-1)!;
  try {
    return {
      first,
      neighbours: new Int32Array(pairs),
      shifts: new Int32Array(3 * pairs),
      vectors: new Float64Array(3 * pairs),
    };
  } catch (cause) {
    throw new MemoryLimitError(
      `structures[${structure}]: ${pairs} pairs of neighbours do not fit into memory; take a smaller cutoff or fewer structures at a time`,
      { bytes: 40 * pairs, cause },
    );
  }
}
