import { randomUUID } from 'node:crypto';
import { unlinkSync } from 'node:fs';
import { open, realpath, rename, stat, unlink } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { InvalidInputError } from '../errors';
import { describeFileError, maxTransfer } from './files';

/** Paths of files that are being written and have not been committed or discarded. */
const pending = new Set<string>();

/**
 * A file that appears under its name only when it is complete: what is written goes to a temporary file beside
 * it, which {@link commit} renames and {@link discard} removes.
 */
export class AtomicFile {
  private constructor(
    private readonly path: string,
    /** Undefined for a device or pipe, which is written directly. */
    private readonly temporary: string | undefined,
    private readonly handle: FileHandle,
  ) {}

  /** @throws InvalidInputError when no file can be made there. */
  static async create(path: string): Promise<AtomicFile> {
    try {
      const existing = await stat(path).catch(() => undefined);
      if (existing !== undefined && !existing.isFile()) {
        // A directory fails here, at the beginning of the work, and not in the final rename.
        return new AtomicFile(path, undefined, await open(path, 'w'));
      }
      const target = existing ? await realpath(path) : path;
      const temporary = join(dirname(target), temporaryName(basename(target)));
      const handle = await open(temporary, 'wx');
      pending.add(temporary);
      return new AtomicFile(target, temporary, handle);
    } catch (error) {
      throw new InvalidInputError(describeFileError('write', path, error), { cause: error });
    }
  }

  /** Writes at the end. */
  async append(bytes: Uint8Array): Promise<void> {
    await this.named(async () => {
      for (let done = 0; done < bytes.length;) {
        const length = Math.min(bytes.length - done, maxTransfer);
        done += (await this.handle.write(bytes, done, length)).bytesWritten;
      }
    });
  }

  /** Overwrites the first bytes; what is appended next still goes to the end. */
  async overwriteStart(bytes: Uint8Array): Promise<void> {
    await this.named(() => this.handle.write(bytes, 0, bytes.length, 0));
  }

  /** Puts the finished file in its place, replacing what was there. */
  async commit(): Promise<void> {
    const { temporary, handle, path } = this;
    if (temporary === undefined) return handle.close();
    await this.named(async () => {
      await handle.sync();
      await handle.close();
      await rename(temporary, path);
    });
    pending.delete(temporary);
  }

  /** Errors of the system, such as a full disk, with the path in them. */
  private async named<T>(action: () => Promise<T>): Promise<T> {
    try {
      return await action();
    } catch (error) {
      throw new InvalidInputError(describeFileError('write', this.path, error), { cause: error });
    }
  }

  /** Removes what was written; harmless after {@link commit}. */
  async discard(): Promise<void> {
    await this.handle.close().catch(() => undefined);
    if (this.temporary === undefined || !pending.delete(this.temporary)) return;
    await unlink(this.temporary).catch(() => undefined);
  }
}

/** Longest name of a file on most systems, in bytes. */
const maxNameBytes = 255;

/** A hidden name that no other writer takes, and no longer than names may be. */
function temporaryName(name: string): string {
  const ending = `.${randomUUID().slice(0, 8)}.tmp`;
  const characters = [...`.${name}`];
  while (Buffer.byteLength(characters.join('')) > maxNameBytes - ending.length) characters.pop();
  return characters.join('') + ending;
}

/** Writes a whole file, or none. */
export async function writeFileAtomic(path: string, parts: Iterable<Uint8Array>): Promise<void> {
  const file = await AtomicFile.create(path);
  try {
    for (const part of parts) await file.append(part);
    await file.commit();
  } finally {
    await file.discard();
  }
}

/** Removes the temporary files of all unfinished writers at once: for a program about to exit on a signal. */
export function discardPendingFiles(): void {
  for (const path of pending) {
    try {
      unlinkSync(path);
    } catch {
      // Someone else removed it: nothing is left, which is what was asked for.
    }
  }
  pending.clear();
}
