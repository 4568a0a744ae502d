import type { z } from 'zod';

import { powerSpectrumSchema, requireSpecies } from '../representations/hyperparameters';
import type { ResolvedPowerSpectrum } from '../representations/hyperparameters';
import type { CheckedPotentialConfig } from './config';

/** A representation and kernel that may be the best for a data set. */
export interface Candidate {
  readonly representation: ResolvedPowerSpectrum;
  readonly zeta: number;
}

const radii = [4.5, 5.5, 6.5];
const widths = [0.3, 0.5];
const zetas = [2, 4];

/** What is used for what the caller has not decided, when there are no data to decide it. */
const standard = { radius: 5, width: 0.4, zeta: 2, radial: 8, maxAngular: 6 };

/**
 * What competes for a data set with these elements: one candidate when the caller gave a representation and ζ,
 * else a few cutoffs, widths of the density and powers of the kernel. The first stands for the rest when there
 * are too few data to choose.
 */
export function candidates(
  config: CheckedPotentialConfig,
  species: readonly number[],
): [Candidate, ...Candidate[]] {
  const { representation, kernel } = config;
  const withSpecies = (hyperparameters: z.output<typeof powerSpectrumSchema>) =>
    requireSpecies({ ...hyperparameters, species: hyperparameters.species ?? [...species] });
  const powers = kernel.zeta === undefined ? zetas : [kernel.zeta];
  const first = kernel.zeta ?? standard.zeta;
  if (representation) {
    const given = withSpecies(representation);
    return [
      { representation: given, zeta: first },
      ...powers.filter((zeta) => zeta !== first).map((zeta) => ({ representation: given, zeta })),
    ];
  }
  const of = (radius: number, width: number, zeta: number): Candidate => ({
    representation: withSpecies(
      powerSpectrumSchema.parse({
        cutoff: { radius },
        density: { width },
        basis: { maxAngular: standard.maxAngular, radial: { count: standard.radial } },
      }),
    ),
    zeta,
  });
  return [
    of(standard.radius, standard.width, first),
    ...radii.flatMap((radius) =>
      widths.flatMap((width) => powers.map((zeta) => of(radius, width, zeta))),
    ),
  ];
}
