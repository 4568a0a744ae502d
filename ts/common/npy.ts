import { FormatError, InvalidInputError } from '../errors';
import { AtomicFile } from './atomic-file';
import { arrayFromBytes, bytesOf, elementBytes, elementTypeOf, sizeOfShape } from './element-types';
import type { ElementType, NumericArray } from './element-types';
import { readWholeFile } from './files';

/** NumPy's .npy format, versions 1 to 3, for little-endian arrays in C order. */

/** An array with its shape, row-major. */
export interface NpyArray {
  readonly data: NumericArray;
  readonly shape: readonly number[];
}

const magic = Buffer.from('\x93NUMPY', 'latin1');
/** NumPy aligns the data so, which lets a program map them into memory. */
const alignment = 64;

const descriptions: Readonly<Record<ElementType, string>> = {
  f64: '<f8',
  f32: '<f4',
  i64: '<i8',
  i32: '<i4',
  u8: '|u1',
};

/** Reads a .npy file. @throws InvalidInputError when it cannot be read, FormatError when it is damaged. */
export async function readNpy(path: string): Promise<NpyArray> {
  return decodeNpy(await readWholeFile(path), path);
}

/** The array in the bytes of a .npy file, as a view of them where alignment allows. @throws FormatError */
export function decodeNpy(bytes: Uint8Array, file?: string): NpyArray {
  const fail = (message: string) => new FormatError(message, { file });
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (!buffer.subarray(0, magic.length).equals(magic)) {
    throw fail('this is no .npy file: it does not begin with \\x93NUMPY');
  }
  const version = buffer[magic.length] ?? 0;
  const headerStart = version === 1 ? 10 : 12;
  if (version < 1 || version > 3) throw fail(`expected .npy version 1, 2 or 3, got ${version}`);
  if (buffer.length < headerStart) throw fail('the file ends within the header');
  const headerLength = version === 1 ? buffer.readUInt16LE(8) : buffer.readUInt32LE(8);
  const dataStart = headerStart + headerLength;
  if (buffer.length < dataStart) throw fail('the file ends within the header');

  const { type, shape } = parseHeader(buffer.toString('latin1', headerStart, dataStart), fail);
  const expected = sizeOfShape(shape) * elementBytes(type);
  const data = buffer.subarray(dataStart);
  if (data.length !== expected) {
    const what = `shape (${shape.join(', ')}) of ${descriptions[type]}`;
    throw fail(`expected ${expected} bytes for ${what}, got ${data.length}`);
  }
  return { data: arrayFromBytes(type, data), shape };
}

/** Writes an array; the file appears when it is complete. @throws InvalidInputError */
export async function writeNpy(path: string, { data, shape }: NpyArray): Promise<void> {
  const type = elementTypeOf(data);
  if (type === undefined || data.length !== sizeOfShape(shape)) {
    throw new InvalidInputError(`expected numbers of shape [${shape.join(', ')}]`, {
      path: 'data',
    });
  }
  const file = await AtomicFile.create(path);
  try {
    await file.append(encodeHeader(type, shape));
    await file.append(bytesOf(data));
    await file.commit();
  } finally {
    await file.discard();
  }
}

/** Writes a .npy file some rows at a time; how many there are need not be known before the end. */
export class NpyWriter {
  private rows = 0;
  private readonly rowSize: number;

  private constructor(
    private readonly file: AtomicFile,
    private readonly type: ElementType,
    private readonly rowShape: readonly number[],
  ) {
    this.rowSize = Math.max(1, sizeOfShape(rowShape));
  }

  /**
   * @param rowShape shape of one row: all extents but the first.
   * @throws InvalidInputError when no file can be made there.
   */
  static async create(
    path: string,
    type: ElementType,
    rowShape: readonly number[],
  ): Promise<NpyWriter> {
    const writer = new NpyWriter(await AtomicFile.create(path), type, rowShape);
    await writer.file.append(writer.header());
    return writer;
  }

