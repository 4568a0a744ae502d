import type { Structure } from '../../structures/structure';

/** What there is to featurize. */
export interface Survey {
  /** Atomic numbers of all elements, ascending. */
  readonly species: readonly number[];
  /** Number of atoms of every structure, in order. */
  readonly atomsPerStructure: readonly number[];
  readonly atoms: number;
}

/** Reads everything once, so that size and elements of the result are known, and damage is found, before the work. */
export async function survey(structures: AsyncIterable<Structure>): Promise<Survey> {
  const species = new Set<number>();
  const atomsPerStructure: number[] = [];
  let atoms = 0;
  for await (const structure of structures) {
    for (const number of structure.species) species.add(number);
    atomsPerStructure.push(structure.length);
    atoms += structure.length;
  }
  return { species: [...species].sort((a, b) => a - b), atomsPerStructure, atoms };
}
