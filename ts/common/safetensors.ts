import { FormatError, InvalidInputError } from '../errors';
import { AtomicFile } from './atomic-file';
import { arrayFromBytes, bytesOf, elementBytes, elementTypeOf, sizeOfShape } from './element-types';
import type { ElementType, NumericArray } from './element-types';
import { readWholeFile } from './files';
import { parseUniqueJson } from './json';

/**
 * The safetensors format: the length of the header (8 bytes, little-endian), the header (JSON: for each tensor
 * its type, shape and place), the tensors one after the other without gaps, little-endian and row-major.
 */

/** A tensor, row-major. */
export interface Tensor {
  readonly data: NumericArray;
  readonly shape: readonly number[];
}

/** What a safetensors file holds. */
export interface Safetensors {
  readonly tensors: ReadonlyMap<string, Tensor>;
  /** Free text by name. */
  readonly metadata: Readonly<Record<string, string>>;
}

/** Type and shape of a tensor that is yet to be written. */
export interface TensorSpec {
  readonly type: ElementType;
  readonly shape: readonly number[];
}

/** Longest header that the reference implementation accepts. */
const maxHeaderBytes = 1e8;
const lengthBytes = 8;

const typeNames: Readonly<Record<ElementType, string>> = {
  f64: 'F64',
  f32: 'F32',
  i64: 'I64',
  i32: 'I32',
  u8: 'U8',
};

/** Reads a file. @throws InvalidInputError when it cannot be read, FormatError when it is damaged. */
export async function readSafetensors(path: string): Promise<Safetensors> {
  return decodeSafetensors(await readWholeFile(path), path);
}

/**
 * The contents of a file, the tensors as views of its bytes where alignment allows. Every byte must be accounted
 * for and every field known.
 *
 * @throws FormatError
 */
export function decodeSafetensors(bytes: Uint8Array, file?: string): Safetensors {
  const fail: Fail = (message) => new FormatError(message, { file });
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (buffer.length < lengthBytes) throw fail(`the file has only ${buffer.length} bytes`);
  const headerLength = Number(buffer.readBigUInt64LE(0));
  if (headerLength > maxHeaderBytes) {
    throw fail('this is no safetensors file, as models and features are');
  }
  const dataStart = lengthBytes + headerLength;
  if (buffer.length < dataStart) throw fail('the file ends within the header');
  const { __metadata__: metadata = {}, ...entries } = parseHeader(
    buffer.subarray(lengthBytes, dataStart),
    fail,
  );
  if (!isRecord(metadata) || !Object.values(metadata).every((x) => typeof x === 'string')) {
    throw fail('__metadata__: expected texts');
  }
  return {
    tensors: placeTensors(entries, buffer.subarray(dataStart), fail),
    metadata: metadata as Record<string, string>,
  };
}

/** The bytes of a file. @throws InvalidInputError when a tensor does not have its shape. */
export function encodeSafetensors({ tensors, metadata }: Safetensors): Uint8Array {
  const specs = new Map(Array.from(tensors, ([name, tensor]) => [name, specOf(name, tensor)]));
  const parts = Array.from(tensors.values(), ({ data }) => bytesOf(data));
  return Buffer.concat([encodeHeader(specs, metadata), ...parts]);
}

/** Writes a file, which appears when it is complete. @throws InvalidInputError */
export async function writeSafetensors(path: string, contents: Safetensors): Promise<void> {
  const { tensors, metadata } = contents;
  const specs = new Map(Array.from(tensors, ([name, tensor]) => [name, specOf(name, tensor)]));
  const writer = await SafetensorsWriter.create(path, specs, metadata);
  try {
    for (const { data } of tensors.values()) await writer.write(data);
    await writer.close();
  } finally {
    await writer.discard();
  }
}

/** Writes tensors of known shapes piece by piece, in the order in which they were announced. */
export class SafetensorsWriter {
  private remaining: number;

  private constructor(
    private readonly file: AtomicFile,
    private readonly specs: readonly TensorSpec[],
    private current = 0,
  ) {
    this.remaining = specs[0] ? sizeOfShape(specs[0].shape) : 0;
    this.skipFinished();
  }

  /** @throws InvalidInputError when no file can be made there. */
  static async create(
    path: string,
    specs: ReadonlyMap<string, TensorSpec>,
    metadata: Safetensors['metadata'] = {},
  ): Promise<SafetensorsWriter> {
    const header = encodeHeader(specs, metadata);
    const writer = new SafetensorsWriter(await AtomicFile.create(path), [...specs.values()]);
    await writer.file.append(header);
    return writer;
  }

  /** Appends values to the current tensor; the next one becomes current when it is full. */
  async write(values: NumericArray): Promise<void> {
    if (values.length === 0) return;
    const spec = this.specs[this.current];
    if (!spec || elementTypeOf(values) !== spec.type || values.length > this.remaining) {
      const expected = spec
        ? `at most ${this.remaining} values of type ${spec.type}`
        : 'no more values';
      throw new InvalidInputError(`expected ${expected}, got ${values.length}`, { path: 'values' });
    }
    await this.file.append(bytesOf(values));
    this.remaining -= values.length;
    this.skipFinished();
  }

