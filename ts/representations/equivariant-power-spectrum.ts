import type { z } from 'zod';

import { validate } from '../common/validation';
import { equivariantPowerSpectrumSchema, requireSpecies } from './hyperparameters';
import type { WithSpecies } from './hyperparameters';
import { ProductBasis } from './product-basis';

export type EquivariantPowerSpectrumHyperparameters = z.input<
  typeof equivariantPowerSpectrumSchema
>;
export type ResolvedEquivariantPowerSpectrum = WithSpecies<
  z.output<typeof equivariantPowerSpectrumSchema>
>;

/**
 * The λ-SOAP power spectrum (Eq. 18 of the review)
 *
 *     p^{λμ}_{αnl, α'n'l'} = Σ_{m m'} ⟨l m; l' m'|λ μ⟩ c^α_nlm c^{α'}_n'l'm'
 *
 * of atomic environments: features that turn like spherical harmonics of rank λ, for models of vectors and
 * tensors. λ = 0 is the power spectrum, times (−1)^l. Method: Grisafi, Wilkins, Csányi and Ceriotti, Phys. Rev.
 * Lett. 120, 036002 (2018).
 *
 * @example
 * const soap = new EquivariantPowerSpectrum({ species: ['H', 'O'], ranks: [1] });
 * const { values } = await soap.compute(await readStructures('water.xyz'));
 */
export class EquivariantPowerSpectrum extends ProductBasis<ResolvedEquivariantPowerSpectrum> {
  /** @throws InvalidInputError naming the path of what is wrong; NumericalError or MemoryLimitError for a basis that is too large. */
  constructor(hyperparameters: EquivariantPowerSpectrumHyperparameters) {
    const resolved = requireSpecies(validate(equivariantPowerSpectrumSchema, hyperparameters));
    super(resolved, { orders: [2, 2], ranks: resolved.ranks, parity: resolved.parity });
  }
}
