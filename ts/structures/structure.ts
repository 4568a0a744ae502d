import { sizeOfShape } from '../common/element-types';
import { show } from '../common/validation';
import { InvalidInputError } from '../errors';
import type { FileLocation } from '../errors';
import { cellDefect, cellVolume, isZeroCell } from './cell';
import type { Pbc } from './cell';
import { atomicNumber, chemicalSymbols, isAtomicNumber } from './elements';
import { isFloat64Array, isInt32Array, isShapedArray, toShapedArray } from './values';
import type { AtomArray, InfoValue, NumbersLike, ShapedArray } from './values';

/** What a {@link Structure} is made from; accepted wherever structures are. N is the number of atoms. */
export interface StructureLike {
  /** Cartesian positions in Å: N × 3 row-major, flat or nested. A Float64Array is kept, not copied. */
  readonly positions: ArrayLike<number> | readonly ArrayLike<number>[];
  /** N atomic numbers or chemical symbols. An Int32Array is kept, not copied. */
  readonly species: ArrayLike<number | string>;
  /** Lattice vectors in Å as the rows of a 3 × 3 matrix, flat or nested. Without it, or all zero: no cell. */
  readonly cell?: ArrayLike<number> | readonly ArrayLike<number>[] | undefined;
  /** Periodic along each lattice vector. Without it: along the lattice vectors that are not zero. */
  readonly pbc?: boolean | readonly boolean[] | undefined;
  /** Values of the whole structure, such as `energy` in eV; numbers in lists, flat or nested, or in typed arrays. */
  readonly info?: Readonly<Record<string, InfoValue | NumbersLike>> | undefined;
  /** Values of every atom, such as `forces` in eV/Å: N × 3 numbers, flat or nested or with their shape. */
  readonly arrays?: Readonly<Record<string, AtomArray | NumbersLike>> | undefined;
  /** Where the structure was read. */
  readonly source?: FileLocation | undefined;
}

/** What a reader has looked at, number by number. */
interface CheckedAtoms {
  readonly positions: Float64Array;
  readonly species: Int32Array;
}

const brand = Symbol.for('soapstone/structure');

/**
 * Atoms, their cell and what is known about them. Names of `info` and `arrays` are those of ASE's extended XYZ.
 *
 * Valid once constructed: at least one atom, finite positions, known elements, and lattice vectors that span
 * the periodic axes. Positions and cell may be changed in place, as a simulation does.
 */
export class Structure implements StructureLike {
  /** Cartesian positions in Å, N × 3 row-major. */
  readonly positions: Float64Array;
  /** N atomic numbers. */
  readonly species: Int32Array;
  /** Lattice vectors in Å, the rows of a 3 × 3 matrix; zero where there is none. */
  readonly cell: Float64Array;
  /** Periodic along each lattice vector. */
  readonly pbc: Pbc;
  /** Values of the whole structure. */
  readonly info: Record<string, InfoValue>;
  /** Values of every atom; the first extent of each shape is N. */
  readonly arrays: Record<string, AtomArray>;
  /** Where the structure was read, so that a later error can say so. */
  readonly source: FileLocation | undefined;

  /** @throws InvalidInputError naming the member and, where there is one, the atom. */
  constructor(input: StructureLike);
  /** @internal A structure of valid positions and atomic numbers, which are not looked at again. */
  constructor(input: StructureLike & CheckedAtoms, checked: true);
  constructor(input: StructureLike | (StructureLike & CheckedAtoms), checked = false) {
    requireObject(input);
    if (!checked) checkMembers(input);
    this.positions = toPositions(input.positions);
    this.species = checked ? (input as CheckedAtoms).species : toSpecies(input.species);
    this.cell = toCell(input.cell);
    this.pbc = toPbc(input.pbc, this.cell);
    this.info = toInfo(input.info);
    this.source = input.source;
    Object.defineProperty(this, brand, { value: true });

    const count = this.species.length;
    if (count === 0) throw new InvalidInputError('expected at least one atom', { path: 'species' });
    if (this.positions.length !== 3 * count) {
      throw new InvalidInputError(
        `expected 3 × ${count} coordinates for ${count} species, got ${this.positions.length}`,
        { path: 'positions' },
      );
    }
    if (!checked) checkFinite(this.positions);
    const defect = cellDefect(this.cell, this.pbc);
    if (defect !== undefined) throw new InvalidInputError(defect, { path: 'cell' });
    this.arrays = toArrays(input.arrays, count);
  }

  /** The structure itself if it is one, else a new one. */
  static from(input: StructureLike): Structure {
    return Structure.is(input) ? input : new Structure(input);
  }

