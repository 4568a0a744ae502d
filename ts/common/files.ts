import { open } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { InvalidInputError } from '../errors';

/** Where a file is: a path, or a URL that begins with `file:`. */
export type FilePath = string | URL;

/** Whether it is a string or a URL; of any realm, as Node tells URLs. */
export const isFilePath = (value: unknown): value is FilePath =>
  typeof value === 'string' ||
  (typeof value === 'object' && value !== null && 'href' in value && 'protocol' in value);

/** @throws InvalidInputError, naming the argument, for what is no path and no URL of a file. */
export function pathOf(file: FilePath, argument = 'path'): string {
  if (typeof file === 'string' && file !== '') return file;
  try {
    return fileURLToPath(file);
  } catch (cause) {
    throw new InvalidInputError(
      `expected a path or a URL of a file, got ${file === '' ? 'an empty name' : String(file)}`,
      {
        path: argument,
        cause,
      },
    );
  }
}

/** One system call transfers at most 2^31 − 1 bytes. */
export const maxTransfer = 2 ** 30;

/** Reads a whole file of any size. */
export async function readWholeFile(path: string): Promise<Uint8Array> {
  try {
    const handle = await open(path, 'r');
    try {
      const about = await handle.stat();
      // A pipe has no size.
      if (!about.isFile()) return await handle.readFile();
      const bytes = new Uint8Array(about.size);
      for (let done = 0; done < bytes.length;) {
        const length = Math.min(bytes.length - done, maxTransfer);
        const { bytesRead } = await handle.read(bytes, done, length, done);
        if (bytesRead === 0) return bytes.subarray(0, done);
        done += bytesRead;
      }
      return bytes;
    } finally {
      await handle.close();
    }
  } catch (error) {
    throw new InvalidInputError(describeFileError('read', path, error), { cause: error });
  }
}

/** Says in words why a file could not be read or written. */
export function describeFileError(verb: 'read' | 'write', path: string, error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  const reason = ((): string => {
    switch (code) {
      case 'ENOENT':
        return `no such file or directory (working directory: ${process.cwd()})`;
      case 'EISDIR':
        return 'it is a directory';
      case 'EEXIST':
        return 'it is there and is no directory';
      case 'ENOTDIR':
        return 'a part of the path is not a directory';
      case 'EACCES':
      case 'EPERM':
        return 'permission denied';
      case 'ENOSPC':
      case 'EDQUOT':
        return 'no space left on the disk';
      case 'EFBIG':
        return 'it would be larger than files may be here (ulimit -f)';
      case 'EROFS':
        return 'the disk is read-only';
      case 'ENAMETOOLONG':
        return 'its name is too long';
      default:
        return message;
    }
  })();
  return `cannot ${verb} ${path}: ${reason}`;
}
