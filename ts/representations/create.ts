import { compositionSchemas } from './composition-schemas';
import { checkConcatenation, Concatenation } from './concatenation';
import type { ConcatenationHyperparameters } from './concatenation';
import { checkEnvironmentRepresentation, environmentTypes, typeOf } from './environments';
import { checkStructureAverage, StructureAverage } from './structure-average';
import type { StructureAverageHyperparameters } from './structure-average';

/** Every representation by its `type`, and what it is in a line. */
export const representationTypes = {
  ...environmentTypes,
  concatenation: {
    about: 'rows of several representations side by side, each with its weight',
    schema: compositionSchemas.concatenation,
    create: (given: ConcatenationHyperparameters) => new Concatenation(given),
  },
  'structure-average': {
    about: 'a row for each structure: outer or inner mean or sum over its atoms',
    schema: compositionSchemas['structure-average'],
    create: (given: StructureAverageHyperparameters) => new StructureAverage(given),
  },
} as const;

export type RepresentationType = keyof typeof representationTypes;

/** Hyperparameters of any representation; `type` says of which, by default of a power spectrum. */
export type RepresentationHyperparameters = {
  [Type in RepresentationType]: Parameters<(typeof representationTypes)[Type]['create']>[0];
}[RepresentationType];

/** Any of the representations. */
export type AnyRepresentation = ReturnType<
  (typeof representationTypes)[RepresentationType]['create']
>;

/**
 * Checks what a user gave against the hyperparameters of the representation that its `type` names, and fills in
 * the defaults; elements may be left out.
 *
 * @throws InvalidInputError naming the path of what is wrong.
 */
export function checkRepresentation(given: unknown): RepresentationHyperparameters {
  const type = typeOf(given, representationTypes);
  if (type === 'concatenation') return checkConcatenation(given);
  return type === 'structure-average'
    ? checkStructureAverage(given)
    : checkEnvironmentRepresentation(given);
}

/**
 * Makes the representation that `type` names.
 *
 * @throws InvalidInputError naming the path of what is wrong; NumericalError for a basis that is too large.
 */
export function createRepresentation(given: RepresentationHyperparameters): AnyRepresentation {
  const checked = checkRepresentation(given);
  const create = representationTypes[checked.type ?? 'power-spectrum'].create as (
    hyperparameters: RepresentationHyperparameters,
  ) => AnyRepresentation;
  return create(checked);
}
