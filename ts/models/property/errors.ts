import { chemicalSymbols } from '../../structures/elements';
import { componentsOf } from '../../structures/property';
import type { PropertyLabels } from '../../structures/property';
import type { Structure } from '../../structures/structure';

/** Errors of a property, in its unit. */
export interface PropertyErrors {
  /** Mean absolute error of a component. */
  readonly mae: number;
  /** Root-mean-square error of a component. */
  readonly rmse: number;
  /** The latter divided by the root-mean-square of the labels. */
  readonly rmsRelative: number;
  /** How many numbers were compared; of labels with weights, the sum of these. */
  readonly count: number;
  /** The same by chemical symbol, for a property of atoms. */
  readonly perSpecies?: Readonly<Record<string, PropertyErrors>>;
}

/** Compares predictions with labels. @param weights how much each sample counts. Default 1. */
export function propertyErrors(
  structures: readonly Structure[],
  { per, shape, values }: PropertyLabels,
  predicted: Float64Array,
  weights?: Float64Array,
): PropertyErrors {
  const all = new Tally();
  const components = componentsOf(shape);
  const weightOf = (i: number) => weights?.[Math.floor(i / components)] ?? 1;
  if (per === 'structure') {
    values.forEach((label, i) => all.add(label, predicted[i]!, weightOf(i)));
    return all.errors();
  }
  const tallies = new Map<number, Tally>();
  let i = 0;
  for (const { species } of structures) {
    for (const number of species) {
      let tally = tallies.get(number);
      if (!tally) tallies.set(number, (tally = new Tally()));
      for (let c = 0; c < components; c++, i++) {
        all.add(values[i]!, predicted[i]!, weightOf(i));
        tally.add(values[i]!, predicted[i]!, weightOf(i));
      }
    }
  }
  const perSpecies = [...tallies].sort(([a], [b]) => a - b);
  return {
    ...all.errors(),
    perSpecies: Object.fromEntries(
      perSpecies.map(([number, tally]) => [chemicalSymbols[number]!, tally.errors()]),
    ),
  };
}

/** Errors of some of the numbers. */
export function errorsAmong(
  reference: Float64Array,
  predicted: Float64Array,
  indices: readonly number[],
): PropertyErrors {
  const tally = new Tally();
  for (const i of indices) tally.add(reference[i]!, predicted[i]!);
  return tally.errors();
}

class Tally {
  #absolute = 0;
  #square = 0;
  #labels = 0;
  #count = 0;

  add(label: number, predicted: number, weight = 1): void {
    const error = predicted - label;
    this.#absolute += weight * Math.abs(error);
    this.#square += weight * error * error;
    this.#labels += weight * label * label;
    this.#count += weight;
  }

  errors(): PropertyErrors {
    const count = this.#count;
    return {
      mae: this.#absolute / count,
      rmse: Math.sqrt(this.#square / count),
      // NaN would not survive JSON: all labels are zero only where there is nothing to learn.
      rmsRelative: this.#labels > 0 ? Math.sqrt(this.#square / this.#labels) : 0,
      count,
    };
  }
}
