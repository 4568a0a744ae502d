import { MemoryLimitError } from '../errors';
import type { KeysOf } from './options';

/** How much memory a result may take. */
export interface MemoryOptions {
  /** Largest result in bytes. Default 4 GiB. */
  readonly memoryLimit?: number | undefined;
}

export const memoryKeys: KeysOf<MemoryOptions> = { memoryLimit: true };

const defaultMemoryLimit = 4 * 2 ** 30;

/**
 * @param what names the result in the plural.
 * @param name what the limit is called where the user sets it.
 * @throws MemoryLimitError when a result would be too large.
 */
export function checkMemory(
  bytes: number,
  limit = defaultMemoryLimit,
  what: string,
  remedy = 'work on fewer structures at a time',
  name = 'memoryLimit',
): void {
  if (bytes <= limit) return;
  throw new MemoryLimitError(
    `${what} take ${inUnits(bytes)}, more than the limit of ${inUnits(limit)}: ${remedy}, or raise ${name}`,
    { bytes, limit },
  );
}

function inUnits(bytes: number): string {
  const power = Math.max(0, Math.min(3, Math.floor(Math.log2(bytes) / 10)));
  return `${Number((bytes / 2 ** (10 * power)).toPrecision(3))} ${['B', 'KiB', 'MiB', 'GiB'][power]}`;
}
