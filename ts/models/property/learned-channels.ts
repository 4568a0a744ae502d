import type { Matrix } from '../../common/matrix';
import { InvalidInputError } from '../../errors';
import type { AsyncOptions } from '../../native/call';
import { learnChannels } from '../../regression/learn-channels';
import { createEnvironmentRepresentation } from '../../representations/environments';
import type { Structure } from '../../structures/structure';
import type { Aggregate, CheckedTerm, ResolvedPropertyConfig, ResolvedTerm } from './config';

/** What channels are learned from. */
export interface ChannelLabels {
  /** Structures that are not held out, by their indices. */
  readonly fitted: readonly number[];
  /** One number for each structure, or nothing that is left of it; undefined where the property is another. */
  readonly labels: Matrix | 'nothing' | undefined;
  /** How much each of them counts; undefined where all count alike. */
  readonly weights: Float64Array | undefined;
  readonly aggregate: Aggregate;
  readonly centres: ResolvedPropertyConfig['centres'];
}

/**
 * Terms whose channels have weights: those that are to be learned are, by the likelihood of what the baseline leaves of
 * the labels, each term by itself.
 */
export async function learnTerms(
  terms: readonly ResolvedTerm[],
  given: readonly Pick<CheckedTerm, 'learned'>[],
  structures: readonly Structure[],
  { fitted, labels, weights, aggregate, centres }: ChannelLabels,
  options: AsyncOptions,
): Promise<ResolvedTerm[]> {
  const result: ResolvedTerm[] = [];
  for (const [index, term] of terms.entries()) {
    const { learned } = given[index]!;
    // Where the baseline explains all labels, any channels will do.
    if (!learned || labels === 'nothing') {
      result.push(term);
      continue;
    }
    const { representation, kernel } = term;
    const path = `terms[${index}].representation.channels.type`;
    if (!labels || labels.shape[1] !== 1 || (aggregate !== 'sum' && aggregate !== 'mean')) {
      throw new InvalidInputError(
        'channels are learned from one number for each structure, of sums or means; expected "given", "random" or "properties"',
        { path },
      );
    }
    if (kernel.type !== 'dot-product' || !Number.isInteger(kernel.zeta) || !kernel.normalize) {
      throw new InvalidInputError(
        'channels are learned for normalised dot products to a whole power',
        { path },
      );
    }
    const { channels } = await learnChannels(
      fitted.map((s) => structures[s]!),
      fitted.map((s) => labels.values[s]!),
      {
        ...learned,
        ...options,
        representation,
        sampleWeights: weights && fitted.map((s) => weights[s]!),
        zeta: kernel.zeta,
        aggregate,
        sameElement: centres === 'same-element',
      },
    );
    const { hyperparameters } = createEnvironmentRepresentation({ ...representation, channels });
    result.push({ ...term, representation: hyperparameters });
  }
  return result;
}
