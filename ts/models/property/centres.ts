import { Pace } from '../../common/turns';
import type { Steps } from '../../common/turns';
import type { Structure } from '../../structures/structure';

/** The environments of structures, one after the other. */
export interface Centres {
  /** Atomic number of each centre. */
  readonly species: Int32Array;
  /** Structures + 1: environments of structure s are offsets[s] … offsets[s + 1] − 1. */
  readonly offsets: Int32Array;
}

/** Where the environments of each structure begin, and their number. */
export function environmentOffsets(structures: readonly Structure[]): Int32Array {
  const offsets = new Int32Array(structures.length + 1);
  structures.forEach(({ length }, s) => (offsets[s + 1] = offsets[s]! + length));
  return offsets;
}

/** Lists the environments of structures. */
export function* listingCentres(structures: readonly Structure[]): Steps<Centres> {
  const pace = new Pace();
  const offsets = environmentOffsets(structures);
  const species = new Int32Array(offsets[structures.length]!);
  for (const [s, structure] of structures.entries()) {
    species.set(structure.species, offsets[s]);
    if (pace.passed(structure.length)) yield;
  }
  return { species, offsets };
}
