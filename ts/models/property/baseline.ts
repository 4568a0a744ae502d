import { concatenated } from '../../common/arrays';
import { inTurns, mapping } from '../../common/turns';
import { InvalidInputError } from '../../errors';
import { leastSquaresBaseline } from '../../regression/baseline';
import { atomicNumber, chemicalSymbols } from '../../structures/elements';
import type { PropertyOwner } from '../../structures/property';
import type { Structure } from '../../structures/structure';
import type { PropertyLabels } from '../../structures/property';
import type { Aggregate } from './config';

/**
 * A number for each element that environments have without any kernel: a structure's baseline is the sum or mean
 * over its atoms, an atom's is that of its element.
 */
export type ElementBaseline = ReadonlyMap<number, number>;

/** Whether a structure's property is the mean over its environments rather than their sum. */
export const isMean = (aggregate: Aggregate): boolean => aggregate === 'mean';

/** The baseline of every sample. */
export async function baselineOf(
  baseline: ElementBaseline,
  structures: readonly Structure[],
  per: PropertyOwner,
  aggregate: Aggregate,
  signal?: AbortSignal,
): Promise<Float64Array> {
  const ofElement = (number: number) => baseline.get(number) ?? 0;
  if (per === 'atom') {
    const atoms = await inTurns(
      mapping(structures, ({ species }) => Float64Array.from(species, ofElement)),
      signal,
    );
    return concatenated(atoms);
  }
  return Float64Array.from(
    await inTurns(
      mapping(structures, ({ species }) => {
        let sum = 0;
        for (const number of species) sum += ofElement(number);
        return isMean(aggregate) ? sum / species.length : sum;
      }),
      signal,
    ),
  );
}

/** The baseline that fits labels best: least squares over structures, for atoms the mean of each element. */
export async function fitBaseline(
  structures: readonly Structure[],
  labels: Float64Array,
  per: PropertyOwner,
  aggregate: Aggregate,
  species: readonly number[],
  signal?: AbortSignal,
): Promise<ElementBaseline> {
  if (per === 'structure') {
    // Least squares weigh each structure by 1/N²: of totals that is the mean of what an atom has.
    const totals = isMean(aggregate) ? labels.map((y, s) => y * structures[s]!.length) : labels;
    return inTurns(leastSquaresBaseline(structures, totals, species), signal);
  }
  const sums = new Map(species.map((number) => [number, { sum: 0, count: 0 }]));
  let sample = 0;
  for (const structure of structures) {
    for (const number of structure.species) {
      const entry = sums.get(number)!;
      entry.sum += labels[sample++]!;
      entry.count++;
    }
  }
  return new Map(
    [...sums].map(([number, { sum, count }]) => [number, count > 0 ? sum / count : 0]),
  );
}

/** The same number for atoms of all these elements, that which fits labels best. */
export function meanBaseline(
  structures: readonly Structure[],
  labels: Float64Array,
  per: PropertyOwner,
  aggregate: Aggregate,
  species: readonly number[],
): ElementBaseline {
  const sums = per === 'structure' && !isMean(aggregate);
  let [product, square] = [0, 0];
  labels.forEach((y, s) => {
    const atoms = sums ? structures[s]!.length : 1;
    product += atoms * y;
    square += atoms ** 2;
  });
  return new Map(species.map((number) => [number, product / square]));
}

/**
 * Whether a property of structures is better explained as a sum over atoms or as their mean, each judged by what
 * composition alone explains.
 */
export async function chooseAggregate(
  structures: readonly Structure[],
  labels: Float64Array,
  species: readonly number[],
  signal?: AbortSignal,
): Promise<'sum' | 'mean'> {
  const unexplained = async (aggregate: Aggregate) => {
    const fit = await fitBaseline(structures, labels, 'structure', aggregate, species, signal);
    const values = await baselineOf(fit, structures, 'structure', aggregate, signal);
    return labels.reduce((sum, y, s) => sum + (y - values[s]!) ** 2, 0);
  };
  // Where all structures have the same number of atoms both are the same but for round-off.
  return (await unexplained('sum')) <= 1.001 * (await unexplained('mean')) ? 'sum' : 'mean';
}

/** Numbers by chemical symbol. */
export const toSymbols = (baseline: ElementBaseline): Record<string, number> =>
  Object.fromEntries([...baseline].map(([number, value]) => [chemicalSymbols[number]!, value]));

/** Baselines by chemical symbol, as files have them. */
export const fromSymbols = (baseline: Readonly<Record<string, number>>): ElementBaseline =>
  new Map(Object.entries(baseline).map(([symbol, value]) => [atomicNumber(symbol), value]));

/** Labels from which another property of the same shape is taken off. @throws InvalidInputError */
export function difference(labels: PropertyLabels, other: PropertyLabels): PropertyLabels {
  if (labels.per !== other.per || labels.shape.join() !== other.shape.join()) {
    throw new InvalidInputError(`${other.name} has another shape than ${labels.name}`, {
      path: 'baseline.label',
    });
  }
  return { ...labels, values: labels.values.map((y, i) => y - other.values[i]!) };
}
