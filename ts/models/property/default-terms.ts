import { mixedByLikeness, mostApart } from '../../density/channels';
import type { ResolvedChannels } from '../../density/channels';
import { checkEnvironmentRepresentation } from '../../representations/environments';
import type { PropertyLabels } from '../../structures/property';
import { learnedChannels } from './config';
import type { CheckedPropertyConfig, CheckedTerm } from './config';

/** A term that may take the place of the only one. */
export interface Alternative {
  readonly term: CheckedTerm;
  /** If labels are likelier by more than so many nats each. */
  readonly margin: number;
}

/** What the kernel between environments is made of. */
export interface KernelChoice {
  readonly terms: readonly CheckedTerm[];
  readonly alternatives: readonly Alternative[];
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
    return {
      terms: [powerSpectrum(basis, undefined)],
      alternatives: mixtures(species).map(({ channels, margin }) => ({
        term: powerSpectrum(basis, channels),
        margin,
      })),
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

/** Of mixtures: with so many, organic molecules of five elements err by a tenth less than with one for each. */
const channels = 4;

/**
 * What competes with a channel for each element. Two and three channels do well where data are few, and saturate where
 * there are more: their errors must be a quarter smaller. As many as elements are apart with another metric.
 */
function mixtures(
  species: readonly number[],
): { readonly channels: ResolvedChannels; readonly margin: number }[] {
  if (species.length <= 2) return [];
  const most = Math.min(channels, species.length);
  return [
    { channels: mixedByLikeness(most, species, 'loose'), margin: 0 },
    { channels: mixedByLikeness(most, species), margin: 0 },
    ...[2, 3]
      .filter((count) => count < most)
      .map((count) => ({ channels: mixedByLikeness(count, species), margin: 0.3 })),
  ];
}

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
