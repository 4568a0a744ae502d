import { z } from 'zod';

import { integerBetween, numberThat, positive } from '../common/validation';

/** How the influence of a neighbour vanishes as it leaves the environment. */
export const cutoffSchema = z
  .strictObject({
    /** Radius r_c of the environment in Å. */
    radius: positive('Å').default(5),
    /**
     * `cosine`: 1 up to r_c − width, then ½ (1 + cos π(r − r_c + width)/width), with zero slope at both ends.
     * Width in Å, at most the radius. Default: the radius itself, a cosine over the whole environment.
     */
    smoothing: z
      .strictObject({
        type: z.literal('cosine').default('cosine'),
        width: positive('Å').optional(),
      })
      .prefault({}),
  })
  .transform((cutoff, context) => {
    const width = cutoff.smoothing.width ?? cutoff.radius;
    if (width > cutoff.radius) {
      context.addIssue({
        code: 'custom',
        path: ['smoothing', 'width'],
        message: `expected at most the cutoff radius of ${cutoff.radius} Å, got ${width}`,
      });
    }
    return { ...cutoff, smoothing: { ...cutoff.smoothing, width } };
  });

/** The density that each neighbour contributes. */
export const densitySchema = z.strictObject({
  /** A Gaussian (πσ²)^{−3/4} exp(−x²/2σ²) on each neighbour. */
  type: z.literal('gaussian').default('gaussian'),
  /** Its width σ in Å. */
  width: positive('Å').default(0.4),
  /** Weight of the central atom's own Gaussian. */
  centerWeight: numberThat('a number ≥ 0', (weight) => weight >= 0).default(1),
  /** Makes far neighbours matter less: rate / (rate + (r/scale)^exponent), Willatt 2018. */
  scaling: z
    .strictObject({
      type: z.literal('willatt'),
      /** Distance in Å at which the scaling sets in. */
      scale: positive('Å'),
      /** Dimensionless; 0 is the power law (scale/r)^exponent. */
      rate: numberThat('a number ≥ 0', (rate) => rate >= 0),
      /** Power of the decay. */
      exponent: positive(),
    })
    .optional(),
});

/** What the density is expanded on: radial functions times real spherical harmonics. */
export const basisSchema = z.strictObject({
  /** Largest angular momentum l. */
  maxAngular: integerBetween(0, 24).default(6),
  /** Gaussian-type orbitals r^n exp(−r²/2σ_n²), orthonormalised; `count` of them, n = 0 … count − 1. */
  radial: z
    .strictObject({
      type: z.literal('gto').default('gto'),
      count: integerBetween(1, 20).default(8),
    })
    .prefault({}),
  /** Largest error of the splined radial integrals relative to their largest value. */
  accuracy: numberThat('a number from 1e-12 to 1e-3', (x) => x >= 1e-12 && x <= 1e-3).default(
    1e-10,
  ),
});
