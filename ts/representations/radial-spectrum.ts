import type { z } from 'zod';

import { validate } from '../common/validation';
import { radialSpectrumSchema, requireSpecies } from './hyperparameters';
import type { WithSpecies } from './hyperparameters';
import { ProductBasis } from './product-basis';

export type RadialSpectrumHyperparameters = z.input<typeof radialSpectrumSchema>;
export type ResolvedRadialSpectrum = WithSpecies<z.output<typeof radialSpectrumSchema>>;

/**
 * The radial spectrum c^α_n00 of atomic environments (Eq. 6 of the review): the density averaged over rotations,
 * distances without angles. Columns run over elements, then n.
 *
 * @example
 * const radial = new RadialSpectrum({ cutoff: { radius: 6 }, species: ['Si'] });
 * const { values } = await radial.compute(await readStructures('silicon.xyz'));
 */
export class RadialSpectrum extends ProductBasis<ResolvedRadialSpectrum> {
  /** @throws InvalidInputError naming the path of what is wrong; NumericalError for a basis that is too large. */
  constructor(hyperparameters: RadialSpectrumHyperparameters) {
    const resolved = requireSpecies(validate(radialSpectrumSchema, hyperparameters));
    super(resolved, { orders: [1, 1], ranks: [0], parity: 'proper' });
  }
}
