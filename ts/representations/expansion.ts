import type { z } from 'zod';

import type { basisSchema, cutoffSchema, densitySchema } from '../density/hyperparameters';
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

/** The same as the engine takes it. */
export function nativeExpansion({
  cutoff,
  density,
  basis,
  species,
}: ResolvedExpansion): NativeExpansion {
  return {
    cutoff: cutoff.radius,
    width: cutoff.smoothing.width,
    ...(density.scaling && { scaling: density.scaling }),
    gaussianWidth: density.width,
    centerWeight: density.centerWeight,
    maxAngular: basis.maxAngular ?? 0,
    radialCount: basis.radial.count,
    accuracy: basis.accuracy,
    species: Int32Array.from(species),
  };
}
