import { concatenated } from '../common/arrays';
import type { Structure } from '../structures/structure';
import type { Targets } from '../structures/targets';
import type { Prediction } from './prediction';

/** Errors of one kind of prediction. */
export interface QuantityErrors {
  /** Mean absolute error. */
  readonly mae: number;
  /** Root-mean-square error. */
  readonly rmse: number;
  /** How many numbers were compared; of labels with weights, the sum of these. */
  readonly count: number;
}

/** Errors of energies in eV/atom, of force components in eV/Å and of stress components in eV/Å³. */
export interface Errors {
  readonly energy?: QuantityErrors;
  readonly forces?: QuantityErrors;
  readonly stress?: QuantityErrors;
}

/** Numbers to hold against each other, one below the other. */
export interface Parity {
  readonly reference: Float64Array;
  readonly predicted: Float64Array;
  /**
   * Standard deviation of each prediction, where it was asked for and is known; NaN for components of forces and stresses
   * that symmetry fixes.
   */
  readonly uncertainty?: Float64Array | undefined;
}

/** What was compared: energies in eV/atom, force components in eV/Å, stress components in eV/Å³. */
export interface Parities {
  readonly energy?: Parity;
  readonly forces?: Parity;
  readonly stress?: Parity;
}

/** Pairs up labels and predictions; a kind of label that no structure has is left out. */
export function compare(
  structures: readonly Structure[],
  targets: Targets,
  predictions: readonly Prediction[],
): Parities {
  const energies = targets.energies && {
    reference: targets.energies.map((energy, s) => energy / structures[s]!.length),
    predicted: Float64Array.from(predictions, ({ energy }, s) => energy / structures[s]!.length),
    ...(predictions[0]?.energyUncertainty !== undefined && {
      uncertainty: Float64Array.from(
        predictions,
        ({ energyUncertainty }, s) => energyUncertainty! / structures[s]!.length,
      ),
    }),
  };
  const forces = pairUp(
    targets.forces,
    predictions.map(({ forces }) => forces),
    predictions.map(({ forcesUncertainty }) => forcesUncertainty),
  );
  const stress = pairUp(
    targets.stresses,
    predictions.map(({ stress }) => stress),
    predictions.map(({ stressUncertainty }) => stressUncertainty),
  );
  return {
    ...(energies && { energy: energies }),
    ...(forces && { forces }),
    ...(stress && { stress }),
  };
}

/**
 * Errors of all that was compared.
 *
 * @param targets what it was compared with.
 * @param weights of structures: how much the labels of each count. Default 1.
 */
export function errorsOf(
  { energy, forces, stress }: Parities,
  targets: Targets,
  weights?: Float64Array,
): Errors {
  return {
    ...(energy && { energy: errorsOfParity(energy, weights) }),
    ...(forces && { forces: errorsOfParity(forces, eachNumber(weights, targets.forces)) }),
    ...(stress && { stress: errorsOfParity(stress, eachNumber(weights, targets.stresses)) }),
  };
}

/** The weights of structures for each number of their labels, as a parity has them. */
export const eachNumber = (
  weights: Float64Array | undefined,
  labels: readonly (Float64Array | undefined)[],
): Float64Array | undefined =>
  weights && concatenated(labels.flatMap((own, s) => (own ? [own.map(() => weights[s]!)] : [])));

function errorsOfParity({ reference, predicted }: Parity, weights?: Float64Array): QuantityErrors {
  let absolute = 0;
  let square = 0;
  let count = 0;
  reference.forEach((value, index) => {
    const error = predicted[index]! - value;
    const weight = weights?.[index] ?? 1;
    absolute += weight * Math.abs(error);
    square += weight * error * error;
    count += weight;
  });
  return { mae: absolute / count, rmse: Math.sqrt(square / count), count };
}

function pairUp(
  labels: readonly (Float64Array | undefined)[],
  predictions: readonly (Float64Array | undefined)[],
  uncertainties: readonly (Float64Array | undefined)[],
): Parity | undefined {
  const both = labels.flatMap((reference, s) => {
    const predicted = predictions[s];
    return reference && predicted ? [{ reference, predicted, uncertainty: uncertainties[s] }] : [];
  });
  if (both.length === 0) return undefined;
  const known = both.every(({ uncertainty }) => uncertainty);
  return {
    reference: concatenated(both.map(({ reference }) => reference)),
    predicted: concatenated(both.map(({ predicted }) => predicted)),
    ...(known && {
      uncertainty: whereFree(concatenated(both.map(({ uncertainty }) => uncertainty!))),
    }),
  };
}

/**
 * Standard deviations of derivatives, NaN for those that symmetry makes zero: forces in a perfect crystal, say, which no
 * model can get wrong, so that what they differ by from their labels is noise of these.
 */
function whereFree(uncertainties: Float64Array): Float64Array {
  const square = uncertainties.reduce((sum, u) => sum + u * u, 0) / uncertainties.length;
  return uncertainties.map((u) => (u > negligible * Math.sqrt(square) ? u : NaN));
}

/** Of round-off, in atoms and numbers alike, relative to the root mean square of standard deviations. */
export const negligible = 1e-3;
