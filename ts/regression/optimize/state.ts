import { open, readFile } from 'node:fs/promises';
import { z } from 'zod';

import { writeFileAtomic } from '../../common/atomic-file';
import { describeFileError } from '../../common/files';
import { validate } from '../../common/validation';
import { FormatError, InvalidInputError } from '../../errors';
import type { Json } from './space';

/** One trial, as its line of the state file has it. */
export interface Trial {
  /** Counted from 0. */
  readonly trial: number;
  /** Part of the full effort, from 0 to 1. */
  readonly budget: number;
  /** In the unit cube of the space. */
  readonly point: readonly number[];
  /** What was varied, by its path in the space, such as `kernel.zeta`. */
  readonly values: Readonly<Record<string, Json>>;
  /** The smaller the better; null: the trial failed. */
  readonly score: number | null;
  /** Why it failed. */
  readonly error?: string | undefined;
  /** What else the objective said. */
  readonly details?: Json | undefined;
  /** Wall time. */
  readonly seconds: number;
}

const numberFromJson = z.number();
/** A trial as it was written. */
export const trialSchema = z.strictObject({
  trial: numberFromJson,
  budget: numberFromJson,
  point: z.array(numberFromJson),
  values: z.record(z.string(), z.json()),
  score: numberFromJson.nullable(),
  error: z.string().optional(),
  details: z.json().optional(),
  seconds: numberFromJson,
});

/** What a search is; trials of another one would mislead it. */
export interface Identity {
  readonly space: unknown;
  readonly method: unknown;
  readonly seed: number;
  /** What the objective is about, in words: which data, which folds. */
  readonly problem: string;
}

const kind = 'soapstone-optimization';
const version = 1;

/**
 * The trials of a search in a file of JSON lines: what search it is, then one line per trial, on the disk before
 * the next trial begins. A process that is killed loses the running trial and nothing else.
 */
export class SearchState {
  private constructor(
    private readonly path: string,
    /** Trials that were done before. */
    readonly trials: readonly Trial[],
  ) {}

  /**
   * Begins a file, or goes on with one.
   *
   * @throws InvalidInputError when the file is of another search, FormatError when it is of another kind or
   *   damaged; a last line that was not finished is dropped.
   */
  static async open(path: string, identity: Identity): Promise<SearchState> {
    const text = await readFile(path, 'utf8').catch((error: unknown) => {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
      throw new InvalidInputError(describeFileError('read', path, error), { cause: error });
    });
    const lines = text.split('\n').slice(0, -1);
    const [head, ...rest] = lines;
    if (head === undefined && text !== '') {
      throw new FormatError('expected the state of a search, which has a line to begin with', {
        file: path,
      });
    }
    if (head !== undefined) checkIdentity(parse(head, path, 1), identity, path);
    const trials = rest.map((line, index) => trialOf(parse(line, path, index + 2), path, index));
    if (head === undefined || !text.endsWith('\n')) {
      const first = head ?? JSON.stringify({ kind, version, ...identity });
      const whole = [first, ...rest].map((line) => `${line}\n`).join('');
      await writeFileAtomic(path, [Buffer.from(whole)]);
    }
    return new SearchState(path, trials);
  }

  /** Adds a trial; returns when it is on the disk. */
  async append(trial: Trial): Promise<void> {
    try {
      const file = await open(this.path, 'a');
      try {
        await file.appendFile(`${JSON.stringify(trial)}\n`);
        await file.sync();
      } finally {
        await file.close();
      }
    } catch (error) {
      throw new InvalidInputError(describeFileError('write', this.path, error), { cause: error });
    }
  }
}

function checkIdentity(head: unknown, identity: Identity, file: string): void {
  const found = (typeof head === 'object' && head !== null ? head : {}) as Record<string, unknown>;
  if (found.kind !== kind) throw new FormatError('this is not the state of a search', { file });
  if (found.version !== version) {
    throw new FormatError(
      `state of version ${String(found.version)}; this soapstone reads version ${version}`,
      { file },
    );
  }
  for (const name of ['space', 'method', 'seed', 'problem'] as const) {
    // By way of JSON, as the file has it.
    const [theirs, ours] = [JSON.stringify(found[name]), JSON.stringify(identity[name])];
    if (theirs === ours) continue;
    throw new InvalidInputError(
      `${file} is the state of another search: its ${name} is ${theirs}, not ${ours}; name another file to begin anew`,
      { path: 'state' },
    );
  }
}

function trialOf(line: unknown, file: string, index: number): Trial {
  try {
    const trial = validate(trialSchema, line);
    if (trial.trial === index) return trial;
    throw new InvalidInputError(`expected trial ${index}, got ${trial.trial}`);
  } catch (error) {
    throw new FormatError((error as Error).message, { file, line: index + 2, cause: error });
  }
}

function parse(line: string, file: string, number: number): unknown {
  try {
    return JSON.parse(line) as unknown;
  } catch (error) {
    throw new FormatError(`expected JSON: ${(error as Error).message}`, {
      file,
      line: number,
      cause: error,
    });
  }
}
