import type { AsyncOptions } from '../../native/call';
import type { Structure } from '../../structures/structure';
import { amplitudeFor } from '../committee';
import type { PropertyErrors } from './errors';
import type { PropertyModel } from './property-model';

/** More structures than this do not make the calibration of uncertainties better. */
const calibrationStructures = 1000;

/** Errors on held-out structures, and the amplitude that makes uncertainties agree with them. */
export async function judge(
  model: PropertyModel,
  heldOut: readonly Structure[],
  run: AsyncOptions,
): Promise<{ readonly errors: PropertyErrors; readonly amplitude: number } | undefined> {
  if (heldOut.length === 0) return undefined;
  const { errors } = await model.evaluate(heldOut, run);
  const some = heldOut.slice(0, calibrationStructures);
  const { parity, uncertainties } = await model.evaluate(some, { ...run, uncertainty: true });
  const components = parity.reference.length / uncertainties!.length;
  const ratios = parity.reference.map(
    (y, c) => Math.abs(parity.predicted[c]! - y) / uncertainties![Math.floor(c / components)]!,
  );
  const amplitude = amplitudeFor(ratios);
  return { errors, amplitude: amplitude > 0 && Number.isFinite(amplitude) ? amplitude : 1 };
}
