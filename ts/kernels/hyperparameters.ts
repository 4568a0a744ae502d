import { z } from 'zod';

import { numberThat, positive } from '../common/validation';

/** Whether features are divided by their Euclidean norm first. */
const normalize = z.boolean();

/** A kernel between two feature vectors p and p'. */
export const kernelSchema = z.discriminatedUnion('type', [
  /** (p · p')^ζ. Where ζ is not a whole number, no p · p' may be negative; those of power spectra are not. */
  z.strictObject({
    type: z.literal('dot-product'),
    zeta: numberThat('a number from 1 to 12', (x) => x >= 1 && x <= 12).default(2),
    normalize: normalize.default(true),
  }),
  /** exp(−|p − p'|² / 2w²). */
  z.strictObject({
    type: z.literal('gaussian'),
    width: positive(),
    normalize: normalize.default(false),
  }),
  /** exp(−|p − p'|₁ / w). */
  z.strictObject({
    type: z.literal('laplacian'),
    width: positive(),
    normalize: normalize.default(false),
  }),
  /** Of d = |p − p'| / w: exp(−d) for ν = 1/2, (1 + √3 d) exp(−√3 d) for 3/2, (1 + √5 d + 5/3 d²) exp(−√5 d) for 5/2. */
  z.strictObject({
    type: z.literal('matern'),
    width: positive(),
    /** ν. */
    smoothness: z.union([z.literal(0.5), z.literal(1.5), z.literal(2.5)]).default(1.5),
    normalize: normalize.default(false),
  }),
]);

/** A kernel as a user writes it. Widths are in the unit of the features. */
export type KernelHyperparameters = z.input<typeof kernelSchema>;

/** A kernel with all defaults filled in. */
export type ResolvedKernel = z.output<typeof kernelSchema>;
