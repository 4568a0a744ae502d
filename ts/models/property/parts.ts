import { z } from 'zod';

import { anyNumber, typedArray, validateMembers } from '../../common/validation';
import type { TrainingSummary } from '../summary';
import type { PropertyOwner } from '../../structures/property';
import type { ResolvedPropertyConfig } from './config';
import type { PropertyErrors } from './errors';
import type { Part } from './irreps';
import type { LearnedPart } from './learn';
import type { References } from './references';

/** What a model predicts. */
export interface PropertyTarget {
  readonly name: string;
  readonly per: PropertyOwner;
  /** Shape of one sample: [] for a number, [3] for a vector, [3, 3] for a tensor, also for one in Voigt's order. */
  readonly shape: readonly number[];
  /** What its numbers are measured in, where that is known. */
  readonly unit?: string | undefined;
}

/** How a training went; plain JSON, kept in the model's file. */
export interface PropertySummary extends Pick<
  TrainingSummary,
  'structures' | 'atoms' | 'notes' | 'seconds' | 'peakMemoryBytes'
> {
  /** Environments that the model stands on, by chemical symbol. */
  readonly references: Readonly<Record<string, number>>;
  /** Errors of the finished model on all structures that it was fitted to. */
  readonly training: PropertyErrors;
  /** Errors on the held-out structures, of the model fitted without them. */
  readonly heldOut?: PropertyErrors;
  /** Errors of the finished model on the structures given for validation. */
  readonly validation?: PropertyErrors;
}

/** One irreducible part of the property, learned. */
export interface FittedPart extends Part, LearnedPart {
  /** What weights and noise are measured in: the standard deviation of the part's labels. */
  readonly scale: number;
}

/** All that a property model is made of, and all that its file holds. */
export interface PropertyParts {
  readonly config: ResolvedPropertyConfig;
  readonly target: PropertyTarget;
  readonly summary: PropertySummary;
  /** Of each target of the scalar part, by chemical symbol, in the unit of the property; empty without one. */
  readonly baseline: readonly Readonly<Record<string, number>>[];
  readonly references: References;
  readonly fitted: readonly FittedPart[];
  /** Variance of the prior relative to that of the labels, which makes uncertainties agree with errors. */
  readonly amplitude: number;
}

const matrix = z.looseObject({ values: typedArray('Float64Array'), shape: z.array(z.int()) });

const partsSchema = z.strictObject({
  config: z.looseObject({
    terms: z.array(z.looseObject({ representation: z.looseObject({}) })).min(1),
    aggregate: z.string(),
    regression: z.looseObject({ type: z.string() }),
    uncertainty: z.looseObject({ type: z.string() }),
    baseline: z.looseObject({}),
  }),
  target: z.looseObject({
    name: z.string(),
    per: z.enum(['structure', 'atom']),
    shape: z.array(z.int()),
  }),
  summary: z.looseObject({}),
  baseline: z.array(z.record(z.string(), anyNumber)),
  references: z.looseObject({
    species: typedArray('Int32Array'),
    features: z.map(z.string(), typedArray('Float32Array')),
  }),
  fitted: z.array(
    z.looseObject({
      lambda: z.int(),
      sigma: z.union([z.literal(1), z.literal(-1)]),
      copies: z.int(),
      scale: anyNumber,
      weights: matrix,
      posterior: typedArray('Float32Array'),
      members: matrix.optional(),
    }),
  ),
  amplitude: anyNumber,
} satisfies Record<keyof PropertyParts, z.ZodType>);

/** @throws InvalidInputError naming what is missing or of another kind. */
export function checkParts(parts: PropertyParts): void {
  validateMembers(partsSchema, parts, 'parts');
}
