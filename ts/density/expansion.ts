import type { z } from 'zod';

import { densityWidth } from './hyperparameters';
import type { basisSchema, cutoffSchema, densitySchema } from './hyperparameters';
import { InvalidInputError } from '../errors';
import type { NativeExpansion } from '../native/contract';

/** The part of hyperparameters that says what density is expanded on what basis. */
export interface ResolvedExpansion {
  readonly cutoff: z.output<typeof cutoffSchema>;
  readonly density: z.output<typeof densitySchema>;
  /** Without `maxAngular`, only l = 0. */
  readonly basis: Partial<Pick<z.output<typeof basisSchema>, 'maxAngular'>> &
    Omit<z.output<typeof basisSchema>, 'maxAngular'>;
  readonly species: readonly number[];
}

/** The same as the engine takes it. @throws InvalidInputError for a basis that the density does not go with. */
export function nativeExpansion({
  cutoff,
  density,
  basis,
  species,
}: ResolvedExpansion): NativeExpansion {
  const { radial } = basis;
  if (radial.type === 'legendre-dvr' && density.type === 'delta') {
    throw new InvalidInputError(
      'legendre-dvr functions are defined at points only; use another basis, or a Gaussian density',
      { path: 'basis.radial.type' },
    );
  }
  return {
    cutoff: cutoff.radius,
    cutoffType: cutoff.smoothing.type,
    width: cutoff.smoothing.width,
    ...(density.scaling && { scaling: density.scaling }),
    gaussianWidth: densityWidth(density),
    centerWeight: density.centerWeight,
    maxAngular: basis.maxAngular ?? 0,
    radialType: radial.type,
    radialCount: radial.count,
    ...(radial.type === 'spline' && { points: Float64Array.from(radial.points.flat()) }),
    accuracy: basis.accuracy,
    species: Int32Array.from(species),
  };
}
