import { checkMemory, memoryKeys } from '../common/memory';
import type { MemoryOptions } from '../common/memory';
import { asyncKeys, checkOptions, syncKeys } from '../common/options';
import type { KeysOf } from '../common/options';
import { integerBetween, validate } from '../common/validation';
import { InvalidInputError } from '../errors';
import { callAsync, callSync } from '../native/call';
import type { AsyncOptions, SyncOptions } from '../native/call';
import { native } from '../native/load';

/** Real spherical harmonics of N vectors, (l_max + 1)² of them each; Y_lm is at index l² + l + m. */
export interface Harmonics {
  /** N × (l_max + 1)². */
  readonly values: Float64Array;
  /**
   * N × 3 × (l_max + 1)²: the derivatives of Y_lm(r/|r|) in the components of r, in the inverse of its unit.
   * Undefined unless asked for.
   */
  readonly gradients: Float64Array | undefined;
}

/** What is computed, and where it goes. */
export interface HarmonicsOptions extends MemoryOptions {
  /** Whether to compute derivatives, too. Default: whether `out` has an array for them. */
  readonly gradients?: boolean | undefined;
  /** Arrays of the right sizes to be filled and returned, instead of new ones. */
  readonly out?:
    | { readonly values?: Float64Array | undefined; readonly gradients?: Float64Array | undefined }
    | undefined;
}

const harmonicsKeys: KeysOf<HarmonicsOptions> = { ...memoryKeys, gradients: true, out: true };
const runKeys = { ...harmonicsKeys, ...asyncKeys };
const runSyncKeys = { ...harmonicsKeys, ...syncKeys };

/** Made once: to make it takes as long as the harmonics of hundreds of vectors. */
const angular = integerBetween(0, 24);

/**
 * Real spherical harmonics of the directions of N vectors for l = 0 … `maxAngular` ≤ 24, m = −l … l, orthonormal
 * on the sphere, without the Condon–Shortley phase: l = 1 is √(3/4π) (y, z, x)/r. These are the values and
 * gradients of sphericart's `SphericalHarmonics` (F. Bigi et al., J. Chem. Phys. 159, 064802, 2023). Runs off the
 * event loop; `vectors` must not change meanwhile. Progress counts blocks of vectors.
 *
 * The vectors may have any length. One of length zero has no direction: all is NaN for it but Y_00 itself. What
 * is not finite gives NaN.
 *
 * @param vectors N × 3 numbers.
 * @throws InvalidInputError when an argument or option is not valid.
 * @throws MemoryLimitError when the result would take more than `memoryLimit` bytes.
 * @throws AbortError when the signal is aborted.
 */
export async function sphericalHarmonics(
  vectors: Float64Array,
  maxAngular: number,
  options: HarmonicsOptions & AsyncOptions = {},
): Promise<Harmonics> {
  checkOptions(options, runKeys);
  const { values, gradients } = prepare(vectors, maxAngular, options);
  await callAsync(
    (call) => native().sphericalHarmonics(vectors, maxAngular, values, gradients, call),
    options,
  );
  return { values, gradients };
}

/** The same on the calling thread, which waits for it. See {@link sphericalHarmonics}. */
export function sphericalHarmonicsSync(
  vectors: Float64Array,
  maxAngular: number,
  options: HarmonicsOptions & SyncOptions = {},
): Harmonics {
  checkOptions(options, runSyncKeys);
  const { values, gradients } = prepare(vectors, maxAngular, options);
  callSync(
    (call) => native().sphericalHarmonics(vectors, maxAngular, values, gradients, call),
    options,
  );
  return { values, gradients };
}

/** Checks the arguments and allocates what `out` does not bring. */
function prepare(vectors: Float64Array, maxAngular: number, options: HarmonicsOptions): Harmonics {
  if (!isFloat64Array(vectors) || vectors.length % 3 !== 0) {
    throw new InvalidInputError('expected a Float64Array of N × 3 numbers', { path: 'vectors' });
  }
  validate(angular, maxAngular, 'maxAngular');
  const { out = {}, memoryLimit } = options;
  const wanted = options.gradients ?? out.gradients !== undefined;
  const size = (vectors.length / 3) * (maxAngular + 1) ** 2;
  checkOut(out.values, size, 'out.values');
  if (wanted) checkOut(out.gradients, 3 * size, 'out.gradients');
  const fresh = (out.values ? 0 : size) + (wanted && !out.gradients ? 3 * size : 0);
  checkMemory(8 * fresh, memoryLimit, 'spherical harmonics');
  return {
    values: out.values ?? new Float64Array(size),
    gradients: wanted ? (out.gradients ?? new Float64Array(3 * size)) : undefined,
  };
}

function checkOut(array: Float64Array | undefined, size: number, path: string): void {
  if (array === undefined || (isFloat64Array(array) && array.length === size)) return;
  throw new InvalidInputError(`expected a Float64Array of ${size} numbers`, { path });
}

/** True for one of another realm, too. */
const isFloat64Array = (value: unknown): value is Float64Array =>
  Object.prototype.toString.call(value) === '[object Float64Array]';
