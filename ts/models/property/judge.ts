import type { AsyncOptions } from '../../native/call';
import { componentsOf } from '../../structures/property';
import type { Structure } from '../../structures/structure';
import { amplitudeOf } from '../amplitude';
import type { PropertyErrors } from './errors';
import { notesOnSuspects } from './outliers';
import type { PropertyModel } from './property-model';

/** More structures than this do not make the calibration of uncertainties better. */
const calibrationStructures = 1000;

/** What held-out structures say of a model. */
export interface Judgement {
  readonly errors: PropertyErrors;
  /** Undefined where they are too few to tell it. */
  readonly amplitude: number | undefined;
  /** What a user should know of their labels. */
  readonly notes: readonly string[];
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
  const { errors, parity: all } = await model.evaluate(heldOut, run);
  const some = heldOut.slice(0, calibrationStructures);
  const { parity, uncertainties } = await model.evaluate(some, { ...run, uncertainty: true });
  const off = parity.reference.map((y, c) => parity.predicted[c]! - y);
  const counted = weights?.subarray(0, uncertainties!.length);
  const residuals = all.reference.map((y, c) => all.predicted[c]! - y);
  const isGaussian = model.config.likelihood.type === 'gaussian';
  const { per, shape } = model.target;
  const centres = per === 'atom' ? heldOut.flatMap(({ species }) => [...species]) : undefined;
  const centreOf = (number: number) => centres?.[Math.floor(number / componentsOf(shape))];
  return {
    errors,
    amplitude: amplitudeOf(off, uncertainties!, counted),
    notes: isGaussian ? notesOnSuspects(residuals, centreOf, model.parts.fitted) : [],
  };
}
