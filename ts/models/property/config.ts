import { z } from 'zod';

import { integerBetween, positive, refuseSearchSpace, validate } from '../../common/validation';
import { learningShape } from '../../regression/learn-channels';
import { InvalidInputError } from '../../errors';
import { kernelSchema } from '../../kernels/hyperparameters';
import type { ResolvedKernel } from '../../kernels/hyperparameters';
import { checkEnvironmentRepresentation } from '../../representations/environments';
import { sharingShape } from '../committee';
import { checkInvariants } from './terms';
import type {
  AnyEnvironmentRepresentation,
  EnvironmentHyperparameters,
} from '../../representations';

/** Channels whose weights are learned in training, in a term's representation. */
const learnedSchema = z
  .strictObject({ type: z.literal('learned'), ...learningShape })
  .transform(({ count, method, starts, iterations, spread, samples, seed }) => ({
    count,
    method,
    starts,
    iterations,
    spread,
    samples,
    seed,
  }));

export type ChannelsToLearn = z.output<typeof learnedSchema>;

/** The same with all defaults. */
export const learnedChannels = (given: Omit<z.input<typeof learnedSchema>, 'type'>) =>
  learnedSchema.parse({ type: 'learned', ...given });

const termSchema = z.strictObject({
  /** Of atoms; for a part of rank λ > 0 of a tensor, λ-SOAP with the same density and basis takes its place. */
  representation: z.custom<unknown>().default({}),
  kernel: kernelSchema.prefault({ type: 'dot-product' }),
  /** What the kernel is multiplied with in the sum. */
  weight: positive().default(1),
});

/** How the weights of terms come about. */
const weightsSchema = z
  .discriminatedUnion('type', [
    z.strictObject({ type: z.literal('given') }),
    z.strictObject({
      /** Those that make labels most likely; their sum stays that of the given ones. */
      type: z.literal('marginal-likelihood'),
      /** Samples that the likelihood is of, at most: structures, or atoms of an element. */
      samples: integerBetween(2, 100_000).default(1000),
    }),
  ])
  .default({ type: 'given' });

/** What training a {@link PropertyModel} takes; whatever is left out is found from the data. */
export const propertySchema = z.strictObject({
  type: z.literal('property').default('property'),
  /** What labels are measured in, for reports and tables. Default: eV, eV/Å and eV/Å³ by the names of these. */
  unit: z.string().trim().min(1).optional(),
  /**
   * Terms of the kernel between environments, which are added up. Default: a power spectrum with radial scaling; of three
   * to eight elements with that mixture of alike ones, or none, by which labels are likeliest; of more they are mixed to
   * four channels, learned for a number of structures.
   */
  terms: z.array(termSchema).min(1).optional(),
  weights: weightsSchema,
  /**
   * How a structure's property follows from its environments: as their sum (extensive) or mean (intensive).
   * With the full kernel also `rematch` and `best-match`. Default: what fits composition better.
   */
  aggregate: z.enum(['sum', 'mean', 'rematch', 'best-match']).optional(),
  /** Of `rematch`: how much a match may be smeared out, from the best one (small) to the mean (large). Default 0.1. */
  gamma: positive().optional(),
  /**
   * Whether environments whose centres are of different elements have a kernel. With `any` a structure's environments are
   * compared with all of another's, their centres being part of their densities; of a property of structures only.
   * Default: `same-element`, but `any` where there are no terms and more than eight elements.
   */
  centres: z.enum(['same-element', 'any']).optional(),
  regression: z
    .discriminatedUnion('type', [
      z.strictObject({
        /** Projected process on M environments (Eq. 20 of the review). */
        type: z.literal('sparse'),
        /**
         * Number M of environments, over all elements. Default: as many as the data are worth. `all`: every
         * environment, copies by the symmetry of a crystal left out; memory grows with M².
         */
        count: z.union([z.literal('all'), integerBetween(1, 100_000)]).optional(),
        /** Farthest point sampling, element by element. */
        selection: z.literal('fps').default('fps'),
      }),
      /** Gaussian process on all samples (Eq. 14). */
      z.strictObject({ type: z.literal('full') }),
    ])
    .default({ type: 'sparse', selection: 'fps' }),
  /**
   * Whether 3, 3 × 3 and 3 × 3 × 3 numbers turn with the structure, or are numbers without direction; `voigt`: six
   * numbers xx, yy, zz, yz, xz, xy are a symmetric tensor.
   */
  tensor: z.union([z.boolean(), z.literal('voigt')]).default(true),
  baseline: z
    .strictObject({
      /**
       * Number for each atom of an element (for a property of atoms: its mean), the same number for atoms of all
       * elements, or nothing.
       */
      type: z.enum(['composition', 'mean', 'none']).default('composition'),
      /** Another property that structures carry, from which the model learns the difference (Δ-learning). */
      label: z.string().min(1).optional(),
    })
    .prefault({}),
  /**
   * Standard deviation of the labels' noise, in units of that of the property and for a prior of 1 for each
   * environment; for a tensor one for each of its irreducible parts. Default: found with held-out structures.
   */
  noise: z.union([positive(), z.array(positive())]).optional(),
  /**
   * The name under which structures, or the atoms of each, carry how much their labels count, numbers > 0: a weight of
   * two is the same as two samples. Default: all count alike.
   */
  sampleWeights: z.string().min(1).optional(),
  /** How labels scatter about the truth. */
  likelihood: z
    .discriminatedUnion('type', [
      z.strictObject({ type: z.literal('gaussian') }),
      /** With heavy tails: labels that all others contradict, be they wrong or odd, are given little weight. */
      z.strictObject({
        type: z.literal('student-t'),
        /** Degrees of freedom: the fewer, the less outliers count. */
        degrees: positive().default(4),
      }),
    ])
    .default({ type: 'gaussian' }),
  ...sharingShape,
});

