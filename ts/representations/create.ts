import { validate } from '../common/validation';
import { InvalidInputError } from '../errors';
import { AtomicClusterExpansion } from './atomic-cluster-expansion';
import type { AtomicClusterExpansionHyperparameters } from './atomic-cluster-expansion';
import { Bispectrum } from './bispectrum';
import type { BispectrumHyperparameters } from './bispectrum';
import { EquivariantPowerSpectrum } from './equivariant-power-spectrum';
import type { EquivariantPowerSpectrumHyperparameters } from './equivariant-power-spectrum';
import {
  atomicClusterExpansionSchema,
  bispectrumSchema,
  equivariantPowerSpectrumSchema,
  powerSpectrumSchema,
  radialSpectrumSchema,
  sphericalExpansionSchema,
} from './hyperparameters';
import type { PowerSpectrumHyperparameters } from './hyperparameters';
import { PowerSpectrum } from './power-spectrum';
import { RadialSpectrum } from './radial-spectrum';
import type { RadialSpectrumHyperparameters } from './radial-spectrum';
import { SphericalExpansion } from './spherical-expansion';
import type { SphericalExpansionHyperparameters } from './spherical-expansion';

/** Every representation by its `type`, and what it is in a line. */
export const representationTypes = {
  'power-spectrum': {
    about: 'SOAP: invariants of two neighbours (distances and an angle)',
    schema: powerSpectrumSchema,
    create: (given: PowerSpectrumHyperparameters) => new PowerSpectrum(given),
  },
  'radial-spectrum': {
    about: 'invariants of one neighbour (distances)',
    schema: radialSpectrumSchema,
    create: (given: RadialSpectrumHyperparameters) => new RadialSpectrum(given),
  },
  bispectrum: {
    about: 'invariants of three neighbours, also those that tell mirror images apart',
    schema: bispectrumSchema,
    create: (given: BispectrumHyperparameters) => new Bispectrum(given),
  },
  ace: {
    about: 'atomic cluster expansion: invariants of up to five neighbours by total degree',
    schema: atomicClusterExpansionSchema,
    create: (given: AtomicClusterExpansionHyperparameters) => new AtomicClusterExpansion(given),
  },
  'equivariant-power-spectrum': {
    about: 'λ-SOAP: features that turn like harmonics of rank λ, for vectors and tensors',
    schema: equivariantPowerSpectrumSchema,
    create: (given: EquivariantPowerSpectrumHyperparameters) => new EquivariantPowerSpectrum(given),
  },
  'spherical-expansion': {
    about: 'the coefficients of the density themselves',
    schema: sphericalExpansionSchema,
    create: (given: SphericalExpansionHyperparameters) => new SphericalExpansion(given),
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
  const hasType = typeof given === 'object' && given !== null && 'type' in given;
  const type: unknown = hasType ? given.type : 'power-spectrum';
  if (typeof type !== 'string' || !Object.hasOwn(representationTypes, type)) {
    const names = Object.keys(representationTypes).map((name) => JSON.stringify(name));
    throw new InvalidInputError(
      `expected one of ${names.join(', ')}, got ${JSON.stringify(type)}`,
      { path: 'type' },
    );
  }
  return validate(representationTypes[type as RepresentationType].schema, given);
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
