import type { AsyncOptions } from '../../native/call';
import type { Structure } from '../../structures/structure';
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

/** Fewer errors than this say little about how many are large. */
const fewestForQuantiles = 100;

/**
 * The variance by which |error|/σ is to be divided so that one and two standard deviations hold 68.3 % and 95.4 % of
 * the errors. A single factor cannot do both where errors have heavier tails than a Gaussian: it is the geometric
 * mean of the two. Of few errors it is the mean square, which maximises their likelihood.
 */
export function amplitudeFor(ratios: Float64Array): number {
  if (ratios.length < fewestForQuantiles) {
    return ratios.reduce((sum, z) => sum + z * z, 0) / ratios.length;
  }
  const sorted = Float64Array.from(ratios).sort();
  const quantile = (part: number) => sorted[Math.floor(part * (sorted.length - 1))]!;
  return (quantile(0.683) * quantile(0.954)) / 2;
}
