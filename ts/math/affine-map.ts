import type { Matrix } from '../common/matrix';
import { throwIfAborted } from '../errors';
import { callAsync, callSync } from '../native/call';
import type { AsyncOptions, SyncOptions } from '../native/call';
import { native } from '../native/load';

/** x → x A + b for rows x. */
export interface AffineMap {
  /** A, M × T. */
  readonly matrix: Matrix;
  /** b, T numbers. Default zeros. */
  readonly constant?: Float64Array | undefined;
}

/**
 * Maps rows, N × M, to N × T. What becomes of one does not depend on those beside it. Runs off the event loop, except for
 * a few rows, which are mapped sooner than another thread would wake.
 */
export async function mapRows(
  { values, shape: [rows, depth] }: Matrix,
  { matrix, constant }: AffineMap,
  options: AsyncOptions = {},
): Promise<Matrix> {
  if (rows * depth * matrix.shape[1] <= fewProducts) {
    throwIfAborted(options.signal);
    return mapRowsSync({ values, shape: [rows, depth] }, { matrix, constant }, options);
  }
  const out = new Float64Array(rows * matrix.shape[1]);
  await callAsync(
    (run) => native().mapRows(values, depth, matrix.values, constant, out, run),
    options,
  );
  return { values: out, shape: [rows, matrix.shape[1]] };
}

/** Multiplications that take some ten microseconds. */
const fewProducts = 2 ** 17;

/** The same on the calling thread, which waits for it. */
export function mapRowsSync(
  { values, shape: [rows, depth] }: Matrix,
  { matrix, constant }: AffineMap,
  options: SyncOptions = {},
): Matrix {
  const out = new Float64Array(rows * matrix.shape[1]);
  callSync((run) => native().mapRows(values, depth, matrix.values, constant, out, run), options);
  return { values: out, shape: [rows, matrix.shape[1]] };
}
