import type { Parity, PropertyErrors, PropertyEvaluation, PropertyModel } from '../models';
import { baselineOf, fromSymbols } from '../models/property/baseline';
import { errorsAmong } from '../models/property/errors';
import { portionsOf } from '../models/property/portions';
import type { AsyncOptions } from '../native/call';
import type { Quantity, SetErrors } from '../report';
import { propertyLabels } from '../structures/property';
import type { Structure } from '../structures/structure';
import { calibrationOfSet } from './model-report';
import type { JudgedSet, NamedStructures, ReportedModel } from './model-report';
import { describeTarget, describeTerm, elementsOf } from './property-text';
import { formatBytes, formatSeconds, listCounts } from './text';

/** A model of a property for a report. @param run how structures are predicted that the report asks for. */
export function reportedProperty(model: PropertyModel, run: AsyncOptions): ReportedModel {
  const { summary, config, target } = model;
  const { name } = target;
  const { training, heldOut } = summary;
  return {
    title: `Model of ${name}`,
    summary: [
      { label: 'Predicts', value: describeTarget(target) },
      { label: 'Elements', value: elementsOf(model).join(', ') },
      { label: 'Structures', value: summary.structures },
      { label: 'Atoms', value: summary.atoms },
      { label: 'References', value: listCounts(summary.references) },
      ...config.terms.map((term, index) => ({
        label: config.terms.length > 1 ? `Kernel ${index + 1}` : 'Kernel',
        value: describeTerm(term),
      })),
      { label: 'Time', value: formatSeconds(summary.seconds) },
      { label: 'Memory at most', value: formatBytes(summary.peakMemoryBytes) },
    ],
    configuration: config,
    notes: summary.notes,
    quantities: (sets) => quantitiesOf(model, sets),
    training: errorsOfSet(name, 'Training', training),
    heldOut: heldOut ? errorsOfSet(name, 'Held out', heldOut) : [],
    judge: async (named, uncertainty) =>
      judgedProperty(model, named, await model.evaluate(named.structures, { ...run, uncertainty })),
  };
}

/**
 * Errors, uncertainties and pairs of predictions and labels, by element or by component. What adds up over atoms is
 * measured from what the model takes for granted, since composition would hide the rest.
 */
export async function judgedProperty(
  { target, config, parts }: PropertyModel,
  { set, structures }: NamedStructures,
  { errors, parity }: PropertyEvaluation,
): Promise<JudgedSet> {
  const { name } = target;
  const { reference, predicted } = parity;
  const portions = portionsOf(target, config.tensor, structures, reference);
  const byComponent =
    target.per === 'structure' && portions.size > 1
      ? [...portions].map(([part, indices]) => ({
          set,
          part,
          errors: { [name]: errorsAmong(reference, predicted, indices) },
        }))
      : [];
  const granted = hasOrigin(parts) ? await takenForGranted(parts, structures) : undefined;
  const shown: Parity = granted
    ? {
        reference: reference.map((y, i) => y - granted[i]!),
        predicted: predicted.map((y, i) => y - granted[i]!),
      }
    : parity;
  const pairs = Object.fromEntries(
    [...portions].map(([part, indices]) => [keyOf(name, part), among(shown, indices)]),
  );
  const calibration =
    target.per === 'atom'
      ? [...portions].flatMap(([part, indices]) =>
          calibrationOfSet(set, keyOf(name, part), among(parity, indices)),
        )
      : calibrationOfSet(set, name, parity);
  return {
    errors: [...errorsOfSet(name, set, errors), ...byComponent],
    parity: { set, pairs },
    calibration,
  };
}

/** The whole property and the portions of it that these sets have. */
function quantitiesOf({ target, parts }: PropertyModel, sets: readonly JudgedSet[]): Quantity[] {
  const { name, per, unit, shape } = target;
  const keys = new Set(sets.flatMap(({ parity }) => Object.keys(parity.pairs)));
  const whole: Quantity = {
    key: name,
    name,
    unit,
    per: shape.length === 0 ? `${per}s` : `components of ${per}s`,
    ...(hasOrigin(parts) && { origin: originOf(parts) }),
  };
  const portions = [...keys]
    .filter((key) => key !== name)
    .map((key) => {
      const part = key.slice(keyOf(name, '').length + 1);
      return per === 'atom'
        ? { ...whole, key, name: `${name} of ${part}`, per: `${whole.per} of ${part}` }
        : { ...whole, key, name: `${name} ${part}`, per: 'structures' };
    });
  return [whole, ...portions];
}

const keyOf = (name: string, part: string) => (part === '' ? name : `${name} ${part}`);

const errorsOfSet = (name: string, set: string, errors: PropertyErrors): SetErrors[] => [
  { set, errors: { [name]: errors } },
  ...Object.entries(errors.perSpecies ?? {}).map(([part, own]) => ({
    set,
    part,
    errors: { [name]: own },
  })),
];

const among = ({ reference, predicted, uncertainty }: Parity, indices: readonly number[]) => ({
  reference: Float64Array.from(indices, (i) => reference[i]!),
  predicted: Float64Array.from(indices, (i) => predicted[i]!),
  ...(uncertainty && { uncertainty: Float64Array.from(indices, (i) => uncertainty[i]!) }),
});

/** Whether a number for each structure is a sum over atoms to which composition gives its share. */
const hasOrigin = ({ target, config, baseline }: PropertyModel['parts']): boolean =>
  target.per === 'structure' &&
  target.shape.length === 0 &&
  config.aggregate !== 'mean' &&
  (baseline.length > 0 || config.baseline.label !== undefined);

const originOf = ({ config: { baseline } }: PropertyModel['parts']): string =>
  [
    'measured from',
    ...(baseline.label === undefined ? [] : [baseline.label, 'and']),
    "the model's baseline for the composition",
  ].join(' ');

/** What a model says of structures without any kernel. */
async function takenForGranted(
  { target, config, baseline }: PropertyModel['parts'],
  structures: readonly Structure[],
): Promise<Float64Array> {
  const { aggregate } = config;
  const { label } = config.baseline;
  const sums = await baselineOf(fromSymbols(baseline[0] ?? {}), structures, target.per, aggregate);
  const other = label === undefined ? undefined : propertyLabels(structures, label).values;
  return other ? sums.map((y, s) => y + other[s]!) : sums;
}
