import type { z } from 'zod';

import { validate } from '../common/validation';
import { compositionSchemas } from './composition-schemas';
import { ascendingColumns } from './environment-representation';
import { checkEnvironmentRepresentation, createEnvironmentRepresentation } from './environments';
import type { AnyEnvironmentRepresentation, EnvironmentHyperparameters } from './environments';
import { Representation } from './representation';

/** A representation of atoms, and what its features are multiplied with. */
export interface ConcatenationPart {
  /** Default 1. */
  readonly weight?: number;
  readonly representation: EnvironmentHyperparameters;
}

export type ConcatenationHyperparameters = Omit<
  z.input<typeof compositionSchemas.concatenation>,
  'parts'
> & { readonly parts: readonly ConcatenationPart[] };

/** Hyperparameters with all defaults filled in. */
export interface ResolvedConcatenation {
  readonly type: 'concatenation';
  readonly parts: readonly {
    readonly weight: number;
    readonly representation: AnyEnvironmentRepresentation['hyperparameters'];
  }[];
}

/**
 * Checks hyperparameters, those of the parts too; elements may be left out.
 *
 * @param path where the hyperparameters stand in what the user wrote.
 */
export function checkConcatenation(given: unknown, path = ''): ConcatenationHyperparameters {
  const { parts, ...checked } = validate(compositionSchemas.concatenation, given, path);
  const inside = `${path && `${path}.`}parts`;
  return {
    ...checked,
    parts: parts.map(({ weight, representation }, index) => ({
      weight,
      representation: checkEnvironmentRepresentation(
        representation,
        `${inside}[${index}].representation`,
      ),
    })),
  };
}

/** What a column of a concatenation is: one of a part. */
export interface ConcatenationLabel {
  /** Index of the part. */
  readonly part: number;
  /** The label that the part gives the column. */
  readonly label: AnyEnvironmentRepresentation['labels'][number];
}

/**
 * Rows of several representations of atoms side by side, (w_1 p_1, w_2 p_2, …), each normalised by itself if its
 * hyperparameters say so. Parts may differ in everything, the cutoff too: short and long distances, each in its own
 * resolution, as in the multi-scale SOAP of Bartók et al., Sci. Adv. 3, e1701816 (2017).
 *
 * @example
 * const scales = new Concatenation({
 *   species: ['H', 'O'],
 *   parts: [
 *     { weight: 1, representation: { cutoff: { radius: 3 }, normalize: true } },
 *     { weight: 0.3, representation: { cutoff: { radius: 6 }, normalize: true } },
 *   ],
 * });
 */
export class Concatenation extends Representation<ResolvedConcatenation, ConcatenationLabel> {
  /** The representations side by side, without their weights. */
  readonly parts: readonly AnyEnvironmentRepresentation[];

  /** @throws InvalidInputError naming the path of what is wrong; NumericalError for a basis that is too large. */
  constructor(hyperparameters: ConcatenationHyperparameters) {
    const { type, species, parts } = validate(compositionSchemas.concatenation, hyperparameters);
    const made = parts.map(({ representation }, index) =>
      createEnvironmentRepresentation(
        { ...(species && { species }), ...representation },
        `parts[${index}].representation`,
      ),
    );
    super(
      {
        type,
        parts: made.map((part, index) => ({
          weight: parts[index]!.weight,
          representation: part.hyperparameters,
        })),
      },
      {
        parts: made.flatMap(({ source }, index) =>
          source.parts.map(({ representation }) => ({
            representation,
            weight: parts[index]!.weight,
          })),
        ),
        check: (structure, index) => {
          for (const { source } of made) source.check(structure, index);
        },
      },
    );
    this.parts = made;
  }

  override get labels(): ConcatenationLabel[] {
    return this.parts.flatMap(({ labels }, part) => labels.map((label) => ({ part, label })));
  }

  override select(columns: ArrayLike<number>): Concatenation {
    const ascending = ascendingColumns(columns, this.features);
    let first = 0;
    const parts = this.parts.flatMap((part, index) => {
      const [begin, end] = [first, (first += part.features)];
      const own = ascending.flatMap((c) => (c >= begin && c < end ? [c - begin] : []));
      if (own.length === 0) return [];
      const { weight } = this.hyperparameters.parts[index]!;
      return [{ weight, representation: part.select(own).hyperparameters }];
    });
    return new Concatenation({ parts });
  }
}