  /** Completes the file. @throws InvalidInputError when values are missing. */
  async close(): Promise<void> {
    if (this.current < this.specs.length) {
      throw new InvalidInputError(
        `expected ${this.remaining} more values in tensor ${this.current}`,
      );
    }
    await this.file.commit();
  }

  /** Removes what was written; harmless after {@link close}. */
  async discard(): Promise<void> {
    await this.file.discard();
  }

  private skipFinished(): void {
    while (this.remaining === 0 && this.current < this.specs.length) {
      const next = this.specs[++this.current];
      this.remaining = next ? sizeOfShape(next.shape) : 0;
    }
  }
}

type Fail = (message: string) => FormatError;
type JsonRecord = Record<string, unknown>;

function parseHeader(bytes: Buffer, fail: Fail): JsonRecord {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    const header = parseUniqueJson(text);
    if (isRecord(header) && text.startsWith('{')) return header;
  } catch (error) {
    throw fail(`the header is damaged: ${(error as Error).message}`);
  }
  throw fail('the header is damaged: expected a JSON object');
}

/** Finds each tensor in the data, which they must cover without gap or overlap. */
function placeTensors(entries: JsonRecord, data: Buffer, fail: Fail): Map<string, Tensor> {
  const places = Object.entries(entries).map(([name, entry]) => parseEntry(name, entry, fail));
  let end = 0;
  for (const place of places.toSorted((a, b) => a.begin - b.begin || a.end - b.end)) {
    if (place.begin !== end) {
      const defect = place.begin > end ? 'leaves a gap before' : 'overlaps with the tensor before';
      throw fail(`tensor ${place.name} ${defect} byte ${place.begin}`);
    }
    end = place.end;
  }
  if (end !== data.length) throw fail(`expected ${end} bytes of tensors, got ${data.length}`);
  return new Map(
    places.map(({ name, begin, end: last, type, shape }) => [
      name,
      { data: arrayFromBytes(type, data.subarray(begin, last)), shape },
    ]),
  );
}

type Place = TensorSpec & { readonly name: string; readonly begin: number; readonly end: number };

function parseEntry(name: string, entry: unknown, fail: Fail): Place {
  const bad = (what: string) => fail(`tensor ${JSON.stringify(name)}: ${what}`);
  if (!isRecord(entry)) throw bad('expected dtype, shape and data_offsets');
  const { dtype, shape, data_offsets: offsets, ...unknown } = entry;
  const [extra] = Object.keys(unknown);
  if (extra !== undefined) throw bad(`unknown field ${JSON.stringify(extra)}`);
  const type = (Object.keys(typeNames) as ElementType[]).find((t) => typeNames[t] === dtype);
  if (type === undefined) {
    throw bad(
      `expected dtype ${Object.values(typeNames).join(', ')}, got ${JSON.stringify(dtype)}`,
    );
  }
  if (!isSizes(shape)) throw bad('expected a shape of non-negative integers');
  if (!isSizes(offsets) || offsets.length !== 2) throw bad('expected two data_offsets');
  const [begin = 0, end = 0] = offsets;
  const bytes = sizeOfShape(shape) * elementBytes(type);
  if (end - begin !== bytes) throw bad(`expected ${bytes} bytes for its shape, got ${end - begin}`);
  return { name, type, shape, begin, end };
}

function specOf(name: string, { data, shape }: Tensor): TensorSpec {
  const type = elementTypeOf(data);
  if (type !== undefined && data.length === sizeOfShape(shape)) return { type, shape };
  throw new InvalidInputError(`expected numbers of shape [${shape.join(', ')}]`, {
    path: `tensors[${JSON.stringify(name)}]`,
  });
}

function encodeHeader(
  specs: ReadonlyMap<string, TensorSpec>,
  metadata: Safetensors['metadata'],
): Buffer {
  let end = 0;
  const entries = Array.from(specs, ([name, { type, shape }]) => {
    if (name === '__metadata__') {
      throw new InvalidInputError('no tensor can have this name', { path: `tensors.${name}` });
    }
    const begin = end;
    end += sizeOfShape(shape) * elementBytes(type);
    return [name, { dtype: typeNames[type], shape, data_offsets: [begin, end] }] as const;
  });
  const hasMetadata = Object.keys(metadata).length > 0;
  const header = { ...(hasMetadata && { __metadata__: metadata }), ...Object.fromEntries(entries) };
  const text = Buffer.from(JSON.stringify(header));
  // Blanks after the header are allowed; they align the tensors for those who map them into memory.
  const padded = Buffer.alloc(Math.ceil(text.length / lengthBytes) * lengthBytes, ' ');
  text.copy(padded);
  const length = Buffer.alloc(lengthBytes);
  length.writeBigUInt64LE(BigInt(padded.length));
  return Buffer.concat([length, padded]);
}

function isRecord(value: unknown): value is JsonRecord {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isSizes(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((x) => Number.isSafeInteger(x) && (x as number) >= 0);
}
