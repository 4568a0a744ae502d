import { z } from 'zod';

import { typedArray, validate, validateMembers } from '../common/validation';
import { InvalidInputError } from '../errors';
import { callSync } from '../native/call';
import type { NativeExpansion } from '../native/contract';
import { native } from '../native/load';
import { nativeExpansion } from './expansion';
import { basisSchema, cutoffSchema, densitySchema } from './hyperparameters';

/** Values of functions of the distance and their derivatives, to look at or to draw. */
export interface RadialFunctions {
  /** N, or N × (l_max + 1) × n where there is a function for every l and n. */
  readonly values: Float64Array;
  /** Derivatives with respect to the distance, 1/Å, of the same shape. */
  readonly slopes: Float64Array;
}

const functionsSchema = z.strictObject({
  cutoff: cutoffSchema.prefault({}),
  density: densitySchema.prefault({}),
  basis: basisSchema.prefault({}),
});

/** The cutoff, density and basis of any representation; what is left out has its default. */
export type RadialHyperparameters = z.input<typeof functionsSchema>;

/** The same with all defaults filled in. */
export type ResolvedRadial = z.output<typeof functionsSchema>;

/** Fills in the defaults. @throws InvalidInputError naming the path of what is wrong. */
export function resolveRadial(hyperparameters: RadialHyperparameters): ResolvedRadial {
  const resolved = validateMembers(functionsSchema, hyperparameters, 'hyperparameters');
  if (resolved.density.type === 'power-law') {
    throw new InvalidInputError(
      'expected gaussian or delta: a power law is not a sum over neighbours within a cutoff',
      { path: 'density.type' },
    );
  }
  const { radial } = resolved.basis;
  if (radial.type === 'contracted' && radial.coefficients.length > 1) {
    throw new InvalidInputError(
      'expected the contraction of one element: each has radial functions of its own',
      { path: 'basis.radial.coefficients' },
    );
  }
  return resolved;
}

/**
 * The cutoff function f_c(r) at N distances in Å.
 *
 * @throws InvalidInputError naming the path of what is wrong.
 */
export const cutoffFunction = (
  hyperparameters: Pick<RadialHyperparameters, 'cutoff'>,
  distances: Float64Array,
): RadialFunctions => {
  const { cutoff } = checkRadial(hyperparameters);
  return evaluate('cutoffFunction', { cutoff }, distances, () => 1);
};

/**
 * The radial scaling u(r) at N distances in Å; 1 where the density has none, infinite at r = 0 where it is a
 * pure power law.
 *
 * @throws InvalidInputError naming the path of what is wrong.
 */
export const radialScaling = (
  hyperparameters: Pick<RadialHyperparameters, 'density'>,
  distances: Float64Array,
): RadialFunctions => {
  const { density } = checkRadial(hyperparameters);
  return evaluate('radialScaling', { density }, distances, () => 1);
};

/**
 * The radial functions R_nl(r) at N distances in Å, ∫ r² R_nl R_n'l dr = δ_nn', in Å^{−3/2}.
 *
 * @returns N × (maxAngular + 1) × n.
 * @throws InvalidInputError naming the path of what is wrong; NumericalError for a basis that is too large.
 */
export const radialBasis = (
  hyperparameters: Pick<RadialHyperparameters, 'cutoff' | 'basis'>,
  distances: Float64Array,
): RadialFunctions => {
  const { cutoff, basis } = checkRadial(hyperparameters);
  const { radial } = basis;
  if ((radial.type === 'contracted' ? radial.from : radial).type === 'legendre-dvr') {
    throw new InvalidInputError(
      'legendre-dvr functions are defined at points only; look at radialIntegrals instead',
      { path: 'basis.radial.type' },
    );
  }
  return evaluate('radialBasis', { cutoff, basis }, distances, basisSize);
};

/**
 * The radial integrals ⟨nl|r⟩ at N distances in Å: what one neighbour at this distance contributes to the
 * expansion, cutoff and scaling included, as the splines of the engine give it.
 *
 * @returns N × (maxAngular + 1) × n.
 * @throws InvalidInputError naming the path of what is wrong; NumericalError for a basis that is too large.
 */
export const radialIntegrals = (
  hyperparameters: RadialHyperparameters,
  distances: Float64Array,
): RadialFunctions => {
  return evaluate('radialIntegrals', checkRadial(hyperparameters), distances, basisSize);
};

/** These of the hyperparameters of a representation, which may have others. */
function checkRadial(hyperparameters: RadialHyperparameters): ResolvedRadial {
  validateMembers(z.looseObject({}), hyperparameters, 'hyperparameters');
  const { cutoff, density, basis } = hyperparameters;
  return validate(functionsSchema, { cutoff, density, basis });
}

/** Number of functions R_nl. */
const basisSize = ({ maxAngular, radialCount }: NativeExpansion): number =>
  (maxAngular + 1) * radialCount;

function evaluate(
  name: 'cutoffFunction' | 'radialScaling' | 'radialBasis' | 'radialIntegrals',
  hyperparameters: RadialHyperparameters,
  distances: Float64Array,
  perDistance: (expansion: NativeExpansion) => number,
): RadialFunctions {
  const expansion = nativeExpansion({
    ...validate(functionsSchema, hyperparameters),
    species: [1],
  });
  validate(typedArray('Float64Array'), distances, 'distances');
  const bad = distances.findIndex((r) => !(r >= 0 && r < Infinity));
  if (bad >= 0) {
    throw new InvalidInputError(`expected a finite number ≥ 0 Å, got ${distances[bad]}`, {
      path: `distances[${bad}]`,
    });
  }
  const size = distances.length * perDistance(expansion);
  const values = new Float64Array(size);
  const slopes = new Float64Array(size);
  callSync(() => native()[name](expansion, distances, values, slopes));
  return { values, slopes };
}
