import type { AsyncOptions } from '../../native/call';
import type { Structure } from '../../structures/structure';
import { amplitudeOf } from '../amplitude';
import type { PropertyErrors } from './errors';
import type { PropertyModel } from './property-model';

/** More structures than this do not make the calibration of uncertainties better. */
const calibrationStructures = 1000;

/** What held-out structures say of a model. */
export interface Judgement {
  readonly errors: PropertyErrors;
  /** Undefined where they are too few to tell it. */
  readonly amplitude: number | undefined;
}

/**
 * Errors on held-out structures, and the amplitude that makes uncertainties agree with them.
 *
 * @param weights of their samples.
 */
export async function judge(
  model: PropertyModel,
  heldOut: readonly Structure[],
  weights: Float64Array | undefined,
  run: AsyncOptions,
): Promise<Judgement | undefined> {
  if (heldOut.length === 0) return undefined;
  const { errors } = await model.evaluate(heldOut, run);
  const some = heldOut.slice(0, calibrationStructures);
  const { parity, uncertainties } = await model.evaluate(some, { ...run, uncertainty: true });
  const off = parity.reference.map((y, c) => parity.predicted[c]! - y);
  const counted = weights?.subarray(0, uncertainties!.length);
  return { errors, amplitude: amplitudeOf(off, uncertainties!, counted) };
}
