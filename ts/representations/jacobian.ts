import { checkMemory } from '../common/memory';
import type { MemoryOptions } from '../common/memory';
import { InvalidInputError } from '../errors';
import { callAsync, callSync } from '../native/call';
import type { AsyncOptions, SyncOptions } from '../native/call';
import type { JacobianHandle } from '../native/contract';
import { native } from '../native/load';

/** A range of centres: atoms of the batch from `from` to `to` − 1. */
export interface CentreRange {
  readonly from?: number | undefined;
  readonly to?: number | undefined;
}

/** Where rows of a Jacobian go. */
export interface JacobianOutputOptions extends MemoryOptions {
  /** Array to fill instead of a new one, rows × 3 × F or longer; what is returned is then a view of it. */
  readonly out?: Float64Array | undefined;
}

/**
 * ∂features/∂r as sparse rows: for each centre i one row, 3 × F (x, y, z), for every atom whose motion changes
 * the features of i: i itself and its neighbours, ascending. Indices count the atoms of the structures laid
 * end to end.
 */
export class Jacobian {
  readonly #handle: JacobianHandle;
  /** Number of features F. */
  readonly features: number;
  /** Number of rows in all. */
  readonly rows: number;
  /** A + 1: rows of centre i are first[i] … first[i + 1] − 1. */
  readonly first: Float64Array;
  /** The atom that moves, for each row. */
  readonly moved: Int32Array;

  /** Made by the representation. */
  constructor(handle: JacobianHandle, atoms: number, features: number) {
    this.#handle = handle;
    this.features = features;
    this.rows = native().jacobianRowCount(handle);
    this.first = new Float64Array(atoms + 1);
    this.moved = new Int32Array(this.rows);
    native().jacobianRows(handle, this.first, this.moved);
  }

  /** Bytes that the rows of these centres take. */
  bytes(range: CentreRange = {}): number {
    const { from, to } = this.#range(range);
    return 8 * 3 * this.features * (this.first[to]! - this.first[from]!);
  }

  /**
   * Computes the rows of the centres in a range, all by default: rows × 3 × F.
   *
   * @throws MemoryLimitError when a new array would be larger than `memoryLimit`.
   */
  async compute(
    range: CentreRange = {},
    options: AsyncOptions & JacobianOutputOptions = {},
  ): Promise<Float64Array> {
    const { from, to, values } = this.#allocate(range, options);
    await callAsync(
      (call) => native().computeJacobian(this.#handle, from, to, values, call),
      options,
    );
    return values;
  }

  /** The same on the calling thread, which waits for it. */
  computeSync(
    range: CentreRange = {},
    options: SyncOptions & JacobianOutputOptions = {},
  ): Float64Array {
    const { from, to, values } = this.#allocate(range, options);
    callSync((call) => native().computeJacobian(this.#handle, from, to, values, call), options);
    return values;
  }

  #allocate(range: CentreRange, { memoryLimit, out }: JacobianOutputOptions) {
    const bytes = this.bytes(range);
    const size = bytes / 8;
    if (out === undefined) checkMemory(bytes, memoryLimit, 'the rows of the Jacobian');
    if (out !== undefined && out.length < size) {
      throw new InvalidInputError(`expected at least ${size} numbers, got ${out.length}`, {
        path: 'out',
      });
    }
    return { ...this.#range(range), values: out ? out.subarray(0, size) : new Float64Array(size) };
  }

  #range({ from = 0, to = this.first.length - 1 }: CentreRange) {
    const atoms = this.first.length - 1;
    if (Number.isInteger(from) && Number.isInteger(to) && 0 <= from && from <= to && to <= atoms) {
      return { from, to };
    }
    throw new InvalidInputError(`expected a range within 0 … ${atoms}, got ${from} … ${to}`, {
      path: 'range',
    });
  }
}
