import { z } from 'zod';

import { anyNumber, positive, typedArray, validateMembers } from '../common/validation';
import type { PotentialParts } from './potential';

/** Members that a potential reads; those of a representation are checked where it is made. */
const partsSchema = z.strictObject({
  config: z.looseObject({
    representation: z.looseObject({
      species: z.array(z.int()),
    }),
    kernel: z.looseObject({ zeta: positive() }),
    baseline: z.looseObject({ energies: z.record(z.string(), anyNumber) }),
    uncertainty: z.looseObject({ type: z.string() }),
  }),
  summary: z.looseObject({}),
  points: z.strictObject({
    values: typedArray('Float32Array'),
    first: typedArray('Int32Array'),
  }),
  weights: typedArray('Float64Array'),
  covariance: z.looseObject({ posterior: typedArray('Float32Array'), amplitude: anyNumber }),
  factors: z.looseObject({ forces: anyNumber, stress: anyNumber }),
  members: z
    .looseObject({ values: typedArray('Float64Array'), shape: z.array(z.int()) })
    .optional(),
} satisfies Record<keyof PotentialParts, z.ZodType>);

/** @throws InvalidInputError naming what is missing or of another kind. */
export function checkParts(parts: PotentialParts): PotentialParts {
  validateMembers(partsSchema, parts, 'parts');
  return parts;
}
