import { FormatError } from '../../errors';
import { cellDefect, isZeroCell } from '../cell';
import type { Pbc } from '../cell';
import { Structure } from '../structure';
import { isShapedArray, numericData, sameShape } from '../values';
import type { InfoValue } from '../values';
import { AtomTable } from './atom-table';
import { parseValue, splitComment } from './comment';
import type { LineReader } from './lines';
import { parseReal } from './numbers';
import { parseProperties, plainProperties } from './properties';
import type { Property } from './properties';

/**
 * Reads the next frame: the number of atoms, a comment of key=value, one line per atom, and perhaps cell
 * vectors as VEC lines. Blank lines before a frame are skipped.
 *
 * @param frame index of the frame, for messages.
 * @returns undefined at the end of the file.
 */
export async function readFrame(
  lines: LineReader,
  file: string,
  frame: number,
): Promise<Structure | undefined> {
  const fail = (message: string, line = lines.number) =>
    new FormatError(message, { file, frame, line });

  do {
    if (!lines.advance() && !(await lines.refill())) return undefined;
  } while (lines.text().trim() === '');
  const line = lines.number;
  const count = parseCount(lines.text(), fail);

  if (!lines.advance() && !(await lines.refill())) {
    throw fail('the file ends after the number of atoms');
  }
  const comment = lines.text();
  const header = parseHeader(comment, fail);

  const table = new AtomTable(header.properties, count);
  while (table.length < count) {
    if (!lines.advance() && !(await lines.refill())) {
      throw fail(`the file ends after ${table.length} of the ${count} atoms of this frame`);
    }
    const defect = table.add(lines.bytes, lines.start, lines.end);
    if (defect !== undefined) throw fail(defect);
  }
  const atoms = { ...table.finish(), source: { file, frame, line } };
  const vectors = await readVectors(lines, fail);
  if (vectors.length === 0) {
    const { cell, pbc, info } = header;
    return new Structure({ ...atoms, cell, pbc, info }, true);
  }
  if (header.cell) throw fail('the cell is given twice, as Lattice and as VEC lines');
  const pbc: Pbc = [true, vectors.length > 1, vectors.length > 2];
  const cell = Float64Array.from({ length: 9 }, (_, i) => vectors.flat()[i] ?? 0);
  const defect = cellDefect(cell, pbc);
  if (defect !== undefined) throw fail(defect);
  return new Structure({ ...atoms, cell, pbc, info: { comment: comment.trim() } }, true);
}

type Fail = (message: string, line?: number) => FormatError;

function parseCount(line: string, fail: Fail): number {
  const text = line.trim();
  const count = /^\+?\d+$/.test(text) ? Number(text) : NaN;
  if (count >= 1 && count < 2 ** 31) return count;
  const isAtomLine = text.split(/\s+/).length > 3;
  throw fail(
    `expected the number of atoms, got ${JSON.stringify(text.slice(0, 80))}` +
      (isAtomLine ? '; is the number of atoms of the frame before too small?' : ''),
  );
}

interface Header {
  readonly properties: readonly Property[];
  /** Undefined where there is no Lattice. */
  readonly cell: Float64Array | undefined;
  readonly pbc: Pbc;
  readonly info: Record<string, InfoValue>;
}

function parseHeader(comment: string, fail: Fail): Header {
  const entries = parseEntries(comment, fail);
  const [described, lattice, pbc] = reservedKeys.map((key) => entries.get(key));
  for (const key of reservedKeys) entries.delete(key);
  const info = Object.fromEntries(entries);

  const properties = described === undefined ? plainProperties : parseProperties(described);
  if (typeof properties === 'string') throw fail(properties);

  const numbers = numericData(lattice);
  if (lattice !== undefined && !(numbers && sameShape(numbers.shape, [9]))) {
    throw fail('expected nine numbers for Lattice, ax ay az bx by bz cx cy cz');
  }
  const cell = numbers && new Float64Array(numbers.data);
  // A Lattice of zeros is how some programs say that there is none; ASE would call it periodic.
  const axes = pbc === undefined ? repeat(!isZeroCell(cell ?? [])) : parsePbc(pbc);
  if (axes === undefined) throw fail('expected three of T and F for pbc, such as pbc="T T F"');
  const defect = cellDefect(cell ?? [], axes);
  if (defect !== undefined) throw fail(defect);
  return { properties, cell, pbc: axes, info };
}

/** Keys that describe the frame itself. */
const reservedKeys: readonly string[] = ['Properties', 'Lattice', 'pbc'];

/** Keys and values of the comment. As in ASE the last of equal keys wins, but no frame describes itself twice. */
function parseEntries(comment: string, fail: Fail): Map<string, InfoValue> {
  const entries = new Map<string, InfoValue>();
  for (const [key, text] of splitComment(comment, fail)) {
    if (entries.has(key) && reservedKeys.includes(key)) throw fail(`${key} is there twice`);
    entries.set(
      key,
      parseValue(key, text, (defect) => fail(`${key}: ${defect}`)),
    );
  }
  return entries;
}

function parsePbc(value: InfoValue): Pbc | undefined {
  if (typeof value === 'boolean' || typeof value === 'number') return repeat(Boolean(value));
  if (!isShapedArray(value) || !sameShape(value.shape, [3])) return undefined;
  const [a, b, c] = Array.from<unknown, boolean>(value.data, Boolean);
  return [a!, b!, c!];
}

function repeat(periodic: boolean): Pbc {
  return [periodic, periodic, periodic];
}

/** Up to three lines `VEC1 x y z` after the atoms, each a lattice vector along which the frame is periodic. */
async function readVectors(lines: LineReader, fail: Fail): Promise<number[][]> {
  const vectors: number[][] = [];
  while (lines.advance() || (await lines.refill())) {
    const [label = '', ...words] = lines.text().trim().split(/\s+/);
    if (!label.startsWith('VEC')) {
      lines.hold();
      break;
    }
    const vector = words.map((word) => parseReal(word) ?? NaN);
    const expected = `VEC${vectors.length + 1}`;
    if (vectors.length === 3 || label !== expected) {
      throw fail(
        `expected ${vectors.length < 3 ? expected : 'at most three VEC lines'}, got ${label}`,
      );
    }
    if (vector.length !== 3 || !vector.every(Number.isFinite)) {
      throw fail(`expected three numbers after ${label}`);
    }
    vectors.push(vector);
  }
  return vectors;
}
