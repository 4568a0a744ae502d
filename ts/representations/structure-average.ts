import type { z } from 'zod';

import { validate } from '../common/validation';
import { compositionSchemas } from './composition-schemas';
import { checkConcatenation, Concatenation } from './concatenation';
import type { ConcatenationHyperparameters, ConcatenationLabel } from './concatenation';
import {
  checkEnvironmentRepresentation,
  createEnvironmentRepresentation,
  environmentTypes,
  typeOf,
} from './environments';
import type { AnyEnvironmentRepresentation, EnvironmentHyperparameters } from './environments';
import { Representation } from './representation';

export type StructureAverageHyperparameters = Omit<
  z.input<(typeof compositionSchemas)['structure-average']>,
  'of'
> & { readonly of: EnvironmentHyperparameters | ConcatenationHyperparameters };

/** Hyperparameters with all defaults filled in. */
export interface ResolvedStructureAverage {
  readonly type: 'structure-average';
  readonly of: (AnyEnvironmentRepresentation | Concatenation)['hyperparameters'];
  readonly average: 'outer' | 'inner';
  readonly reduction: 'mean' | 'sum';
}

/** Checks hyperparameters, those of what is averaged too; elements may be left out. */
export function checkStructureAverage(given: unknown): StructureAverageHyperparameters {
  const checked = validate(compositionSchemas['structure-average'], given);
  return { ...checked, of: checkAveraged(checked.of) };
}

/** Checks what is averaged: a representation of atoms, or several side by side. */
function checkAveraged(given: unknown): StructureAverageHyperparameters['of'] {
  const types = { ...environmentTypes, concatenation: undefined };
  return typeOf(given, types, 'of') === 'concatenation'
    ? checkConcatenation(given, 'of')
    : checkEnvironmentRepresentation(given, 'of');
}

type Label = AnyEnvironmentRepresentation['labels'][number] | ConcatenationLabel;

/**
 * Structures of N atoms as rows: the outer average (1/N) Σ_i f(c_i) of the features f of their atoms, or the inner
 * average f((1/N) Σ_i c_i), the features of averaged expansion coefficients; with `reduction: 'sum'` without 1/N.
 * `normalize` of what is averaged acts on f. Rows of the Jacobian are those of all atoms of a structure. The
 * averages are those of DScribe: Himanen et al., Comput. Phys. Commun. 247, 106949 (2020).
 *
 * @example
 * const average = new StructureAverage({ of: { cutoff: { radius: 5 }, species: ['Si'] }, average: 'inner' });
 * const { values, rows } = await average.compute(await readStructures('silicon.xyz'));
 */
export class StructureAverage extends Representation<ResolvedStructureAverage, Label> {
  /** The representation of atoms that is averaged. */
  readonly of: AnyEnvironmentRepresentation | Concatenation;

  /** @throws InvalidInputError naming the path of what is wrong; NumericalError for a basis that is too large. */
  constructor(hyperparameters: StructureAverageHyperparameters) {
    const schema = compositionSchemas['structure-average'];
    const { type, species, of, average, reduction } = validate(schema, hyperparameters);
    const checked = checkAveraged({ ...(species && { species }), ...of });
    const made =
      checked.type === 'concatenation'
        ? new Concatenation(checked)
        : createEnvironmentRepresentation(checked, 'of');
    super(
      { type, of: made.hyperparameters, average, reduction },
      { ...made.source, level: { inner: average === 'inner', mean: reduction === 'mean' } },
    );
    this.of = made;
  }

  override get labels(): Label[] {
    return this.of.labels;
  }

  override select(columns: ArrayLike<number>): StructureAverage {
    const of = this.of.select(columns).hyperparameters;
    return new StructureAverage({ ...this.hyperparameters, of });
  }
}
