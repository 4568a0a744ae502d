import { readFile, realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import { AtomicFile } from '../common/atomic-file';
import { describeFileError } from '../common/files';
import { parseUniqueJson } from '../common/json';
import { FormatError, InvalidInputError, SoapstoneError } from '../errors';
import { iterateStructures, readStructures } from '../structures/extxyz';
import type { Structure } from '../structures/structure';

/** Reads all structures of some files, in order. */
export async function readAll(files: readonly string[], signal: AbortSignal): Promise<Structure[]> {
  const structures: Structure[] = [];
  for (const file of files) {
    for (const structure of await readStructures(file, { signal })) structures.push(structure);
  }
  return structures;
}

/** Reads structures of some files one at a time. @throws FormatError for a file without any. */
export async function* iterateAll(
  files: readonly string[],
  signal: AbortSignal,
): AsyncGenerator<Structure> {
  for (const file of files) {
    let count = 0;
    for await (const structure of iterateStructures(file, { signal })) {
      count++;
      yield structure;
    }
    if (count === 0) throw new FormatError('there are no structures in this file', { file });
  }
}

/** Fails for files that cannot be read a second time. */
export async function checkReadAgain(files: readonly string[]): Promise<void> {
  for (const file of files) {
    const about = await stat(file).catch(() => undefined);
    if (about === undefined || about.isFile() || about.isDirectory()) continue;
    throw new InvalidInputError(
      `${file} is a pipe or device, and structures are read twice: write them to a file first`,
    );
  }
}

/** Groups of consecutive structures with at most so many atoms in all; a larger structure goes alone. */
export async function* grouped(
  structures: AsyncIterable<Structure>,
  maxAtoms: number,
): AsyncGenerator<Structure[]> {
  let group: Structure[] = [];
  let atoms = 0;
  for await (const structure of structures) {
    if (group.length > 0 && atoms + structure.length > maxAtoms) {
      yield group;
      group = [];
      atoms = 0;
    }
    group.push(structure);
    atoms += structure.length;
  }
  if (group.length > 0) yield group;
}

/**
 * Reads a configuration and checks it.
 *
 * @param check validates what the file holds; what it throws is said to be about the file.
 */
export async function readConfig<Config>(
  file: string,
  check: (config: unknown) => Config,
): Promise<Config> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw new InvalidInputError(describeFileError('read', file, error), { cause: error });
  });
  const config = parseJson(text, file);
  try {
    return check(config);
  } catch (error) {
    if (!SoapstoneError.is(error)) throw error;
    throw new FormatError(error.message, { file, cause: error });
  }
}

/**
 * Fails at once, and not after the work, when a file cannot be written, is one of the inputs or is another output,
 * be it by another name; leaves nothing behind.
 *
 * @param outputs all that the command writes; undefined: a flag that was not given.
 * @param inputs all that it reads.
 */
export async function checkOutputs(
  outputs: readonly (string | undefined)[],
  inputs: readonly (string | undefined)[],
): Promise<void> {
  const taken = new Map<string, { readonly name: string; readonly isInput: boolean }>();
  for (const name of inputs) {
    if (name !== undefined) taken.set(await identityOf(name), { name, isInput: true });
  }
  const named = outputs.filter((name) => name !== undefined);
  for (const name of named) {
    // Nothing is lost in a device or pipe.
    if (!(await isReplaced(name))) continue;
    const identity = await identityOf(name);
    const other = taken.get(identity);
    if (other) {
      const both = other.name === name ? name : `${other.name}, which is the same file as ${name},`;
      throw new InvalidInputError(
        other.isInput
          ? `${both} is to be read and cannot be the output too`
          : `${both} cannot be two outputs at once: name another file`,
      );
    }
    taken.set(identity, { name, isInput: false });
  }
  for (const name of named) await (await AtomicFile.create(name)).discard();
}

/** Whether writing puts a new file there. */
async function isReplaced(name: string): Promise<boolean> {
  const existing = await stat(name).catch(() => undefined);
  return existing === undefined || existing.isFile();
}

/** The same for all names of a file, through symbolic links; of a file that is not there yet by its folder. */
async function identityOf(name: string): Promise<string> {
  const absolute = path.resolve(name);
  const folder = () => realpath(path.dirname(absolute));
  return realpath(absolute)
    .catch(async () => path.join(await folder(), path.basename(absolute)))
    .catch(() => absolute);
}

function parseJson(text: string, file: string): unknown {
  try {
    return parseUniqueJson(text);
  } catch (error) {
    const { message } = error as Error;
    const position = /position (\d+)/.exec(message)?.[1];
    const line = position && text.slice(0, Number(position)).split('\n').length;
    throw new FormatError(`expected JSON: ${message}`, {
      file,
      ...(line !== undefined && { line: Number(line) }),
      cause: error,
    });
  }
}
