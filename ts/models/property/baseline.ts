import { concatenated } from '../../common/arrays';
import { inTurns, mapping } from '../../common/turns';
import { leastSquaresBaseline } from '../../regression/baseline';
import { atomicNumber, chemicalSymbols, elementsIn } from '../../structures/elements';
import type { PropertyOwner } from '../../structures/property';
import type { Structure } from '../../structures/structure';
import { compositionOf } from '../baseline';
import type { Aggregate, CheckedPropertyConfig } from './config';
import type { LabelledPart, Part } from './irreps';
import type { PropertyParts } from './parts';

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

/** A number for each sample of structures, and how much it counts. */
export interface Column {
  readonly structures: readonly Structure[];
  readonly per: PropertyOwner;
  readonly values: Float64Array;
  /** Default 1. */
  readonly weights?: Float64Array | undefined;
}

/** The baseline that fits labels best: least squares over structures, for atoms the mean of each element. */
export async function fitBaseline(
  column: Column,
  aggregate: Aggregate,
  species: readonly number[],
  signal?: AbortSignal,
): Promise<ElementBaseline> {
  const { structures, per, values, weights } = column;
  if (per === 'structure') {
    // Least squares weigh each structure by 1/N²: of totals that is the mean of what an atom has.
    const totals = isMean(aggregate) ? values.map((y, s) => y * structures[s]!.length) : values;
    return inTurns(leastSquaresBaseline(structures, totals, species, weights), signal);
  }
  return refined(meansOfElements(column, species), (means) =>
    meansOfElements(column, species, (number) => means.get(number)!),
  );
}

/** The mean of what each element's atoms have more than is known. */
function meansOfElements(
  { structures, values, weights }: Column,
  species: readonly number[],
  known: (number: number) => number = () => 0,
): ElementBaseline {
  const sums = new Map(species.map((number) => [number, { sum: 0, weight: 0 }]));
  let sample = 0;
  for (const structure of structures) {
    for (const number of structure.species) {
      const entry = sums.get(number)!;
      const weight = weights?.[sample] ?? 1;
      entry.sum += weight * (values[sample++]! - known(number));
      entry.weight += weight;
    }
  }
  return new Map(
    [...sums].map(([number, { sum, weight }]) => [number, weight > 0 ? sum / weight : 0]),
  );
}

/** Adds what is found of the rest: a sum over a million labels has lost digits that tell whether they differ. */
function refined(
  first: ElementBaseline,
  ofRest: (known: ElementBaseline) => ElementBaseline,
): ElementBaseline {
  const rest = ofRest(first);
  return new Map([...first].map(([number, mean]) => [number, mean + rest.get(number)!]));
}

/** The same number for atoms of all these elements, that which fits labels best. */
export function meanBaseline(
  { structures, per, values, weights }: Column,
  aggregate: Aggregate,
  species: readonly number[],
): ElementBaseline {
  const sums = per === 'structure' && !isMean(aggregate);
  const beyond = (known: number) => {
    let [product, square] = [0, 0];
    values.forEach((y, s) => {
      const atoms = sums ? structures[s]!.length : 1;
      const weight = weights?.[s] ?? 1;
      product += weight * atoms * (y - atoms * known);
      square += weight * atoms ** 2;
    });
    return product / square;
  };
  const ofAll = (mean: number) => new Map(species.map((number) => [number, mean]));
  return refined(ofAll(beyond(0)), (known) => ofAll(beyond(known.values().next().value ?? 0)));
}

/**
 * Whether a property of structures is better explained as a sum over atoms or as their mean, each judged by what
 * composition alone explains; with a note where that is no reason.
 */
export async function chooseAggregate(
  column: Column,
  species: readonly number[],
  signal?: AbortSignal,
): Promise<{ readonly aggregate: 'sum' | 'mean'; readonly notes: readonly string[] }> {
  const { structures, values, weights } = column;
  const unexplained = async (aggregate: Aggregate) => {
    const fit = await fitBaseline(column, aggregate, species, signal);
    const base = await baselineOf(fit, structures, 'structure', aggregate, signal);
    return values.reduce((sum, y, s) => sum + (weights?.[s] ?? 1) * (y - base[s]!) ** 2, 0);
  };
  const [sum, mean] = [await unexplained('sum'), await unexplained('mean')];
  // Where all structures have the same number of atoms both are the same but for round-off.
  const roundOff = values.reduce((all, y, s) => all + (weights?.[s] ?? 1) * (1e-12 * y) ** 2, 0);
  const same = (x: number, y: number) => x <= 1.001 * y + roundOff;
  const aggregate = same(sum, mean) ? 'sum' : 'mean';
  if (aggregate === 'mean' || !same(mean, sum)) return { aggregate, notes: [] };
  const atoms = structures[0]!.length;
  const why = structures.every(({ length }) => length === atoms)
    ? `all structures have ${atoms} atoms`
    : 'composition explains both alike';
  return {
    aggregate,
    notes: [
      `learned as a sum over atoms, though data cannot tell from a mean: ${why}; "aggregate": "mean" is for what does not grow with the structure`,
    ],
  };
}

/** How many labels of a part the baseline can explain whatever they are, about. */
export function baselineColumns(
  { lambda, copies, centre }: Part,
  structures: readonly Structure[],
  type: CheckedPropertyConfig['baseline']['type'],
): number {
  if (lambda > 0 || type === 'none') return 0;
  if (centre !== undefined || type === 'mean') return copies;
  const compositions = new Set(structures.map(compositionOf));
  return copies * Math.min(elementsIn(structures).length, compositions.size);
}

/** Numbers by chemical symbol. */
export const toSymbols = (baseline: ElementBaseline): Record<string, number> =>
  Object.fromEntries([...baseline].map(([number, value]) => [chemicalSymbols[number]!, value]));

/** Baselines by chemical symbol, as files have them. */
export const fromSymbols = (baseline: Readonly<Record<string, number>>): ElementBaseline =>
  new Map(Object.entries(baseline).map(([symbol, value]) => [atomicNumber(symbol), value]));

/** Adds the baseline to what has been predicted of the scalar part, which is put first where there was none. */
export async function addBaseline(
  predicted: LabelledPart[],
  { baseline, config, target }: Pick<PropertyParts, 'baseline' | 'config' | 'target'>,
  structures: readonly Structure[],
  samples: number,
  signal: AbortSignal | undefined,
): Promise<void> {
  const copies = baseline.length;
  if (copies === 0) return;
  let scalar = predicted.find(({ lambda }) => lambda === 0);
  if (!scalar) {
    const labels = {
      values: new Float64Array(samples * copies),
      shape: [samples, copies] as const,
    };
    predicted.unshift((scalar = { lambda: 0, sigma: 1, copies, labels }));
  }
  const { values } = scalar.labels;
  const { aggregate } = config;
  for (const [c, own] of baseline.entries()) {
    const base = await baselineOf(fromSymbols(own), structures, target.per, aggregate, signal);
    base.forEach((y, row) => (values[row * copies + c]! += y));
  }
}
