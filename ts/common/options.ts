import { InvalidInputError } from '../errors';
import type { AsyncOptions, SyncOptions } from '../native/call';

/** Names of all options of an interface, of which the compiler misses none. */
export type KeysOf<Options> = Readonly<Record<keyof Options, true>>;

export const syncKeys: KeysOf<SyncOptions> = { threads: true };
export const asyncKeys: KeysOf<AsyncOptions> = { ...syncKeys, signal: true, onProgress: true };

/**
 * Options as they were given, among which there is none that nobody would read: a misspelt one would change nothing, and
 * programs without types would not learn of it.
 *
 * @param path where they stand, if they are themselves an option.
 * @throws InvalidInputError naming the one that is not known, and those that are.
 */
export function checkOptions<Options extends object>(
  given: Options,
  keys: KeysOf<Options>,
  path?: string,
): Options {
  if (typeof given !== 'object' || given === null) {
    throw new InvalidInputError(`expected an object, got ${String(given)}`, {
      path: path ?? 'options',
    });
  }
  for (const [key, value] of Object.entries(given)) {
    if (Object.hasOwn(keys, key)) {
      checkSteering(key, value);
      continue;
    }
    throw new InvalidInputError(
      `unknown option, expected one of ${Object.keys(keys).sort().join(', ')}`,
      { path: path === undefined ? key : `${path}.${key}` },
    );
  }
  return given;
}

/** What is the same wherever there is an option of this name. */
function checkSteering(key: string, value: unknown): void {
  if (value === undefined) return;
  const isSignal = typeof value === 'object' && value !== null && 'aborted' in value;
  if (key === 'signal' && !isSignal) {
    throw new InvalidInputError('expected an AbortSignal', { path: key });
  }
  if (key === 'onProgress' && typeof value !== 'function') {
    throw new InvalidInputError('expected a function', { path: key });
  }
}
