import { inTurns } from '../../common/turns';
import type { Matrix } from '../../common/matrix';
import { InvalidInputError } from '../../errors';
import { chemicalSymbols } from '../../structures/elements';
import { baselineOf, chooseAggregate, fitBaseline, meanBaseline } from './baseline';
import type { ElementBaseline } from './baseline';
import { listingCentres } from './centres';
import type { Aggregate, CheckedPropertyConfig } from './config';
import { byElement, nameOf, partsOf } from './irreps';
import type { LabelledPart } from './irreps';
import type { LabelledStructures } from './labels';

/** What there is to learn of a property. */
export interface Remainder {
  /** How structures follow from environments. */
  readonly aggregate: Aggregate;
  /** Of each column of the scalar part. */
  readonly baseline: readonly ElementBaseline[];
  /** Parts that vary, with what the baseline leaves of their labels. */
  readonly parts: readonly LabelledPart[];
  /** Root mean square of the labels of each part: weights and noise are measured in units of it. */
  readonly scales: readonly number[];
  /** For each part the weight of each row of its labels; undefined where all count alike. */
  readonly weights: readonly Float64Array[] | undefined;
  readonly notes: readonly string[];
}

/** Splits labels into parts and takes the baseline off. @param known elements that the model is to know. */
export async function remainderOf(
  labelled: LabelledStructures,
  config: CheckedPropertyConfig,
  known: readonly number[],
  signal: AbortSignal | undefined,
): Promise<Remainder> {
  const { structures, species, labels } = labelled;
  const { parts, notes } = partsOf(labels, config.tensor);
  const scalar = parts.find(({ lambda }) => lambda === 0);
  const chosen = await aggregateFor(labelled, scalar, config, signal);
  const { aggregate } = chosen;
  const taken =
    scalar && (await takeBaselineOff(scalar, labelled, config, aggregate, known, signal));
  const rest = parts.map((part) => (part === scalar ? { ...part, labels: taken!.labels } : part));
  const centres = (await inTurns(listingCentres(structures), signal)).species;
  const divided =
    labels.per === 'atom' ? rest.flatMap((part) => byElement(part, centres, species)) : rest;
  const all = divided.map((part) => ({ part, weights: rowWeights(part, labelled, centres) }));
  const rmsOf = ({ part, weights }: (typeof all)[number]) => rms(part.labels, weights);
  // What least squares leave of labels that they explain.
  const roundOff = 1e-12 * rms({ values: labels.values, shape: [labels.values.length, 1] });
  const learnable = all.filter((own) => rmsOf(own) > roundOff);
  const same = all.filter((own) => !learnable.includes(own));
  checkNoise(
    config,
    learnable.map(({ part }) => part),
  );
  return {
    aggregate,
    baseline: taken?.columns ?? [],
    parts: learnable.map(({ part }) => part),
    scales: learnable.map(rmsOf),
    weights: labelled.weights && learnable.map(({ weights }) => weights!),
    notes: [
      ...notes,
      ...same.map(({ part: { centre } }) => {
        const of = centre === undefined ? 'labels' : `labels of ${chemicalSymbols[centre]}`;
        return `all ${of} are as the baseline says: there is nothing to learn beyond it`;
      }),
      ...chosen.notes,
    ],
  };
}

/** How structures follow from environments; by composition where the configuration leaves it open. */
async function aggregateFor(
  { structures, species, labels: { per }, weights }: LabelledStructures,
  scalar: LabelledPart | undefined,
  { aggregate, regression }: CheckedPropertyConfig,
  signal: AbortSignal | undefined,
): Promise<{ readonly aggregate: Aggregate; readonly notes: readonly string[] }> {
  const matches = aggregate === 'rematch' || aggregate === 'best-match';
  if (matches && regression.type !== 'full') {
    throw new InvalidInputError(
      `${aggregate} compares whole structures: expected {"type": "full"}, got "sparse"`,
      { path: 'regression.type' },
    );
  }
  if (aggregate !== undefined || per === 'atom' || !scalar) {
    return { aggregate: aggregate ?? 'sum', notes: [] };
  }
  const values = column(scalar.labels, 0);
  return chooseAggregate({ structures, per, values, weights }, species, signal);
}

/** Fits the baseline of each column of the scalar part and takes it off. */
async function takeBaselineOff(
  { labels }: LabelledPart,
  { structures, species, labels: { per }, weights }: LabelledStructures,
  { baseline: { type } }: CheckedPropertyConfig,
  aggregate: Aggregate,
  known: readonly number[],
  signal: AbortSignal | undefined,
): Promise<{ readonly columns: readonly ElementBaseline[]; readonly labels: Matrix }> {
  if (type === 'none') return { columns: [], labels };
  const rest = Float64Array.from(labels.values);
  const columns: ElementBaseline[] = [];
  for (let c = 0; c < labels.shape[1]; c++) {
    const own = { structures, per, values: column(labels, c), weights };
    const fit =
      type === 'mean'
        ? meanBaseline(own, aggregate, known)
        : await fitBaseline(own, aggregate, species, signal);
    const base = await baselineOf(fit, structures, per, aggregate, signal);
    base.forEach((y, row) => (rest[row * labels.shape[1] + c]! -= y));
    columns.push(fit);
  }
  return { columns, labels: { values: rest, shape: labels.shape } };
}

/** The weight of each row of a part's labels: the same for all components of a sample. */
function rowWeights(
  { lambda, centre }: LabelledPart,
  { weights }: LabelledStructures,
  centres: Int32Array,
): Float64Array | undefined {
  const own =
    centre === undefined ? weights : weights?.filter((_, sample) => centres[sample] === centre);
  const rows = 2 * lambda + 1;
  return (
    own && Float64Array.from({ length: own.length * rows }, (_, i) => own[Math.floor(i / rows)]!)
  );
}

/** Root mean square of labels. */
function rms({ values, shape: [rows, columns] }: Matrix, weights?: Float64Array): number {
  let square = 0;
  values.forEach((y, i) => (square += (weights?.[Math.floor(i / columns)] ?? 1) * y * y));
  const total = columns * (weights?.reduce((sum, w) => sum + w, 0) ?? rows);
  return total > 0 ? Math.sqrt(square / total) : 0;
}

/** @throws InvalidInputError where noises are given one by one, but not for all parts. */
function checkNoise({ noise }: CheckedPropertyConfig, parts: readonly LabelledPart[]): void {
  if (noise === undefined || typeof noise === 'number' || noise.length === parts.length) return;
  const numbers = parts.length === 1 ? '1 number' : `${parts.length} numbers`;
  const names = parts.length > 0 ? parts.map(nameOf).join(', ') : 'none';
  throw new InvalidInputError(
    `expected ${numbers}, one for each part that is learned (${names}), or one for all, got ${noise.length}`,
    { path: 'noise' },
  );
}

const column = ({ values, shape: [rows, columns] }: Matrix, c: number): Float64Array =>
  Float64Array.from({ length: rows }, (_, row) => values[row * columns + c]!);
