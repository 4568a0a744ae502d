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
  /** Cutoff radius, Å. */
  readonly radius: readonly number[];
  /** Width of the density, Å. */
  readonly width: readonly number[];
  readonly zeta: readonly number[];
}

const standard: Choices = { radius: [5.5, 4.5, 6.5], width: [0.4, 0.3, 0.5], zeta: [2, 4] };

/** Angular resolution by the number of elements: features grow with the square of that number. */
const maxAngular = (species: readonly number[]) => (species.length <= 2 ? 8 : 6);

/** The choices that a configuration leaves open. */
export function openChoices({ representation, kernel }: CheckedPotentialConfig): Choices {
  return {
    radius: representation ? [representation.cutoff.radius] : standard.radius,
    width: representation ? [densityWidth(representation.density)] : standard.width,
    zeta: kernel.zeta === undefined ? standard.zeta : [kernel.zeta],
  };
}

/** The candidate with these values for what the configuration leaves open. */
export function candidateOf(
  { representation }: CheckedPotentialConfig,
  species: readonly number[],
  choice: { readonly [Name in keyof Choices]: number },
): Candidate {
  const hyperparameters =
    representation ??
    powerSpectrumSchema.parse({
      cutoff: { radius: choice.radius },
      density: { width: choice.width },
      basis: { maxAngular: maxAngular(species) },
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
  const choices = openChoices(config);
  const lists = [choices.radius, choices.width, choices.zeta];
  const total = 1 + lists.reduce((sum, values) => sum + values.length - 1, 0);
  let best = { radius: choices.radius[0]!, width: choices.width[0]!, zeta: choices.zeta[0]! };
  if (total === 1) return candidateOf(config, species, best);

  let done = 0;
  const trial = (choice: typeof best) => {
    report(done++, total);
    return scoreOf(candidateOf(config, species, choice));
  };
  let bestScore = await trial(best);
  for (const name of ['radius', 'width', 'zeta'] as const) {
    const incumbent = best;
    for (const value of choices[name].slice(1)) {
      const choice = { ...incumbent, [name]: value };
      const score = await trial(choice);
      if (score < bestScore - significant) [best, bestScore] = [choice, score];
    }
  }
  report(total, total);
  return candidateOf(config, species, best);
}

/** Errors of small models say little about differences of less than a few per cent between large ones. */
const significant = 0.05;
