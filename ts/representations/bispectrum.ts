import type { z } from 'zod';

import { validate } from '../common/validation';
import { bispectrumSchema, requireSpecies } from './hyperparameters';
import type { WithSpecies } from './hyperparameters';
import { ProductBasis } from './product-basis';

export type BispectrumHyperparameters = z.input<typeof bispectrumSchema>;
export type ResolvedBispectrum = WithSpecies<z.output<typeof bispectrumSchema>>;

/**
 * The bispectrum of atomic environments, three copies of the density averaged over rotations (ν = 3 in Eq. 2 of
 * the review): invariants of three coefficients that the Clebsch–Gordan coefficients couple,
 *
 *     Σ_{m m' m''} ⟨l m; l' m'|l'' m''⟩ c^α_nlm c^α'_n'l'm' c^α''_n''l''m'' / √(2l'' + 1) (up to sign)
 *
 * Each triple is there once, times √ of the number of its orders, so that dot products of rows are contractions
 * over all of them. `parity: 'both'` adds the triples of odd l + l' + l'', which change sign under inversion
 * and tell mirror images apart. Method: Bartók, Kondor and Csányi, Phys. Rev. B 87, 184115 (2013).
 *
 * @example
 * const bispectrum = new Bispectrum({ species: ['C', 'H'], parity: 'both' });
 * const { values } = await bispectrum.compute(await readStructures('molecules.xyz'));
 */
export class Bispectrum extends ProductBasis<ResolvedBispectrum> {
  /** @throws InvalidInputError naming the path of what is wrong; NumericalError or MemoryLimitError for a basis that is too large. */
  constructor(hyperparameters: BispectrumHyperparameters) {
    const resolved = requireSpecies(validate(bispectrumSchema, hyperparameters));
    super(resolved, { orders: [3, 3], ranks: [0], parity: resolved.parity });
  }
}