  /** Whether `value` is a Structure; true across realms and copies of the package. */
  static is(value: unknown): value is Structure {
    return typeof value === 'object' && value !== null && brand in value;
  }

  /** Number of atoms N. */
  get length(): number {
    return this.species.length;
  }

  /** Volume of the cell in Å^3; 0 without a full cell. */
  get volume(): number {
    return cellVolume(this.cell);
  }

  /** For `JSON.stringify`: a plain object with nested lists, which is accepted wherever structures are. */
  toJSON(): object {
    const { positions, symbols, cell, pbc, info, arrays, length } = this;
    return {
      species: symbols,
      positions: nested(positions, [length, 3]),
      ...(!isZeroCell(cell) && { cell: nested(cell, [3, 3]), pbc }),
      info: mapValues(info, (value) => (isShapedArray(value) ? nestedOrText(value) : value)),
      arrays: mapValues(arrays, nestedOrText),
    };
  }

  /** Chemical symbols of the N atoms. */
  get symbols(): string[] {
    return Array.from(this.species, (number) => chemicalSymbols[number]!);
  }
}

const mapValues = <From, To>(values: Readonly<Record<string, From>>, map: (value: From) => To) =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, map(value)]));

/** Numbers as nested lists; text keeps its shape beside it, without which nobody would take it for text of atoms. */
const nestedOrText = (value: ShapedArray): unknown =>
  Array.isArray(value.data) ? value : nested(value.data as Float64Array, value.shape);

function nested(values: ArrayLike<number>, shape: readonly number[], first = 0): unknown {
  const [count, ...inner] = shape;
  if (count === undefined) return values[first];
  const stride = sizeOfShape(inner);
  return Array.from({ length: count }, (_, i) => nested(values, inner, first + i * stride));
}

/** Throws for what cannot be a structure. */
export function requireObject(value: unknown, path = ''): void {
  if (typeof value === 'object' && value !== null) return;
  const expected = 'expected a structure, { positions, species, … }';
  throw new InvalidInputError(`${expected}, got ${nameOf(value)}`, { path });
}

const members: Readonly<Record<keyof StructureLike, true>> = {
  positions: true,
  species: true,
  cell: true,
  pbc: true,
  info: true,
  arrays: true,
  source: true,
};

/**
 * Throws for a member of a plain object that nobody would read: a misspelt `cell` would make a molecule of a crystal.
 * Objects of classes may have members of their own.
 */
function checkMembers(input: StructureLike): void {
  // Prototypes of plain objects are not the same in all realms, but none of them has one itself.
  const prototype: unknown = Object.getPrototypeOf(input);
  if (prototype !== null && Object.getPrototypeOf(prototype) !== null) return;
  for (const key of Object.keys(input)) {
    if (Object.hasOwn(members, key)) continue;
    throw new InvalidInputError(
      `unknown member, expected one of ${Object.keys(members).sort().join(', ')}; other values go into info (of the structure) or arrays (of its atoms)`,
      { path: key },
    );
  }
}

/** What a value is, for messages. */
export const nameOf = (value: unknown): string => (value === null ? 'null' : typeof value);

/** Throws an InvalidInputError naming the first atom whose position is not finite. */
export function checkFinite(positions: Float64Array, path = 'positions'): void {
  // A plain loop: this runs over every coordinate of every call.
  let bad = 0;
  while (bad < positions.length && Number.isFinite(positions[bad])) bad++;
  if (bad === positions.length) return;
  const atom = Math.floor(bad / 3);
  throw new InvalidInputError(
    `expected finite coordinates, got ${positions[bad]} for ${'xyz'[bad % 3]} of atom ${atom} (counted from 0)`,
    { path },
  );
}

/** Values with a shape are checked; lists stay the JSON that they are until someone asks for numbers. */
function toInfo(info: StructureLike['info']): Record<string, InfoValue> {
  const result = { ...info } as Record<string, InfoValue>;
  for (const [name, value] of Object.entries(result)) {
    if (value === undefined) delete result[name];
    if (['function', 'symbol', 'bigint'].includes(typeof value)) {
      throw new InvalidInputError(`expected numbers, logicals or text, got a ${typeof value}`, {
        path: `info.${name}`,
      });
    }
    if (typeof value !== 'object' || value === null || Array.isArray(value)) continue;
    if (!isShapedArray(value) && !ArrayBuffer.isView(value)) continue;
    const shaped = toShapedArray(value);
    const path = `info.${name}`;
    if (!shaped) throw new InvalidInputError('expected numbers, logicals or text', { path });
    const { data, shape } = shaped;
    if (data.length !== sizeOfShape(shape)) {
      throw new InvalidInputError(
        `expected as many values as shape [${shape.join(', ')}] multiplies to, got ${data.length}`,
        { path },
      );
    }
    result[name] = shaped;
  }
  return result;
}

