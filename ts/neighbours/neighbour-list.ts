import { asyncKeys, checkOptions, syncKeys } from '../common/options';
import type { KeysOf } from '../common/options';
import { InvalidInputError, MemoryLimitError } from '../errors';
import { callAsync, callSync } from '../native/call';
import type { AsyncOptions, SyncOptions } from '../native/call';
import type { NativeAsyncOptions, NativePairs } from '../native/contract';
import { native } from '../native/load';
import { sliceBatch, toBatch, toBatchInTurns } from '../structures/batch';
import type { StructureBatch } from '../structures/batch';
import type { StructureLike } from '../structures/structure';
import { NeighbourMemory } from './memory';

/**
 * All pairs of a structure of N atoms that are closer than a cutoff; each of the P pairs is seen from both of
 * its ends.
 *
 * Pair p with first[i] ≤ p < first[i + 1] says that atom j = neighbours[p], moved by the lattice translation
 * S = shifts[3p … 3p + 2], is a neighbour of atom i: r_ij = r_j − r_i + S · cell, with the positions as they
 * were given. An atom is a neighbour of its own periodic images, never of itself. The pairs of an atom are in
 * ascending order of (j, S).
 *
 * The arrays of many structures are views of common memory.
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
  /** Memory to put the lists into instead of new one. */
  readonly memory?: NeighbourMemory | undefined;
}

const neighbourKeys: KeysOf<NeighbourOptions> = { cutoff: true, memory: true };
const listKeys = { ...neighbourKeys, ...asyncKeys };
const listSyncKeys = { ...neighbourKeys, ...syncKeys };

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
  checkOptions(options, listKeys);
  const { threads, signal, onProgress, memory = new NeighbourMemory() } = options;
  memory.begin();
  try {
    const all = await toBatchInTurns(structures, undefined, signal);
    const lists: NeighbourList[] = [];
    // Thousands of arrays take long to make: between some and the next the event loop has its turn.
    for (let from = 0; from < structures.length; from += structuresAtATime) {
      const batch = sliceBatch(all, from, Math.min(from + structuresAtATime, structures.length));
      const first = allocateFirst(batch, memory);
      const count = (call: NativeAsyncOptions) =>
        native().countNeighbours(batch, cutoff, first, memory.search, call);
      const search = await callAsync(count, { threads, signal });
      if (options.memory) memory.search = search;
      const pairs = allocatePairs(batch, first, memory);
      await callAsync((call) => native().fillNeighbours(search, pairs, call), {
        threads,
        signal,
        onProgress: onProgress && ((done) => onProgress(from + done, structures.length)),
      });
      lists.push(...listsOf(batch, first, pairs));
    }
    return lists;
  } finally {
    memory.end();
  }
}

const structuresAtATime = 400;

/** The same on the calling thread, which waits for it. See {@link neighbourList}. */
export function neighbourListSync(
  structures: readonly StructureLike[],
  options: NeighbourOptions & SyncOptions,
): NeighbourList[] {
  const cutoff = checkCutoff(options);
  const { memory = new NeighbourMemory() } = checkOptions(options, listSyncKeys);
  memory.begin();
  try {
    const batch = toBatch(structures);
    const first = allocateFirst(batch, memory);
    const search = callSync(
      (call) => native().countNeighbours(batch, cutoff, first, memory.search, call),
      options,
    );
    if (options.memory) memory.search = search;
    const pairs = allocatePairs(batch, first, memory);
    callSync((call) => native().fillNeighbours(search, pairs, call), options);
    return [...listsOf(batch, first, pairs)];
  } finally {
    memory.end();
  }
}

function checkCutoff(options: NeighbourOptions): number {
  // Callers without TypeScript may leave the options out.
  const cutoff = (options as NeighbourOptions | undefined)?.cutoff ?? NaN;
  if (Number.isFinite(cutoff) && cutoff > 0) return cutoff;
  throw new InvalidInputError(`expected a finite number > 0 Å, got ${String(cutoff)}`, {
    path: 'cutoff',
  });
}

/** Room for where the pairs of each atom begin, N + 1 numbers for each structure. */
function allocateFirst({ offsets }: StructureBatch, memory: NeighbourMemory): Float64Array {
  const size = offsets.at(-1)! + offsets.length - 1;
  return new Float64Array(memory.take(8 * size), 0, size);
}

/** Where those of a structure are. */
const firstOf = ({ offsets }: StructureBatch, first: Float64Array, s: number) =>
  first.subarray(offsets[s]! + s, offsets[s + 1]! + s + 1);

/** Room for all pairs that were counted, those of one structure after those of the other. */
function allocatePairs(
  batch: StructureBatch,
  first: Float64Array,
  memory: NeighbourMemory,
): NativePairs {
  const { offsets } = batch;
  let pairs = 0;
  for (let s = 0; s + 1 < offsets.length; s++) pairs += first[offsets[s + 1]! + s]!;
  try {
    return {
      neighbours: new Int32Array(memory.take(4 * pairs), 0, pairs),
      shifts: new Int32Array(memory.take(12 * pairs), 0, 3 * pairs),
      vectors: new Float64Array(memory.take(24 * pairs), 0, 3 * pairs),
    };
  } catch (cause) {
    throw new MemoryLimitError(
      `${pairs} pairs of neighbours do not fit into memory; take a smaller cutoff or fewer structures at a time`,
      { bytes: 40 * pairs, cause },
    );
  }
}

/** The list of each structure. */
function* listsOf(
  batch: StructureBatch,
  first: Float64Array,
  { neighbours, shifts, vectors }: NativePairs,
): Generator<NeighbourList> {
  let from = 0;
  for (let s = 0; s + 1 < batch.offsets.length; s++) {
    const own = firstOf(batch, first, s);
    const to = from + own.at(-1)!;
    yield {
      first: own,
      neighbours: neighbours.subarray(from, to),
      shifts: shifts.subarray(3 * from, 3 * to),
      vectors: vectors.subarray(3 * from, 3 * to),
    };
    from = to;
  }
}
