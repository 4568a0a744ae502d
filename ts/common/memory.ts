import { MemoryLimitError } from '../errors';

/** How much memory a result may take. */
export interface MemoryOptions {
  /** Largest result in bytes. Default 4 GiB. */
  readonly memoryLimit?: number | undefined;
}

const defaultMemoryLimit = 4 * 2 ** 30;

/** @throws MemoryLimitError when a result would be too large; `what` names it in the plural. */
export function checkMemory(
  bytes: number,
  limit = defaultMemoryLimit,
  what: string,
  remedy = 'work on fewer structures at a time',
): void {
  if (bytes <= limit) return;
  const gigabytes = (n: number) => `${(n / 2 ** 30).toPrecision(3)} GiB`;
  throw new MemoryLimitError(
    `${what} take ${gigabytes(bytes)}, more than the limit of ${gigabytes(limit)}: ${remedy}, or raise memoryLimit`,
    { bytes, limit },
  );
}