/** Flat numbers are shared out evenly among the atoms. */
function toArrays(arrays: StructureLike['arrays'], count: number): Record<string, AtomArray> {
  const result: Record<string, AtomArray> = {};
  for (const [name, given] of Object.entries(arrays ?? {})) {
    const path = `arrays.${name}`;
    const shaped = toShapedArray(given);
    if (!shaped) {
      throw new InvalidInputError(
        `expected numbers for ${count} atoms, flat or nested, or { data, shape }`,
        { path },
      );
    }
    const { data } = shaped;
    const isFlat = !('shape' in given) && shaped.shape.length === 1 && data.length > count;
    const shape = isFlat && data.length % count === 0 ? [count, data.length / count] : shaped.shape;
    if (shape[0] !== count || data.length !== sizeOfShape(shape)) {
      throw new InvalidInputError(
        `expected values for ${count} atoms, got ${data.length} values of shape [${shape.join(', ')}]`,
        { path },
      );
    }
    result[name] = isFlat ? { data, shape } : shaped;
  }
  return result;
}

function toPositions(positions: StructureLike['positions']): Float64Array {
  if (isFloat64Array(positions)) return positions;
  return toFloat64(positions, 'positions');
}

function toSpecies(species: StructureLike['species']): Int32Array {
  requireArray(species, 'species', 'atomic numbers or symbols');
  const numbers = isInt32Array(species) ? species : new Int32Array(species.length);
  for (let atom = 0; atom < species.length; atom++) {
    const given = species[atom];
    const number = typeof given === 'string' ? atomicNumber(given) : given;
    if (!isAtomicNumber(number)) {
      throw new InvalidInputError(
        `expected an atomic number from 1 to 118 or a chemical symbol, got ${show(given)}`,
        { path: `species[${atom}]` },
      );
    }
    if (numbers !== species) numbers[atom] = number;
  }
  return numbers;
}

function toCell(cell: StructureLike['cell']): Float64Array {
  const values = cell === undefined ? new Float64Array(9) : toFloat64(cell, 'cell');
  if (values.length !== 9) {
    throw new InvalidInputError(`expected 3 × 3 numbers, got ${values.length}`, { path: 'cell' });
  }
  return values;
}

function toPbc(pbc: StructureLike['pbc'], cell: Float64Array): Pbc {
  const axis = (index: number) => !isZeroCell(cell.subarray(3 * index, 3 * index + 3));
  if (pbc === undefined) return [axis(0), axis(1), axis(2)];
  if (typeof pbc === 'boolean') return [pbc, pbc, pbc];
  const [a, b, c] = Array.isArray(pbc) ? (pbc as unknown[]) : [];
  if (
    typeof a === 'boolean' &&
    typeof b === 'boolean' &&
    typeof c === 'boolean' &&
    pbc.length === 3
  ) {
    return [a, b, c];
  }
  throw new InvalidInputError(`expected true, false or three of them, got ${show(pbc)}`, {
    path: 'pbc',
  });
}

/** Copies flat numbers, or rows of three, into a new array. */
function toFloat64(
  values: ArrayLike<number> | readonly ArrayLike<number>[],
  path: string,
): Float64Array {
  if (isFloat64Array(values)) return values.slice();
  requireArray(values, path, 'numbers');
  if (typeof values[0] !== 'object' || values[0] === null) {
    const flat = new Float64Array(values.length);
    copyNumbers(values, flat, 0, path);
    return flat;
  }
  const flat = new Float64Array(3 * values.length);
  for (let row = 0; row < values.length; row++) {
    const given = values[row] as ArrayLike<number> | null | undefined;
    if (given?.length !== 3) {
      throw new InvalidInputError(`expected three numbers, got ${show(given)}`, {
        path: `${path}[${row}]`,
      });
    }
    copyNumbers(given, flat, 3 * row, `${path}[${row}]`);
  }
  return flat;
}

/** Copies numbers, be they finite or not. @throws InvalidInputError for what only looks like one: null, '', true. */
function copyNumbers(
  values: ArrayLike<unknown>,
  out: Float64Array,
  first: number,
  path: string,
): void {
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    if (typeof value !== 'number') {
      throw new InvalidInputError(`expected a number, got ${show(value)}`, {
        path: `${path}[${i}]`,
      });
    }
    out[first + i] = value;
  }
}

function requireArray(value: unknown, path: string, what: string): void {
  if (Array.isArray(value) || (ArrayBuffer.isView(value) && 'length' in value)) return;
  throw new InvalidInputError(`expected an array of ${what}, got ${nameOf(value)}`, { path });
}
