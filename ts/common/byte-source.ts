import { createReadStream } from 'node:fs';
import { Readable, pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { FormatError, InvalidInputError, SoapstoneError } from '../errors';
import { describeFileError, isFilePath, pathOf } from './files';
import type { FilePath } from './files';
import { giveTurnIfDue } from './turns';

/** A path or URL of a file, or bytes as they arrive (a Node stream is such an iterable). Gzip is recognised by its content. */
export type ByteSource = FilePath | AsyncIterable<Uint8Array | string>;

/**
 * What to call a source in messages.
 *
 * @throws InvalidInputError when it is no source at all.
 */
export function sourceName(source: ByteSource): string {
  if (isFilePath(source)) return pathOf(source, 'source');
  if (typeof source === 'object' && source !== null && Symbol.asyncIterator in source) {
    return '<stream>';
  }
  throw new InvalidInputError(
    `expected a path, a stream or an async iterable of bytes, got ${String(source)}`,
    { path: 'source' },
  );
}

/**
 * The bytes of a source in pieces, decompressed. Ending the iteration early closes the source.
 *
 * @param name what to call the source in messages.
 * @throws InvalidInputError when there is nothing to read there, FormatError for damaged gzip data.
 */
export async function* readBytes(source: ByteSource, name: string): AsyncGenerator<Buffer> {
  const chunks = rawBytes(source, name);
  try {
    let head = Buffer.alloc(0);
    while (head.length < gzipMagic.length) {
      const next = await chunks.next();
      if (next.done) break;
      head = Buffer.concat([head, next.value]);
    }
    const whole = prepend(head, chunks);
    const isGzip = head.subarray(0, gzipMagic.length).equals(gzipMagic);
    yield* inPieces(isGzip ? gunzip(whole, name) : whole);
  } finally {
    await chunks.return(undefined);
  }
}

const gzipMagic = Buffer.from([0x1f, 0x8b]);
/** Read at a time. */
const chunkBytes = 2 ** 16;
/** Parsed at a time: a fraction of a millisecond. */
const pieceBytes = 2 ** 13;

async function* rawBytes(source: ByteSource, name: string): AsyncGenerator<Buffer> {
  if (isFilePath(source)) {
    try {
      yield* createReadStream(pathOf(source), {
        highWaterMark: chunkBytes,
      }) as AsyncIterable<Buffer>;
    } catch (error) {
      throw new InvalidInputError(describeFileError('read', name, error), { cause: error });
    }
    return;
  }
  for await (const chunk of source) {
    if (typeof chunk === 'string') yield Buffer.from(chunk);
    else if (ArrayBuffer.isView(chunk)) {
      yield Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    } else throw new InvalidInputError(`${name}: expected bytes or text, got ${typeof chunk}`);
  }
}

/** Small pieces, and a turn of the event loop for others where one is due. */
async function* inPieces(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  for await (const chunk of chunks) {
    for (let at = 0; at < chunk.length; at += pieceBytes) {
      await giveTurnIfDue();
      yield chunk.subarray(at, at + pieceBytes);
    }
  }
}

async function* prepend(head: Buffer, rest: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  if (head.length > 0) yield head;
  yield* rest;
}

async function* gunzip(chunks: AsyncIterable<Buffer>, name: string): AsyncGenerator<Buffer> {
  const decompressed = createGunzip({ chunkSize: chunkBytes });
  // Errors reach the loop below through the destroyed stream; the callback is only mandatory.
  pipeline(Readable.from(chunks, { objectMode: false }), decompressed, () => undefined);
  try {
    yield* decompressed as AsyncIterable<Buffer>;
  } catch (error) {
    if (SoapstoneError.is(error)) throw error;
    throw new FormatError(`damaged gzip data: ${(error as Error).message}`, {
      file: name,
      cause: error,
    });
  }
}
