import { MemoryLimitError } from '../errors';

/** How much memory a result may take. */
export interface MemoryOptions {
  /** Largest result in bytes. Default 4 GiB. */
  readonly memoryLimit?: number | undefined;
}

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
  const gigabytes = (n: number) => `${(n / 2 ** 30).toPrecision(3)} GiB`;
  throw new MemoryLimitError(
    `${what} take ${gigabytes(bytes)}, more than the limit of ${gigabytes(limit)}: ${remedy}, or raise ${name}`,
    { bytes, limit },
  );
}
