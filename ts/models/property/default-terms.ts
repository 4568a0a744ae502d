import { checkEnvironmentRepresentation } from '../../representations/environments';
import type { CheckedTerm } from './config';

/**
 * A power spectrum whose neighbours count less the farther they are: sharp nearby, a blur at 5 Å. On molecules,
 * clusters and crystals it does about as well as sums of several cutoffs, for the time of one. The scaling is that of
 * Willatt, Musil and Ceriotti, Phys. Chem. Chem. Phys. 20, 29661 (2018).
 */
export function defaultTerms(): CheckedTerm[] {
  const representation = checkEnvironmentRepresentation({
    cutoff: { radius: 5 },
    density: {
      type: 'gaussian',
      width: 0.3,
      scaling: { type: 'willatt', scale: 2, rate: 1, exponent: 5 },
    },
    basis: { maxAngular: 6, radial: { count: 8 } },
  });
  return [{ representation, kernel: { type: 'dot-product', zeta: 2, normalize: true }, weight: 1 }];
}
