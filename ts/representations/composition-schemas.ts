import { z } from 'zod';

import { numberThat } from '../common/validation';
import { speciesSchema } from './hyperparameters';

/** Hyperparameters of a representation of atoms, checked when it is made. */
const nested = z.looseObject({ type: z.string().optional() });

/** Representations that are made of others. */
export const compositionSchemas = {
  /** See {@link Concatenation}. */
  concatenation: z.strictObject({
    type: z.literal('concatenation').default('concatenation'),
    /** Elements of the parts that do not say theirs. */
    species: speciesSchema.optional(),
    parts: z
      .array(
        z.strictObject({
          /** What all features of the part are multiplied with. */
          weight: numberThat('a number other than 0', (weight) => weight !== 0).default(1),
          representation: nested,
        }),
      )
      .min(1, { error: 'expected at least one part' })
      .readonly(),
  }),
  /** See {@link StructureAverage}. */
  'structure-average': z.strictObject({
    type: z.literal('structure-average').default('structure-average'),
    /** Elements, if `of` does not say them. */
    species: speciesSchema.optional(),
    of: nested,
    /** Of features, or features of averaged coefficients. */
    average: z.enum(['outer', 'inner']).default('outer'),
    reduction: z.enum(['mean', 'sum']).default('mean'),
  }),
} as const;
