import type { StructureCheck } from '../../structures/batch';
import type { Structure } from '../../structures/structure';

/** What there is to featurize. */
export interface Survey {
  /** Atomic numbers of all elements, ascending. */
  readonly species: readonly number[];
  /** Number of atoms of every structure, in order. */
  readonly atomsPerStructure: readonly number[];
  readonly atoms: number;
  /** The structure with the most atoms. */
  readonly largest: {
    readonly atoms: number;
    /** In atoms/Å³, where all three axes are periodic. */
    readonly density: number | undefined;
  };
}

/**
 * Reads everything once, so that size and elements of the result are known, and damage is found, before the work.
 *
 * @param check throws for a structure that cannot be featurized.
 */
export async function survey(
  structures: AsyncIterable<Structure>,
  check?: StructureCheck,
): Promise<Survey> {
  const species = new Set<number>();
  const atomsPerStructure: number[] = [];
  let atoms = 0;
  let largest: Survey['largest'] = { atoms: 0, density: undefined };
  for await (const structure of structures) {
    check?.(structure, atomsPerStructure.length);
    for (const number of structure.species) species.add(number);
    atomsPerStructure.push(structure.length);
    atoms += structure.length;
    if (structure.length > largest.atoms) {
      const { length, pbc, volume } = structure;
      largest = { atoms: length, density: pbc.every(Boolean) ? length / volume : undefined };
    }
  }
  return { species: [...species].sort((a, b) => a - b), atomsPerStructure, atoms, largest };
}
