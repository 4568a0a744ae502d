import { readBytes, sourceName } from '../../common/byte-source';
import type { ByteSource } from '../../common/byte-source';
import { checkOptions } from '../../common/options';
import type { KeysOf } from '../../common/options';
import { FormatError, throwIfAborted } from '../../errors';
import type { Structure } from '../structure';
import { readFrame } from './frame';
import { LineReader } from './lines';

/** How to read structures. */
export interface ReadOptions {
  /** What to call the source in messages; the path unless given. */
  readonly name?: string | undefined;
  /** Stops the reading with an AbortError. */
  readonly signal?: AbortSignal | undefined;
}

const readKeys: KeysOf<ReadOptions> = { name: true, signal: true };

/**
 * Reads extended XYZ one structure at a time, in memory that does not grow with the file. The source may be
 * compressed with gzip; it is closed when the iteration ends, early or not.
 *
 * Frames mean what ASE 3.29 makes of them, except that a Lattice of nine zeros without pbc is not periodic, that
 * blank lines between frames do not end the file, and that damage is an error everywhere.
 *
 * @param source path or URL of a file, Node stream or async iterable of bytes.
 * @throws InvalidInputError when the source cannot be read, FormatError with file, frame and line when what it
 *   holds is wrong, AbortError.
 */
export async function* iterateStructures(
  source: ByteSource,
  options: ReadOptions = {},
): AsyncGenerator<Structure, void, undefined> {
  checkOptions(options, readKeys);
  const named = sourceName(source);
  const file = options.name ?? named;
  const chunks = readBytes(source, file);
  try {
    const lines = new LineReader(chunks, file);
    for (let frame = 0; ; frame++) {
      throwIfAborted(options.signal);
      const structure = await readFrame(lines, file, frame);
      if (structure === undefined) return;
      yield structure;
    }
  } finally {
    await chunks.return(undefined);
  }
}

/**
 * Reads all structures of an extended XYZ file; see {@link iterateStructures}.
 *
 * @throws FormatError also when there is no structure at all.
 */
export async function readStructures(
  source: ByteSource,
  options: ReadOptions = {},
): Promise<Structure[]> {
  const structures: Structure[] = [];
  for await (const structure of iterateStructures(source, options)) structures.push(structure);
  if (structures.length === 0) {
    throw new FormatError('there are no structures in this file', {
      file: options.name ?? sourceName(source),
    });
  }
  return structures;
}
