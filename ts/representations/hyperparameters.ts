import { z } from 'zod';

import { InvalidInputError } from '../errors';
import { integerBetween, positive } from '../common/validation';
import { channelsSchema } from '../density/channels';
import {
  basisSchema,
  cutoffSchema,
  densitySchema,
  longRangeSchema,
} from '../density/hyperparameters';
import { couplingSchema } from './couplings';
import { atomicNumber, isAtomicNumber } from '../structures/elements';

/** Atomic numbers or symbols; kept as ascending, distinct atomic numbers. */
export const speciesSchema = z
  .array(z.union([z.number(), z.string()]))
  .min(1, { error: 'expected at least one element' })
  .readonly()
  .transform((species, context) => {
    const numbers = species.map((name) => (typeof name === 'string' ? atomicNumber(name) : name));
    const bad = numbers.findIndex((number) => !isAtomicNumber(number));
    if (bad >= 0) {
      context.addIssue({
        code: 'custom',
        path: [bad],
        message: `expected a chemical symbol or an atomic number, got ${JSON.stringify(species[bad])}`,
      });
    }
    return [...new Set(numbers)].sort((a, b) => a - b);
  });

/** Indices of columns, ascending and distinct. */
export const columnsSchema = z
  .array(integerBetween(0, 2 ** 31 - 1))
  .min(1, { error: 'expected at least one column' })
  .refine((columns) => columns.every((column, k) => k === 0 || column > columns[k - 1]!), {
    error: 'expected ascending, distinct indices of columns',
  })
  .readonly();

/** What every representation of the density has. */
const environmentShape = {
  cutoff: cutoffSchema.prefault({}),
  density: densitySchema.prefault({}),
  /** A density of all atoms of periodic structures, whose channels come besides those of a local `density`. */
  longRange: longRangeSchema.optional(),
  basis: basisSchema.prefault({}),
  /** Elements that structures may hold. */
  species: speciesSchema.optional(),
  /** The channels of the density; by default one for each element. */
  channels: channelsSchema.prefault({}),
  /** Divide each row by its Euclidean norm. */
  normalize: z.boolean().default(false),
  /** Only these columns of what the other hyperparameters describe; all by default. */
  columns: columnsSchema.optional(),
};

/** Ranks λ of spherical tensors, kept ascending and distinct. */
const ranksSchema = z
  .array(integerBetween(0, 24))
  .min(1, { error: 'expected at least one rank' })
  .readonly()
  .transform((ranks) => [...new Set(ranks)].sort((a, b) => a - b));

/** `proper` tensors have parity (−1)^λ under inversion, `pseudo` tensors the opposite. */
const paritySchema = z.enum(['proper', 'pseudo', 'both']);

/** Everything that defines a power spectrum; see {@link PowerSpectrum}. */
export const powerSpectrumSchema = z.strictObject({
  type: z.literal('power-spectrum').default('power-spectrum'),
  ...environmentShape,
  /** Which products of densities there are; by default all. */
  coupling: couplingSchema.prefault({}),
});

/** See {@link SphericalExpansion}. */
export const sphericalExpansionSchema = z.strictObject({
  type: z.literal('spherical-expansion').default('spherical-expansion'),
  ...environmentShape,
});

/** See {@link RadialSpectrum}. */
export const radialSpectrumSchema = z.strictObject({
  type: z.literal('radial-spectrum').default('radial-spectrum'),
  ...environmentShape,
  /** Without angular momentum. */
  basis: basisSchema.omit({ maxAngular: true }).prefault({}),
});

/** See {@link EquivariantPowerSpectrum}. */
export const equivariantPowerSpectrumSchema = z.strictObject({
  type: z.literal('equivariant-power-spectrum').default('equivariant-power-spectrum'),
  ...environmentShape,
  /** Ranks λ of the features. */
  ranks: ranksSchema.prefault([0, 1, 2]),
  parity: paritySchema.default('proper'),
});

/** See {@link Bispectrum}. */
export const bispectrumSchema = z.strictObject({
  type: z.literal('bispectrum').default('bispectrum'),
  ...environmentShape,
  /** Triples grow fast with the basis, whose defaults are therefore small. */
  basis: basisSchema.prefault({ maxAngular: 3, radial: { count: 4 } }),
  parity: paritySchema.default('proper'),
});

/** See {@link AtomicClusterExpansion}. */
export const atomicClusterExpansionSchema = z.strictObject({
  type: z.literal('ace').default('ace'),
  ...environmentShape,
  basis: basisSchema.prefault({ maxAngular: 8, radial: { count: 12 } }),
  /** Largest number ν of neighbours in a product: body order ν + 1. */
  maxOrder: integerBetween(1, 5).default(3),
  /** Largest total degree Σ_k (n_k + 1 + angularWeight · l_k) of a product, n counted from 0. */
  maxDegree: positive().default(12),
  /** What one unit of l costs in the degree. */
  angularWeight: positive().default(1),
  /** Ranks λ of the features. */
  ranks: ranksSchema.prefault([0]),
  parity: paritySchema.default('proper'),
});

/** Hyperparameters whose elements are known. */
export type WithSpecies<Output> = Omit<Output, 'species'> & { readonly species: readonly number[] };

/** Hyperparameters as a user writes them: everything but what is to differ from the defaults may be left out. */
export type PowerSpectrumHyperparameters = z.input<typeof powerSpectrumSchema>;

/** Hyperparameters with all defaults filled in. */
export type ResolvedPowerSpectrum = WithSpecies<z.output<typeof powerSpectrumSchema>>;

/** The species of resolved hyperparameters. @throws InvalidInputError when they are not given. */
export function requireSpecies<Output extends { readonly species?: readonly number[] | undefined }>(
  hyperparameters: Output,
): WithSpecies<Output> {
  const { species } = hyperparameters;
  if (species === undefined) {
    throw new InvalidInputError(
      'expected the elements that structures may hold, such as ["H", "C", "O"], got nothing',
      { path: 'species' },
    );
  }
  return { ...hyperparameters, species };
}
