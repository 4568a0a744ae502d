import { z } from 'zod';

import {
  integerBetween,
  numberThat,
  positive,
  refuseSearchSpace,
  validate,
} from '../common/validation';
import { sharingShape } from './committee';
import type { Uncertainty } from './committee';
import { powerSpectrumSchema } from '../representations/hyperparameters';
import type { ResolvedPowerSpectrum } from '../representations/hyperparameters';

const baselineSchema = z.discriminatedUnion('type', [
  /** The energies per element that fit the total energies best. */
  z.strictObject({ type: z.literal('least-squares') }),
  /** The energies of the isolated atoms among the structures. */
  z.strictObject({ type: z.literal('isolated-atoms') }),
  /** Energies in eV by chemical symbol. */
  z.strictObject({
    type: z.literal('given'),
    energies: z.record(z.string(), numberThat('an energy in eV')),
  }),
]);

/** What `train` takes; whatever is left out is found from the data. */
export const potentialSchema = z.strictObject({
  /** Default: power spectra of several cutoffs compete. */
  representation: powerSpectrumSchema
    .refine(({ density }) => density.type !== 'power-law', {
      path: ['density', 'type'],
      error: 'potentials are of local densities: expected "gaussian" or "delta"',
    })
    .refine(({ longRange }) => longRange === undefined, {
      path: ['longRange'],
      error: 'potentials are of local densities: expected no longRange',
    })
    .optional(),
  kernel: z
    .strictObject({
      /** Power ζ of the dot product of normalised features. Default: found with the representation. */
      zeta: integerBetween(1, 12).optional(),
    })
    .prefault({}),
  sparse: z
    .strictObject({
      /**
       * Number M of sparse points, over all elements. Default: as many as the data are worth. `all`: every environment
       * is one, for the most that can be learned from few small molecules; memory grows with M².
       */
      count: z.union([z.literal('all'), integerBetween(1, 100_000)]).optional(),
      /** Farthest point sampling, element by element. */
      selection: z.literal('fps').default('fps'),
    })
    .prefault({}),
  /** Default: isolated atoms when each element has one among the structures, else least squares. */
  baseline: baselineSchema.optional(),
  /** Standard deviations of the labels' noise, for a prior of 1 eV per environment. */
  noise: z
    .strictObject({
      /** eV/atom; a structure of N atoms has √N times as much. */
      energy: positive('eV/atom').optional(),
      /** eV/Å. */
      forces: positive('eV/Å').optional(),
      /** eV/Å³. */
      stress: positive('eV/Å³').optional(),
    })
    .prefault({}),
  /**
   * The name under which structures carry how much their labels count, numbers > 0, the same for energy, forces and stress:
   * a weight of two is the same as the structure twice. Default: all count alike.
   */
  sampleWeights: z.string().min(1).optional(),
  ...sharingShape,
});

/** Configuration as a user writes it, all of it optional. */
export type PotentialConfig = z.input<typeof potentialSchema>;

/** Configuration as it was given, with the defaults that do not depend on data. */
export type CheckedPotentialConfig = z.output<typeof potentialSchema>;

/** Configuration with everything decided: training again with it gives the same model. */
export interface ResolvedPotentialConfig {
  readonly representation: ResolvedPowerSpectrum;
  readonly kernel: { readonly zeta: number };
  readonly sparse: { readonly count: number | 'all'; readonly selection: 'fps' };
  readonly baseline: {
    readonly type: 'given';
    readonly energies: Readonly<Record<string, number>>;
  };
  readonly noise: {
    readonly energy: number;
    readonly forces: number;
    readonly stress: number;
  };
  readonly sampleWeights?: string | undefined;
  readonly validation: { readonly fraction: number };
  readonly uncertainty: Uncertainty;
  readonly seed: number;
}

/** @throws InvalidInputError naming the path of what is wrong. */
export function checkConfig(config: PotentialConfig = {}): CheckedPotentialConfig {
  refuseSearchSpace(config);
  return validate(potentialSchema, config);
}
