import { channelCount, mixedByLikeness, mostApart } from '../density/channels';
import type { ResolvedChannels } from '../density/channels';
import { densityWidth } from '../density/hyperparameters';
import { powerSpectrumSchema, requireSpecies } from '../representations/hyperparameters';
import type { ResolvedPowerSpectrum } from '../representations/hyperparameters';
import type { CheckedPotentialConfig } from './config';

/** A representation and kernel that may be the best for a data set. */
export interface Candidate {
  readonly representation: ResolvedPowerSpectrum;
  /** Power ζ of the kernel. */
  readonly zeta: number;
}

/** What is not given by the caller, in the order in which it is decided, the standard value first. */
interface Choices {
  readonly channels: readonly ResolvedChannels[];
  /** Cutoff radius, Å. */
  readonly radius: readonly number[];
  /** Width of the density, Å. */
  readonly width: readonly number[];
  readonly zeta: readonly number[];
}

const standard = { radius: [5.5, 4.5, 6.5], width: [0.4, 0.3, 0.5], zeta: [2, 4] } as const;

const apart: ResolvedChannels = { type: 'elements' };

function channelsFor(species: readonly number[]): readonly ResolvedChannels[] {
  const { length: elements } = species;
  if (elements <= 2) return [apart];
  const mixed = (elements > 4 ? [4, 2] : [2]).map((count) => mixedByLikeness(count, species));
  return elements <= mostApart ? [apart, ...mixed] : mixed;
}

/** Angular resolution by the number of channels: features grow with the square of that number. */
const maxAngular = (channels: number) => (channels <= 2 ? 8 : 6);

/** The choices that a configuration leaves open. */
function openChoices(
  { representation, kernel }: CheckedPotentialConfig,
  species: readonly number[],
): Choices {
  return {
    channels: representation ? [representation.channels] : channelsFor(species),
    radius: representation ? [representation.cutoff.radius] : standard.radius,
    width: representation ? [densityWidth(representation.density)] : standard.width,
    zeta: kernel.zeta === undefined ? standard.zeta : [kernel.zeta],
  };
}

const names = ['channels', 'radius', 'width', 'zeta'] as const;

/** A value for each. */
type Choice = { readonly [Name in keyof Choices]: Choices[Name][number] };

const standardOf = ({ channels, radius, width, zeta }: Choices): Choice => ({
  channels: channels[0]!,
  radius: radius[0]!,
  width: width[0]!,
  zeta: zeta[0]!,
});

/** The candidate with standard values for what the configuration leaves open. */
export const standardCandidate = (config: CheckedPotentialConfig, species: readonly number[]) =>
  candidateOf(config, species, standardOf(openChoices(config, species)));

function candidateOf(
  { representation }: CheckedPotentialConfig,
  species: readonly number[],
  choice: Choice,
): Candidate {
  const hyperparameters =
    representation ??
    powerSpectrumSchema.parse({
      cutoff: { radius: choice.radius },
      density: { width: choice.width },
      basis: { maxAngular: maxAngular(channelCount(choice.channels, species)) },
      channels: choice.channels,
    });
  return {
    representation: requireSpecies({ ...hyperparameters, species: [...species] }),
    zeta: choice.zeta,
  };
}

/**
 * Decides what a configuration leaves open, one hyperparameter after the other: each value competes with the
 * best so far and must lower the score significantly to replace it.
 *
 * @param scoreOf trains a small model and says how much it errs, as a logarithm; the smaller the better.
 * @param report called before each trial.
 */
export async function chooseCandidate(
  config: CheckedPotentialConfig,
  species: readonly number[],
  scoreOf: (candidate: Candidate) => Promise<number>,
  report: (done: number, total: number) => void,
): Promise<Candidate> {
  const choices = openChoices(config, species);
  const alternatives = names.map((name) => choices[name].length - 1);
  const total = 1 + alternatives.reduce((sum, count) => sum + count, 0);
  let best = standardOf(choices);
  if (total === 1) return candidateOf(config, species, best);

  let done = 0;
  const trial = (choice: Choice) => {
    report(done++, total);
    return scoreOf(candidateOf(config, species, choice));
  };
  let bestScore = await trial(best);
  for (const name of names) {
    const incumbent = best;
    for (const value of choices[name].slice(1)) {
      const choice = { ...incumbent, [name]: value };
      const score = await trial(choice);
      if (score < bestScore - significant[name]) [best, bestScore] = [choice, score];
    }
  }
  report(total, total);
  return candidateOf(config, species, best);
}

/**
 * Errors of small models say little about differences of less than a few per cent between large ones. Fewer channels
 * always do well where data are few, and saturate where there are more: they must be clearly better.
 */
const significant = { channels: 0.3, radius: 0.05, width: 0.05, zeta: 0.05 };
