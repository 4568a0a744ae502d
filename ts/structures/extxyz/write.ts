import type { Writable } from 'node:stream';
import { openSink } from '../../common/byte-sink';
import type { ByteSink } from '../../common/byte-sink';
import { isFilePath, pathOf } from '../../common/files';
import type { FilePath } from '../../common/files';
import { checkOptions } from '../../common/options';
import type { KeysOf } from '../../common/options';
import { InvalidInputError, throwIfAborted } from '../../errors';
import { requireStructures } from '../input';
import { Structure } from '../structure';
import type { StructureLike } from '../structure';
import { formatFrame } from './format';

/** How to write structures. */
export interface WriteOptions {
  /** Compress with gzip; unless given, files whose name ends in `.gz` are. */
  readonly gzip?: boolean | undefined;
  /** Stops the writing with an AbortError; the file is then left as it was before. */
  readonly signal?: AbortSignal | undefined;
}

const writeKeys: KeysOf<WriteOptions> = { gzip: true, signal: true };

/**
 * Writes extended XYZ one structure at a time. A file appears under its name only on {@link close}; without it,
 * after {@link discard}, nothing is left.
 */
export class StructureWriter {
  /** Frames that wait until they are worth a system call. */
  private waiting = '';
  private ended = false;

  private constructor(
    private readonly sink: ByteSink,
    private readonly signal: AbortSignal | undefined,
  ) {}

  /**
   * @param target path or URL of a file, or a Node stream; a stream is not ended.
   * @throws InvalidInputError when no file can be made there.
   */
  static async create(
    target: FilePath | Writable,
    options: WriteOptions = {},
  ): Promise<StructureWriter> {
    checkOptions(options, writeKeys);
    throwIfAborted(options.signal);
    const path = isFilePath(target) ? pathOf(target, 'target') : undefined;
    return new StructureWriter(
      await openSink(path ?? (target as Writable), options),
      options.signal,
    );
  }

  /** To be awaited before the next. @throws InvalidInputError for values that extended XYZ cannot hold, AbortError. */
  async write(structure: StructureLike): Promise<void> {
    throwIfAborted(this.signal);
    this.requireOpen();
    for (const piece of formatFrame(Structure.from(structure))) {
      this.waiting += piece;
      if (this.waiting.length >= worthWriting) await this.flush();
    }
  }

  /** Completes the file. */
  async close(): Promise<void> {
    this.requireOpen();
    this.ended = true;
    await this.flush();
    await this.sink.close();
  }

  private requireOpen(): void {
    if (this.ended) throw new InvalidInputError('this writer was closed or discarded before');
  }

  private async flush(): Promise<void> {
    const bytes = Buffer.from(this.waiting);
    this.waiting = '';
    if (bytes.length > 0) await this.sink.write(bytes);
  }

  /** Removes what was written to a file; harmless after {@link close}. */
  async discard(): Promise<void> {
    this.ended = true;
    await this.sink.discard();
  }
}

/**
 * Writes structures to a file or stream as extended XYZ, with all digits. A file is replaced as a whole or not
 * at all.
 *
 * @throws InvalidInputError when no file can be made there, or naming the value that cannot be written;
 *   AbortError.
 */
export async function writeStructures(
  target: FilePath | Writable,
  structures: Iterable<StructureLike> | AsyncIterable<StructureLike>,
  options: WriteOptions = {},
): Promise<void> {
  if (!isIterable(structures)) requireStructures(structures as never);
  const writer = await StructureWriter.create(target, options);
  try {
    for await (const structure of structures) await writer.write(structure);
    await writer.close();
  } finally {
    await writer.discard();
  }
}

const isIterable = (value: unknown): boolean =>
  typeof value === 'object' &&
  value !== null &&
  (Symbol.iterator in value || Symbol.asyncIterator in value);

const worthWriting = 2 ** 16;
