import type { z } from 'zod';

import { validate } from '../common/validation';
import { atomicClusterExpansionSchema, requireSpecies } from './hyperparameters';
import type { WithSpecies } from './hyperparameters';
import { ProductBasis } from './product-basis';

export type AtomicClusterExpansionHyperparameters = z.input<typeof atomicClusterExpansionSchema>;
export type ResolvedAtomicClusterExpansion = WithSpecies<
  z.output<typeof atomicClusterExpansionSchema>
>;

/**
 * The atomic cluster expansion (ACE): all independent invariants of one to `maxOrder` neighbours up to a total
 * degree Σ_k (n_k + 1 + angularWeight · l_k) ≤ `maxDegree`. A linear function of them is a cheap and systematically
 * improvable potential. With `ranks` other than [0], equivariants of these ranks. Method: Drautz, Phys. Rev. B 99,
 * 014104 (2019); Dusson et al., J. Comput. Phys. 454, 110946 (2022).
 *
 * @example
 * const ace = new AtomicClusterExpansion({ species: ['Cu'], maxOrder: 4, maxDegree: 10 });
 * const { values } = await ace.compute(await readStructures('copper.xyz'));
 */
export class AtomicClusterExpansion extends ProductBasis<ResolvedAtomicClusterExpansion> {
  /** @throws InvalidInputError naming the path of what is wrong; NumericalError or MemoryLimitError for a basis that is too large. */
  constructor(hyperparameters: AtomicClusterExpansionHyperparameters) {
    const resolved = requireSpecies(validate(atomicClusterExpansionSchema, hyperparameters));
    const { maxOrder, maxDegree, angularWeight, ranks, parity } = resolved;
    super(resolved, { orders: [1, maxOrder], ranks, parity, maxDegree, angularWeight });
  }
}
