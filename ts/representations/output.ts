import { checkMemory, memoryKeys } from '../common/memory';
import type { MemoryOptions } from '../common/memory';
import { InvalidInputError } from '../errors';
import { elementBytes, elementTypeOf } from '../common/element-types';
import type { KeysOf } from '../common/options';

/**
 * How numbers are stored. All are computed in double precision; `float32` rounds each when it is stored, to a
 * relative 2^−24 = 6·10^−8, and takes half the memory. (Numbers below 10^−38 are rounded to multiples of
 * 10^−45.)
 */
export type Precision = 'float64' | 'float32';

/** The array that holds numbers of a precision. */
export interface PrecisionArrays {
  readonly float64: Float64Array;
  readonly float32: Float32Array;
}

/** How numbers are stored; without options, as float64. */
export interface PrecisionOptions<P extends Precision = Precision> {
  /** Default `float64`. */
  readonly precision?: P | undefined;
}

/** Where numbers go, and how they are stored. */
export interface OutputOptions<P extends Precision = Precision>
  extends MemoryOptions, PrecisionOptions<P> {
  /**
   * Array of that precision to fill instead of a new one, as long as the result or longer; the result is then a
   * view of it. New memory is slow to touch for the first time: who computes batch by batch should give the same
   * array every time.
   */
  readonly out?: PrecisionArrays[P] | undefined;
}

export const precisionKeys: KeysOf<PrecisionOptions> = { precision: true };
export const outputKeys: KeysOf<OutputOptions> = { ...memoryKeys, ...precisionKeys, out: true };

const elementTypes = { float64: 'f64', float32: 'f32' } as const;

/** Bytes of so many numbers. @throws InvalidInputError for an unknown precision. */
export function bytesOfNumbers(count: number, { precision = 'float64' }: PrecisionOptions): number {
  return count * elementBytes(elementTypes[checkPrecision(precision)]);
}

/**
 * The array for a result of so many numbers: what was given, or a new one.
 *
 * @param what names the numbers, in the plural.
 * @throws MemoryLimitError when a new array would be larger than `memoryLimit`.
 */
export function allocateOutput<P extends Precision>(
  count: number,
  what: string,
  options: OutputOptions<P>,
): PrecisionArrays[P] {
  const precision: Precision = checkPrecision(options.precision ?? 'float64');
  const { out, memoryLimit } = options;
  if (out === undefined) {
    checkMemory(bytesOfNumbers(count, options), memoryLimit, what);
    const array = precision === 'float64' ? new Float64Array(count) : new Float32Array(count);
    return array as PrecisionArrays[P];
  }
  const type = elementTypeOf(out);
  if (type !== elementTypes[precision] || out.length < count) {
    throw new InvalidInputError(
      `expected at least ${count} numbers in ${precision}, got ${out.length} in ${type ?? 'no typed array'}`,
      { path: 'out' },
    );
  }
  return out.subarray(0, count) as PrecisionArrays[P];
}

function checkPrecision(precision: Precision): Precision {
  if (precision in elementTypes) return precision;
  throw new InvalidInputError(`expected float64 or float32, got ${JSON.stringify(precision)}`, {
    path: 'precision',
  });
}
