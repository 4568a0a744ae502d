import { z } from 'zod';

import { InvalidInputError } from '../errors';
import { basisSchema, cutoffSchema, densitySchema } from '../density/hyperparameters';
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

/** Everything that defines a power spectrum; see {@link PowerSpectrum}. */
export const powerSpectrumSchema = z.strictObject({
  type: z.literal('power-spectrum').default('power-spectrum'),
  cutoff: cutoffSchema.prefault({}),
  density: densitySchema.prefault({}),
  basis: basisSchema.prefault({}),
  /** Elements that structures may hold; one channel of the density each. */
  species: speciesSchema.optional(),
  /** Divide each row by its Euclidean norm. */
  normalize: z.boolean().default(false),
});

/** Hyperparameters as a user writes them: everything but what is to differ from the defaults may be left out. */
export type PowerSpectrumHyperparameters = z.input<typeof powerSpectrumSchema>;

/** Hyperparameters with all defaults filled in. */
export type ResolvedPowerSpectrum = Omit<z.output<typeof powerSpectrumSchema>, 'species'> & {
  readonly species: readonly number[];
};

/** The species of resolved hyperparameters. @throws InvalidInputError when they are not given. */
export function requireSpecies(
  hyperparameters: z.output<typeof powerSpectrumSchema>,
): ResolvedPowerSpectrum {
  const { species } = hyperparameters;
  if (species === undefined) {
    throw new InvalidInputError(
      'expected the elements that structures may hold, such as ["H", "C", "O"], got nothing',
      { path: 'species' },
    );
  }
  return { ...hyperparameters, species };
}
