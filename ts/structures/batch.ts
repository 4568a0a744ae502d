import { InvalidInputError, SoapstoneError } from '../errors';
import { checkCell, checkFinite, Structure } from './structure';
import type { StructureLike } from './structure';

/**
 * S structures with A atoms in all, concatenated: the one form in which structures cross into native code, so
 * that a set of small molecules costs what its atoms cost.
 */
export interface StructureBatch {
  /** Cartesian positions in Å, A × 3. */
  readonly positions: Float64Array;
  /** A atomic numbers. */
  readonly species: Int32Array;
  /** S + 1 values; the atoms of structure s are offsets[s] … offsets[s + 1] − 1. */
  readonly offsets: Int32Array;
  /** Cells in Å, S × 3 × 3, rows are the lattice vectors. */
  readonly cells: Float64Array;
  /** S × 3 flags of 0 and 1: periodic along each lattice vector. */
  readonly pbc: Uint8Array;
}

/**
 * Copies structures into a batch.
 *
 * @throws InvalidInputError naming the structure when one is not valid, or has become so since it was made.
 */
export function toBatch(structures: readonly StructureLike[]): StructureBatch {
  const all = structures.map(fromIndexed);
  const offsets = new Int32Array(all.length + 1);
  all.forEach((structure, s) => (offsets[s + 1] = offsets[s]! + structure.length));
  const atoms = offsets[all.length]!;

  const batch: StructureBatch = {
    positions: new Float64Array(3 * atoms),
    species: new Int32Array(atoms),
    offsets,
    cells: new Float64Array(9 * all.length),
    pbc: new Uint8Array(3 * all.length),
  };
  all.forEach((structure, s) => {
    const path = `structures[${s}]`;
    // Positions and cells may have been changed in place since the structure was checked.
    checkFinite(structure.positions, `${path}.positions`);
    checkCell(structure.cell, structure.pbc, `${path}.cell`);
    batch.positions.set(structure.positions, 3 * offsets[s]!);
    batch.species.set(structure.species, offsets[s]);
    batch.cells.set(structure.cell, 9 * s);
    structure.pbc.forEach((periodic, axis) => (batch.pbc[3 * s + axis] = Number(periodic)));
  });
  return batch;
}

function fromIndexed(input: StructureLike, index: number): Structure {
  try {
    return Structure.from(input);
  } catch (error) {
    if (!SoapstoneError.is(error)) throw error;
    throw new InvalidInputError(error.message, { path: `structures[${index}]`, cause: error });
  }
}
