import { mixedByLikeness, mostApart } from '../../density/channels';
import { checkEnvironmentRepresentation } from '../../representations/environments';
import type { PropertyLabels } from '../../structures/property';
import { learnedChannels } from './config';
import type { CheckedPropertyConfig, CheckedTerm } from './config';

/** What the kernel between environments is made of. */
export interface KernelChoice {
  readonly terms: readonly CheckedTerm[];
  /** Others that may take the place of the only term, if labels say so. */
  readonly alternatives: readonly CheckedTerm[];
  readonly centres: 'same-element' | 'any';
  readonly notes: readonly string[];
}

/** What the configuration says of terms and centres, or else what suits the data. */
export function chooseKernel(
  config: CheckedPropertyConfig,
  species: readonly number[],
  { per, shape }: PropertyLabels,
): KernelChoice {
  const { terms, centres = 'same-element' } = config;
  if (terms) return { terms, alternatives: [], centres, notes: [] };
  if (species.length <= mostApart) {
    const mixed = species.length > 2 ? mixtures.filter((count) => count <= species.length) : [];
    return {
      terms: [powerSpectrum(basis, undefined)],
      alternatives: mixed.map((count) => powerSpectrum(basis, mixedByLikeness(count, species))),
      centres,
      notes: [],
    };
  }
  const matches = config.aggregate === 'rematch' || config.aggregate === 'best-match';
  const learnable = per === 'structure' && shape.length === 0 && !matches;
  return {
    terms: [
      {
        ...powerSpectrum(mixtureBasis, mixedByLikeness(channels, species)),
        ...(learnable && { learned: learnedChannels({ count: channels, samples }) }),
      },
    ],
    alternatives: [],
    // Of so many elements each has few data.
    centres: config.centres ?? (per === 'structure' ? 'any' : 'same-element'),
    notes: [
      `${species.length} elements are mixed to ${channels} channels, ${learnable ? 'learned' : 'by their properties'}; "terms" say what else is to be done with them`,
    ],
  };
}

const basis = { maxAngular: 6, radial: { count: 8 } };
/** Numbers of channels that compete with one for each element. */
const mixtures = [2, 3, 4];

const channels = 4;
/** Learning wants their Jacobian for every structure of the likelihood, at every step. */
const mixtureBasis = { maxAngular: 4, radial: { count: 6 } };

/** That the likelihood of channels is of, at most: its time goes with their square, and is a minute for so many. */
const samples = 400;

/**
 * A power spectrum whose neighbours count less the farther they are: sharp nearby, a blur at 5 Å. On molecules,
 * clusters and crystals it does about as well as sums of several cutoffs, for the time of one. The scaling is that of
 * Willatt, Musil and Ceriotti, Phys. Chem. Chem. Phys. 20, 29661 (2018).
 */
function powerSpectrum(basis: object, channels: object | undefined): CheckedTerm {
  const representation = checkEnvironmentRepresentation({
    cutoff: { radius: 5 },
    density: {
      type: 'gaussian',
      width: 0.3,
      scaling: { type: 'willatt', scale: 2, rate: 1, exponent: 5 },
    },
    basis,
    ...(channels && { channels }),
  });
  return { representation, kernel: { type: 'dot-product', zeta: 2, normalize: true }, weight: 1 };
}
