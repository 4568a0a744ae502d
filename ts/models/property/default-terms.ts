import { checkEnvironmentRepresentation } from '../../representations/environments';
import type { CheckedTerm } from './config';

/** Cutoffs in Å, each with the width of its density and its weight: sharp nearby, blurred far away. */
const scales = [
  { radius: 3, width: 0.25, weight: 1 },
  { radius: 5, width: 0.4, weight: 1 },
];

/** Power spectra of several cutoffs: properties of all kinds are learned better by several than by any one. */
export function defaultTerms(): CheckedTerm[] {
  return scales.map(({ radius, width, weight }) => ({
    representation: checkEnvironmentRepresentation({
      cutoff: { radius },
      density: { type: 'gaussian', width },
      basis: { maxAngular: 6, radial: { count: 8 } },
    }),
    kernel: { type: 'dot-product', zeta: 2, normalize: true },
    weight,
  }));
}
