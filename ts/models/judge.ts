import type { AsyncOptions } from '../native/call';
import type { DataSet } from './data-set';
import { compare, errorsOf } from './evaluation';
import type { Errors } from './evaluation';
import type { Potential } from './potential';

/** More structures than this do not make the calibration of uncertainties better. */
const calibrationStructures = 200;

/**
 * Errors on held-out structures, and the variance of the prior that makes predicted variances of their energies
 * agree with the errors on average.
 */
export async function judge(
  potential: Potential,
  heldOut: DataSet,
  run: AsyncOptions,
): Promise<{ errors: Errors; amplitude: number }> {
  if (heldOut.structures.length === 0) return { errors: {}, amplitude: 1 };
  const errors = await errorsOn(potential, heldOut, run);
  const { energies } = heldOut.targets;
  if (!energies) return { errors, amplitude: 1 };
  const predictions = await potential.predict(heldOut.structures.slice(0, calibrationStructures), {
    ...run,
    forces: false,
    stress: false,
    uncertainty: true,
  });
  const ratios = predictions.map(
    ({ energy, energyUncertainty }, s) => ((energy - energies[s]!) / energyUncertainty!) ** 2,
  );
  return { errors, amplitude: ratios.reduce((sum, ratio) => sum + ratio, 0) / ratios.length };
}

/** Errors of a potential on labelled structures. */
export async function errorsOn(
  potential: Potential,
  { structures, targets }: DataSet,
  run: AsyncOptions,
): Promise<Errors> {
  const predictions = await potential.predict(structures, {
    ...run,
    forces: targets.forces.some(Boolean),
    stress: targets.stresses.some(Boolean),
  });
  return errorsOf(compare(structures, targets, predictions));
}
