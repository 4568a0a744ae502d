import type { z } from 'zod';

import { validate } from '../common/validation';
import { requireSpecies, sphericalExpansionSchema } from './hyperparameters';
import type { WithSpecies } from './hyperparameters';
import { ProductBasis } from './product-basis';

export type SphericalExpansionHyperparameters = z.input<typeof sphericalExpansionSchema>;
export type ResolvedSphericalExpansion = WithSpecies<z.output<typeof sphericalExpansionSchema>>;

/**
 * The coefficients c^α_nlm = Σ_{j∈α} ⟨nl|r_ij⟩ Y_lm(r̂_ij) of the density of atomic environments themselves. They turn
 * like spherical harmonics: λ = l, μ = m of the labels. Columns run over l, then m, then elements, then n.
 *
 * @example
 * const expansion = new SphericalExpansion({ cutoff: { radius: 5 }, species: ['H', 'O'] });
 * const { values } = await expansion.compute(await readStructures('water.xyz'));
 */
export class SphericalExpansion extends ProductBasis<ResolvedSphericalExpansion> {
  /** @throws InvalidInputError naming the path of what is wrong; NumericalError for a basis that is too large. */
  constructor(hyperparameters: SphericalExpansionHyperparameters) {
    const resolved = requireSpecies(validate(sphericalExpansionSchema, hyperparameters));
    const ranks = Array.from({ length: resolved.basis.maxAngular + 1 }, (_, l) => l);
    super(resolved, { orders: [1, 1], ranks, parity: 'proper' });
  }
}
