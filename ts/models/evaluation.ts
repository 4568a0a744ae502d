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
  /** How many numbers were compared. */
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
  /** Standard deviation of each prediction, where it was asked for and is known. */
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

/** Errors of all that was compared. */
export function errorsOf({ energy, forces, stress }: Parities): Errors {
  return {
    ...(energy && { energy: errorsOfParity(energy) }),
    ...(forces && { forces: errorsOfParity(forces) }),
    ...(stress && { stress: errorsOfParity(stress) }),
  };
}

function errorsOfParity({ reference, predicted }: Parity): QuantityErrors {
  let absolute = 0;
  let square = 0;
  reference.forEach((value, index) => {
    const error = predicted[index]! - value;
    absolute += Math.abs(error);
    square += error * error;
  });
  const count = reference.length;
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
    ...(known && { uncertainty: concatenated(both.map(({ uncertainty }) => uncertainty!)) }),
  };
}
