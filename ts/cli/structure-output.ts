import { openSink } from '../common/byte-sink';
import type { ByteSink } from '../common/byte-sink';
import { throwIfAborted } from '../errors';
import { StructureWriter } from '../structures/extxyz';
import type { Structure } from '../structures/structure';

/** Where a command writes structures, one at a time; the file appears on `close`. */
export type StructureOutput = Pick<StructureWriter, 'discard' | 'close'> & {
  write(structure: Structure): Promise<void>;
};

/** Extended XYZ, or a list of objects for names that end in .json or .json.gz. @throws InvalidInputError */
export async function openOutput(file: string, signal: AbortSignal): Promise<StructureOutput> {
  return /\.json(\.gz)?$/.test(file)
    ? new JsonList(await openSink(file), signal)
    : StructureWriter.create(file, { signal });
}

/** Writes them all, whole or not at all. */
export async function writeOutput(
  file: string,
  structures: Iterable<Structure>,
  signal: AbortSignal,
): Promise<void> {
  const output = await openOutput(file, signal);
  try {
    for (const structure of structures) await output.write(structure);
    await output.close();
  } finally {
    await output.discard();
  }
}

/** One structure on each line, between brackets: a JSON list that programs may also read line by line. */
class JsonList implements StructureOutput {
  private before = '[\n';

  constructor(
    private readonly sink: ByteSink,
    private readonly signal: AbortSignal,
  ) {}

  async write(structure: Structure): Promise<void> {
    throwIfAborted(this.signal);
    await this.sink.write(Buffer.from(this.before + JSON.stringify(structure)));
    this.before = ',\n';
  }

  async close(): Promise<void> {
    await this.sink.write(Buffer.from(this.before === ',\n' ? '\n]\n' : '[]\n'));
    await this.sink.close();
  }

  discard(): Promise<void> {
    return this.sink.discard();
  }
}
