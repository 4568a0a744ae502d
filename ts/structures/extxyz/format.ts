import { InvalidInputError } from '../../errors';
import { isZeroCell } from '../cell';
import { chemicalSymbols } from '../elements';
import type { Structure } from '../structure';
import { isFloat64Array, isInt32Array, isUint8Array } from '../values';
import type { AtomArray } from '../values';
import { formatEntry } from './comment';
import { formatReal } from './numbers';
import { formatProperties } from './properties';
import type { Property } from './properties';

/**
 * One frame of extended XYZ in pieces, with all digits: reading it gives the same numbers back, bit for bit.
 * Nothing is wrong with the frame once the first piece is there.
 *
 * @throws InvalidInputError naming the entry of `info` or `arrays` that the format cannot hold.
 */
export function* formatFrame(structure: Structure): Generator<string> {
  const columns = Object.entries(structure.arrays).map(([name, array]) => atomColumn(name, array));
  const properties: Property[] = [
    { name: 'symbols', type: 'S', count: 1 },
    { name: 'positions', type: 'R', count: 3 },
    ...columns.map(({ property }) => property),
  ];
  const { positions, species } = structure;
  yield `${species.length}\n${formatComment(structure, properties)}\n`;
  for (let from = 0; from < species.length; from += atomsPerPiece) {
    let lines = '';
    for (let atom = from; atom < Math.min(from + atomsPerPiece, species.length); atom++) {
      const words = [chemicalSymbols[species[atom]!]!];
      for (let xyz = 0; xyz < 3; xyz++) words.push(formatReal(positions[3 * atom + xyz]!));
      for (const { property, word } of columns) {
        for (let i = 0; i < property.count; i++) words.push(word(atom * property.count + i));
      }
      lines += `${words.join(' ')}\n`;
    }
    yield lines;
  }
}

const atomsPerPiece = 1000;

function formatComment(structure: Structure, properties: readonly Property[]): string {
  const { cell, pbc, info } = structure;
  const lattice = isZeroCell(cell) ? [] : [`Lattice="${Array.from(cell, formatReal).join(' ')}"`];
  const entries = Object.entries(info).map(([key, value]) => {
    const isReserved = ['Lattice', 'Properties', 'pbc'].includes(key);
    if (key === '' || /[\r\n]/.test(key) || isReserved) {
      throw new InvalidInputError('extended XYZ cannot hold an entry of this name', {
        path: `info[${JSON.stringify(key)}]`,
      });
    }
    return formatEntry(key, value);
  });
  return [
    ...lattice,
    `Properties=${formatProperties(properties)}`,
    ...entries,
    `pbc="${pbc.map((periodic) => (periodic ? 'T' : 'F')).join(' ')}"`,
  ].join(' ');
}

interface AtomColumn {
  readonly property: Property;
  /** Value i as it stands in the file. */
  readonly word: (i: number) => string;
}

function atomColumn(name: string, { data, shape }: AtomArray): AtomColumn {
  const [, count = 1] = shape;
  const refuse = (reason: string): never => {
    throw new InvalidInputError(`extended XYZ cannot hold ${reason}`, { path: `arrays.${name}` });
  };
  if (shape.length > 2 || count === 0) refuse(`an array of shape [${shape.join(', ')}]`);
  if (!/^[^\s:"'{}[\]=\\]+$/.test(name) || takenNames.includes(name)) refuse('this name');

  if (isFloat64Array(data)) {
    return { property: { name, type: 'R', count }, word: (i) => formatReal(data[i]!) };
  }
  if (isInt32Array(data)) {
    return { property: { name, type: 'I', count }, word: (i) => String(data[i]) };
  }
  if (isUint8Array(data)) {
    return { property: { name, type: 'L', count }, word: (i) => (data[i] ? 'T' : 'F') };
  }
  if (data.some((word) => word === '' || /\s/.test(word))) refuse('text with blanks');
  return { property: { name, type: 'S', count }, word: (i) => data[i]! };
}

/** Names of columns that mean the elements or the positions. */
const takenNames: readonly string[] = ['species', 'symbols', 'Z', 'numbers', 'pos', 'positions'];