/** Configuration as a user writes it, all of it optional. */
export type PropertyConfig = Omit<z.input<typeof propertySchema>, 'terms'> & {
  readonly terms?: readonly PropertyTerm[] | undefined;
};

/** A term of the kernel as a user writes it. */
export type PropertyTerm = Omit<z.input<typeof termSchema>, 'representation'> & {
  readonly representation?: EnvironmentHyperparameters | WithLearnedChannels | undefined;
};

/** A representation whose `channels` are learned. */
export type WithLearnedChannels = EnvironmentHyperparameters extends infer Each
  ? Each extends EnvironmentHyperparameters
    ? Omit<Each, 'channels'> & { readonly channels: z.input<typeof learnedSchema> }
    : never
  : never;

/** Configuration as it was given, with the defaults that do not depend on data. */
export type CheckedPropertyConfig = Omit<z.output<typeof propertySchema>, 'terms'> & {
  readonly terms?: readonly CheckedTerm[] | undefined;
};

/** A term with all defaults but the elements. */
export interface CheckedTerm {
  readonly representation: EnvironmentHyperparameters;
  readonly kernel: ResolvedKernel;
  readonly weight: number;
  /** How the channels of the representation are learned, where they are. */
  readonly learned?: ChannelsToLearn | undefined;
}

/** How environments make up a structure. */
export type Aggregate = NonNullable<z.output<typeof propertySchema>['aggregate']>;

/** Configuration with everything decided: training again with it gives the same model. */
export interface ResolvedPropertyConfig extends Omit<
  CheckedPropertyConfig,
  'terms' | 'weights' | 'aggregate' | 'centres' | 'regression' | 'noise'
> {
  readonly terms: readonly ResolvedTerm[];
  readonly weights: { readonly type: 'given' };
  readonly aggregate: Aggregate;
  readonly centres: 'same-element' | 'any';
  readonly regression:
    | { readonly type: 'sparse'; readonly count: number | 'all'; readonly selection: 'fps' }
    | { readonly type: 'full' };
  readonly noise: readonly number[];
}

/** A term whose elements are known. */
export interface ResolvedTerm {
  readonly representation: AnyEnvironmentRepresentation['hyperparameters'];
  readonly kernel: ResolvedKernel;
  readonly weight: number;
}

/** @throws InvalidInputError naming the path of what is wrong. */
export function checkPropertyConfig(config: PropertyConfig = {}): CheckedPropertyConfig {
  refuseSearchSpace(config);
  const { terms, ...checked } = validate(propertySchema, config);
  if (checked.gamma !== undefined && checked.aggregate !== 'rematch') {
    throw new InvalidInputError(
      `expected "aggregate": "rematch", which alone has it, got ${JSON.stringify(checked.aggregate) ?? 'none'}`,
      { path: 'gamma' },
    );
  }
  if (checked.weights.type !== 'given' && (terms?.length ?? 1) === 1) {
    throw new InvalidInputError(
      'expected at least two terms, got one: its weight has nothing to be weighed against',
      { path: 'weights.type' },
    );
  }
  return {
    ...checked,
    ...(terms && {
      terms: terms.map((term, index) => ({
        ...term,
        ...checkTerm(term.representation, `terms[${index}].representation`),
      })),
    }),
  };
}

function checkTerm(given: unknown, path: string): Pick<CheckedTerm, 'representation' | 'learned'> {
  const channels = (given as { readonly channels?: { readonly type?: unknown } } | null)?.channels;
  const learned =
    channels?.type === 'learned'
      ? validate(learnedSchema, channels, `${path}.channels`)
      : undefined;
  const representation = checkEnvironmentRepresentation(
    learned ? { ...(given as object), channels: { type: 'random', count: learned.count } } : given,
    path,
  );
  checkInvariants(representation, path);
  return { representation, learned };
}
