import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { z } from 'zod';

import { writeFileAtomic } from '../common/atomic-file';
import { describeFileError } from '../common/files';
import { validate } from '../common/validation';
import { FormatError, InvalidInputError } from '../errors';

const startSchema = z.strictObject({
  /** Steps done. */
  iteration: z.number(),
  /** −ln p with the prior, where it began and where it is. */
  first: z.number(),
  value: z.number(),
  /** What is varied. */
  x: z.array(z.number()),
  done: z.boolean(),
});

/** How far a start is. */
export type ChannelStart = Readonly<z.output<typeof startSchema>>;

const kind = 'soapstone-channels';
const stateSchema = z.strictObject({
  kind: z.literal(kind),
  version: z.literal(1),
  problem: z.string(),
  starts: z.array(startSchema),
});

/** How far learning is, in a JSON file that is replaced whole after each step. */
export class ChannelState {
  private constructor(
    private readonly path: string | undefined,
    private readonly problem: string,
    /** What was done before. */
    readonly starts: readonly ChannelStart[],
  ) {}

  /**
   * Begins a file, or goes on with one; without a path nothing is kept.
   *
   * @param problem all that the result depends on but the numbers of starts and iterations.
   * @throws InvalidInputError when the file is of another problem, FormatError when it is damaged.
   */
  static async open(path: string | undefined, problem: unknown): Promise<ChannelState> {
    const hash = createHash('sha256').update(JSON.stringify(problem)).digest('hex').slice(0, 16);
    if (path === undefined) return new ChannelState(undefined, hash, []);
    const text = await readFile(path, 'utf8').catch((error: unknown) => {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw new InvalidInputError(describeFileError('read', path, error), { cause: error });
    });
    if (text === undefined) return new ChannelState(path, hash, []);
    const state = parse(text, path);
    if (state.problem !== hash) {
      throw new InvalidInputError(
        `${path} is the state of other structures or settings; name another file to begin anew`,
        { path: 'state' },
      );
    }
    return new ChannelState(path, hash, state.starts);
  }

  /** Returns when it is on the disk. */
  async keep(starts: readonly ChannelStart[]): Promise<void> {
    const { path, problem } = this;
    if (path === undefined) return;
    const state = { kind, version: 1, problem, starts };
    await writeFileAtomic(path, [Buffer.from(`${JSON.stringify(state)}\n`)]);
  }
}

function parse(text: string, file: string): z.output<typeof stateSchema> {
  try {
    return validate(stateSchema, JSON.parse(text));
  } catch (cause) {
    const message = `this is not the state of learned channels: ${(cause as Error).message}`;
    throw new FormatError(message, { file, cause });
  }
}