  /** Appends whole rows. */
  async write(rows: NumericArray): Promise<void> {
    if (elementTypeOf(rows) !== this.type || rows.length % this.rowSize !== 0) {
      throw new InvalidInputError(
        `expected whole rows of shape [${this.rowShape.join(', ')}] of type ${this.type}`,
        { path: 'rows' },
      );
    }
    await this.file.append(bytesOf(rows));
    this.rows += rows.length / this.rowSize;
  }

  /** Completes the file. */
  async close(): Promise<void> {
    await this.file.overwriteStart(this.header());
    await this.file.commit();
  }

  /** Removes what was written; harmless after {@link close}. */
  async discard(): Promise<void> {
    await this.file.discard();
  }

  /** Of the same length however many rows there are. */
  private header(): Buffer {
    const longest = encodeHeader(this.type, [Number.MAX_SAFE_INTEGER, ...this.rowShape]);
    return encodeHeader(this.type, [this.rows, ...this.rowShape], longest.length);
  }
}

function parseHeader(
  header: string,
  fail: (message: string) => FormatError,
): { type: ElementType; shape: number[] } {
  const { descr, order, extents } = matchHeader(header);
  if (descr === undefined || order === undefined || extents === undefined) {
    throw fail(`the header is damaged: ${JSON.stringify(header.slice(0, 200))}`);
  }
  const type = (Object.keys(descriptions) as ElementType[]).find((t) => descriptions[t] === descr);
  if (type === undefined) {
    throw fail(`expected type ${Object.values(descriptions).join(', ')}, got ${descr}`);
  }
  const words = extents.split(',').map((extent) => extent.trim());
  if (words.at(-1) === '') words.pop(); // a tuple may end with a comma
  if (!words.every((word) => /^\d+$/.test(word))) throw fail(`the shape (${extents}) is damaged`);
  const shape = words.map(Number);
  if (order === 'True' && shape.length > 1) throw fail('expected C order, got Fortran order');
  if (!Number.isSafeInteger(sizeOfShape(shape) * elementBytes(type))) {
    throw fail(`the shape (${extents}) is too large`);
  }
  return { type, shape };
}

/** The header is a Python dictionary of just these three entries, in any order. */
function matchHeader(header: string): { descr?: string; order?: string; extents?: string } {
  const entry =
    /\s*(?:'descr':\s*'(?<descr>[^']*)'|'fortran_order':\s*(?<order>True|False)|'shape':\s*\((?<extents>[\d\s,]*)\))\s*,?/y;
  const open = /^\s*\{/.exec(header);
  if (!open) return {};
  const found: Record<string, string> = {};
  entry.lastIndex = open[0].length;
  let end = entry.lastIndex;
  for (let match = entry.exec(header); match; match = entry.exec(header)) {
    end = entry.lastIndex;
    for (const [name, value] of Object.entries(match.groups ?? {})) {
      if (value === undefined) continue;
      if (name in found) return {};
      found[name] = value;
    }
  }
  return /^\s*\}\s*$/.test(header.slice(end)) ? found : {};
}

/** @param length bytes that the header takes at least, filled with blanks. */
function encodeHeader(type: ElementType, shape: readonly number[], length = 0): Buffer {
  const extents = shape.length === 1 ? `${shape[0]},` : shape.join(', ');
  const text = `{'descr': '${descriptions[type]}', 'fortran_order': False, 'shape': (${extents}), }`;
  const preamble = magic.length + 4;
  const needed = Math.max(length, preamble + text.length + 1);
  const total = Math.ceil(needed / alignment) * alignment;
  const header = Buffer.from(`${text.padEnd(total - preamble - 1)}\n`, 'latin1');
  const start = Buffer.concat([magic, Buffer.from([1, 0, 0, 0])]);
  start.writeUInt16LE(header.length, preamble - 2);
  return Buffer.concat([start, header]);
}
