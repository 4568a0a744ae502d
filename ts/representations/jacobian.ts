import { asyncKeys, checkOptions, syncKeys } from '../common/options';
import type { KeysOf } from '../common/options';
import { InvalidInputError } from '../errors';
import { callAsync, callSync } from '../native/call';
import type { AsyncOptions, SyncOptions } from '../native/call';
import type { JacobianHandle } from '../native/contract';
import { native } from '../native/load';
import { allocateOutput, bytesOfNumbers, outputKeys, precisionKeys } from './output';
import type { OutputOptions, Precision, PrecisionArrays, PrecisionOptions } from './output';

/** A range of centres: atoms of the batch from `from` to `to` − 1. */
export interface CentreRange {
  readonly from?: number | undefined;
  readonly to?: number | undefined;
}

const rangeKeys: KeysOf<CentreRange> = { from: true, to: true };
const computeKeys = { ...asyncKeys, ...outputKeys };
const computeSyncKeys = { ...syncKeys, ...outputKeys };

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

  private constructor(
    handle: JacobianHandle,
    features: number,
    first: Float64Array,
    moved: Int32Array,
  ) {
    this.#handle = handle;
    this.features = features;
    this.rows = moved.length;
    this.first = first;
    this.moved = moved;
  }

  /** Made by the representation, for the features of so many atoms. */
  static async create(handle: JacobianHandle, atoms: number, features: number): Promise<Jacobian> {
    const first = new Float64Array(atoms + 1);
    const moved = new Int32Array(native().jacobianRowCount(handle));
    await callAsync((call) => native().jacobianRows(handle, first, moved, call));
    return new Jacobian(handle, features, first, moved);
  }

  /** Bytes that the rows of these centres take. */
  bytes(range: CentreRange = {}, options: PrecisionOptions = {}): number {
    checkOptions(options, precisionKeys);
    return bytesOfNumbers(this.#size(this.#range(range)), options);
  }

  /**
   * Computes the rows of the centres in a range, all by default: rows × 3 × F.
   *
   * @throws MemoryLimitError when a new array would be larger than `memoryLimit`.
   */
  async compute<P extends Precision = 'float64'>(
    range: CentreRange = {},
    options: AsyncOptions & OutputOptions<P> = {},
  ): Promise<PrecisionArrays[P]> {
    checkOptions(options, computeKeys);
    const { from, to, values } = this.#allocate(range, options);
    await callAsync(
      (call) => native().computeJacobian(this.#handle, from, to, values, call),
      options,
    );
    return values;
  }

  /** The same on the calling thread, which waits for it. */
  computeSync<P extends Precision = 'float64'>(
    range: CentreRange = {},
    options: SyncOptions & OutputOptions<P> = {},
  ): PrecisionArrays[P] {
    checkOptions(options, computeSyncKeys);
    const { from, to, values } = this.#allocate(range, options);
    callSync((call) => native().computeJacobian(this.#handle, from, to, values, call), options);
    return values;
  }

  #allocate<P extends Precision>(range: CentreRange, options: OutputOptions<P>) {
    const { from, to } = this.#range(range);
    const values = allocateOutput(this.#size({ from, to }), 'the rows of the Jacobian', options);
    return { from, to, values };
  }

  #size({ from, to }: { readonly from: number; readonly to: number }): number {
    return 3 * this.features * (this.first[to]! - this.first[from]!);
  }

  #range(range: CentreRange) {
    const { from = 0, to = this.first.length - 1 } = checkOptions(range, rangeKeys);
    const atoms = this.first.length - 1;
    if (Number.isInteger(from) && Number.isInteger(to) && 0 <= from && from <= to && to <= atoms) {
      return { from, to };
    }
    throw new InvalidInputError(`expected a range within 0 … ${atoms}, got ${from} … ${to}`, {
      path: 'range',
    });
  }
}
