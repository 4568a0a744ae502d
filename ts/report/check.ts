import { z } from 'zod';

import { anyNumber as number, numbers, validateMembers } from '../common/validation';
import { InvalidInputError } from '../errors';
import { trialSchema } from '../regression/optimize/state';
import type {
  LearningCurve,
  LineChartData,
  Quantity,
  ReportData,
  ReportFact,
  ReportSection,
  SearchData,
  SetCalibration,
  SetErrors,
  SetParity,
} from './data';

/*
 * What reports are made of, for programs without types: members that nobody would read are refused where they are written
 * for the report. Errors and predictions are taken as other functions return them, whatever else these have.
 */

/** A schema for each member of an interface, of which the compiler misses none. */
type Shape<Data> = Readonly<Record<keyof Data, z.ZodType>>;

const text = z.string();
const optionalText = text.optional();
const perQuantity = (schema: z.ZodType) => z.record(text, schema.optional());
const list = (schema: z.ZodType) => z.array(schema).optional();

const errorPair = z.looseObject({ mae: number, rmse: number, rmsRelative: number.optional() });
const pairs = z.looseObject({ reference: numbers, predicted: numbers });

export const factSchema = z.strictObject({
  label: text,
  value: z.union([text, number]),
  unit: optionalText,
} satisfies Shape<ReportFact>);

const quantitySchema = z.strictObject({
  key: text,
  name: text,
  title: optionalText,
  unit: optionalText,
  errors: z.strictObject({ unit: text, factor: number }).optional(),
  per: text,
  origin: optionalText,
} satisfies Shape<Quantity>);

const chartSchema = z.strictObject({
  x: text,
  y: text,
  caption: optionalText,
  lines: z.array(z.strictObject({ name: text, x: numbers, y: numbers })),
} satisfies Shape<LineChartData>);

const reportSchema = z.strictObject({
  title: text,
  description: optionalText,
  summary: z.array(factSchema),
  quantities: list(quantitySchema),
  errors: list(
    z.strictObject({
      set: text,
      part: optionalText,
      errors: perQuantity(errorPair),
    } satisfies Shape<SetErrors>),
  ),
  parity: list(z.strictObject({ set: text, pairs: perQuantity(pairs) } satisfies Shape<SetParity>)),
  calibration: list(
    z.strictObject({
      set: text,
      quantity: text,
      errors: numbers,
      uncertainties: numbers,
    } satisfies Shape<SetCalibration>),
  ),
  search: z
    .strictObject({
      space: z.looseObject({}),
      trials: z.array(trialSchema),
      logarithmic: z.boolean().optional(),
      metric: z.enum(['mae', 'rmse']).optional(),
    } satisfies Shape<SearchData>)
    .optional(),
  learningCurve: z
    .strictObject({
      set: text,
      points: z.array(
        z.looseObject({
          structures: number,
          errors: perQuantity(errorPair),
          spread: perQuantity(errorPair).optional(),
        }),
      ),
    } satisfies Shape<LearningCurve>)
    .optional(),
  sections: list(
    z.strictObject({
      title: text,
      paragraphs: list(text),
      chart: chartSchema.optional(),
      // Its drawing checks it.
      elements: z.unknown().optional(),
    } satisfies Shape<ReportSection>),
  ),
  configuration: z.unknown().optional(),
  notes: list(text),
  versions: z.record(text, text).optional(),
} satisfies Shape<ReportData>);

/** @throws InvalidInputError naming the path of what is no part of a report, or of arrays that do not fit together. */
export function checkReport(data: ReportData): void {
  validateMembers(reportSchema, data, 'data');
  data.parity?.forEach((set, s) => {
    for (const [key, both] of Object.entries(set.pairs)) {
      if (both) checkLengths(both.predicted, both.reference, `parity[${s}].pairs.${key}.predicted`);
    }
  });
  data.calibration?.forEach(({ errors, uncertainties }, s) =>
    checkLengths(uncertainties, errors, `calibration[${s}].uncertainties`),
  );
  data.sections?.forEach(({ chart }, s) =>
    chart?.lines.forEach(({ x, y }, l) => checkLengths(y, x, `sections[${s}].chart.lines[${l}].y`)),
  );
}

function checkLengths(given: ArrayLike<number>, other: ArrayLike<number>, path: string): void {
  if (given.length === other.length) return;
  throw new InvalidInputError(`expected ${other.length} numbers, got ${given.length}`, { path });
}
