import type { z } from 'zod';

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

/** Every representation of atoms by its `type`, and what it is in a line. */
export const environmentTypes = {
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

export type EnvironmentType = keyof typeof environmentTypes;

/** Hyperparameters of any representation of atoms; `type` says of which, by default of a power spectrum. */
export type EnvironmentHyperparameters = {
  [Type in EnvironmentType]: Parameters<(typeof environmentTypes)[Type]['create']>[0];
}[EnvironmentType];

/** Any representation of atoms. */
export type AnyEnvironmentRepresentation = ReturnType<
  (typeof environmentTypes)[EnvironmentType]['create']
>;

/** The `type` of hyperparameters, which must be one of these. @throws InvalidInputError */
export function typeOf<Type extends string>(
  given: unknown,
  types: Readonly<Record<Type, unknown>>,
  path = '',
): Type {
  const hasType = typeof given === 'object' && given !== null && 'type' in given;
  const type: unknown = hasType ? given.type : 'power-spectrum';
  if (typeof type === 'string' && Object.hasOwn(types, type)) return type as Type;
  const names = Object.keys(types).map((name) => JSON.stringify(name));
  throw new InvalidInputError(`expected one of ${names.join(', ')}, got ${JSON.stringify(type)}`, {
    path: path ? `${path}.type` : 'type',
  });
}

/**
 * Checks hyperparameters of a representation of atoms and fills in the defaults.
 *
 * @param path where the hyperparameters stand in what the user wrote.
 */
export function checkEnvironmentRepresentation(
  given: unknown,
  path = '',
): EnvironmentHyperparameters {
  const { schema } = environmentTypes[typeOf(given, environmentTypes, path)];
  return validate<z.ZodType>(schema, given, path) as EnvironmentHyperparameters;
}

/** Makes a representation of atoms. See {@link checkEnvironmentRepresentation}. */
export function createEnvironmentRepresentation(
  given: unknown,
  path = '',
): AnyEnvironmentRepresentation {
  const checked = checkEnvironmentRepresentation(given, path);
  const { create } = environmentTypes[checked.type ?? 'power-spectrum'];
  return (create as (hyperparameters: object) => AnyEnvironmentRepresentation)(checked);
}
