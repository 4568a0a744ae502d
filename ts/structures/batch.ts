import { atOnce, inTurns, Pace } from '../common/turns';
import type { Steps } from '../common/turns';
import { InvalidInputError } from '../errors';
import { cellDefect } from './cell';
import { requireStructures, structureAt } from './input';
import { checkFinite } from './structure';
import type { Structure, StructureLike } from './structure';

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

/** What a structure costs to pack besides its atoms, in numbers copied, while the code is new to the compiler. */
const workPerStructure = 250;
const atomsPerStep = 2 ** 10;
/** What is copied at once, however slow. */
const workOfFirstStep = 2 ** 16;

/** Looks at a structure that is being packed, and throws when it cannot be used. */
export type StructureCheck = (structure: Structure, index: number) => void;

/**
 * Copies structures into a batch.
 *
 * @throws InvalidInputError naming the structure when one is not valid, or has become so since it was made.
 */
export function toBatch(
  structures: readonly StructureLike[],
  check?: StructureCheck,
): StructureBatch {
  return atOnce(packing(structures, check));
}

/**
 * The same in turns of the event loop, so that packing millions of atoms holds up nobody. Up to 100 structures of
 * 3000 atoms in all are copied before this returns, more than that little by little.
 */
export function toBatchInTurns(
  structures: readonly StructureLike[],
  check?: StructureCheck,
  signal?: AbortSignal,
): Promise<StructureBatch> {
  return inTurns(packing(structures, check), signal);
}

function* packing(
  structures: readonly StructureLike[],
  check?: StructureCheck,
): Steps<StructureBatch> {
  requireStructures(structures);
  const pace = new Pace(workOfFirstStep);
  const offsets = new Int32Array(structures.length + 1);
  const all: Structure[] = [];
  for (const [s, input] of structures.entries()) {
    const structure = structureAt(input, s);
    check?.(structure, s);
    all.push(structure);
    offsets[s + 1] = offsets[s]! + structure.length;
    if (pace.passed(workPerStructure + structure.length)) yield;
  }
  const atoms = offsets[all.length]!;
  const batch: StructureBatch = {
    positions: new Float64Array(3 * atoms),
    species: new Int32Array(atoms),
    offsets,
    cells: new Float64Array(9 * all.length),
    pbc: new Uint8Array(3 * all.length),
  };
  if (pace.passed(all.length)) yield;
  for (const [s, structure] of all.entries()) {
    // Positions and cells may have been changed in place since the structure was checked.
    const { cell, pbc, length } = structure;
    const defect = cellDefect(cell, pbc);
    if (defect !== undefined)
      throw new InvalidInputError(defect, { path: `structures[${s}].cell` });
    batch.cells.set(cell, 9 * s);
    for (let axis = 0; axis < 3; axis++) batch.pbc[3 * s + axis] = Number(pbc[axis]);
    for (let from = 0; from < length; from += atomsPerStep) {
      const to = Math.min(from + atomsPerStep, length);
      const finite = copyAtoms(structure, from, to, batch, offsets[s]!);
      if (!finite) checkFinite(structure.positions, `structures[${s}].positions`);
      if (pace.passed(workPerStructure + 4 * (to - from))) yield;
    }
  }
  return batch;
}

/**
 * Copies atoms from … to − 1 to a batch, where the structure begins with atom `first`, and says whether their
 * positions are finite. In loops, because views of small molecules would cost more than their atoms, and a function
 * of its own, because V8 compiles it sooner than the generator around it.
 */
function copyAtoms(
  { positions, species }: Structure,
  from: number,
  to: number,
  batch: StructureBatch,
  first: number,
): boolean {
  let zero = 0;
  for (let k = 3 * from; k < 3 * to; k++) {
    const x = positions[k]!;
    zero += x - x;
    batch.positions[3 * first + k] = x;
  }
  for (let i = from; i < to; i++) batch.species[first + i] = species[i]!;
  return zero === 0;
}

/** Structures from … to − 1 of a batch, as a view of it. */
export function sliceBatch(batch: StructureBatch, from: number, to: number): StructureBatch {
  const [first, last] = [batch.offsets[from]!, batch.offsets[to]!];
  return {
    positions: batch.positions.subarray(3 * first, 3 * last),
    species: batch.species.subarray(first, last),
    offsets: batch.offsets.subarray(from, to + 1).map((offset) => offset - first),
    cells: batch.cells.subarray(9 * from, 9 * to),
    pbc: batch.pbc.subarray(3 * from, 3 * to),
  };
}
