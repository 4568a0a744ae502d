import { z } from 'zod';

import { integerBetween, numberThat, positive } from '../common/validation';

/** How the influence of a neighbour vanishes as it leaves the environment. */
export const cutoffSchema = z
  .strictObject({
    /** Radius r_c of the environment in Å. */
    radius: positive('Å').default(5),
    /**
     * 1 up to r_c − width, then a transition in x = (r − r_c + width)/width:
     * `cosine`: ½ (1 + cos πx), zero slope at both ends;
     * `polynomial`: 1 − 10x³ + 15x⁴ − 6x⁵, zero slope and curvature at both ends;
     * `tanh`: tanh³(1 − r/r_c)/tanh³ 1 over the whole radius, without a width;
     * `step`: 1 up to r_c, where values jump: for comparisons, not for forces.
     * Width in Å, at most the radius. Default: the radius itself, a transition over the whole environment.
     */
    smoothing: z
      .strictObject({
        type: z.enum(['cosine', 'polynomial', 'tanh', 'step']).default('cosine'),
        width: positive('Å').optional(),
      })
      .prefault({}),
  })
  .transform((cutoff, context) => {
    const { type, width = cutoff.radius } = cutoff.smoothing;
    if (width > cutoff.radius) {
      context.addIssue({
        code: 'custom',
        path: ['smoothing', 'width'],
        message: `expected at most the cutoff radius of ${cutoff.radius} Å, got ${width}`,
      });
    }
    if ((type === 'tanh' || type === 'step') && width !== cutoff.radius) {
      context.addIssue({
        code: 'custom',
        path: ['smoothing', 'width'],
        message: `expected none, since ${type} has no width; cosine and polynomial have`,
      });
    }
    return { ...cutoff, smoothing: { ...cutoff.smoothing, width } };
  });

const densityShape = {
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
};

const powerLawShape = {
  /** 1/r^p around every atom of a periodic structure, smeared within σ; no cutoff but that of the basis. */
  type: z.literal('power-law'),
  /** Its power p: 1 Coulomb, 6 dispersion, 0 a Gaussian. */
  exponent: integerBetween(0, 9).default(1),
  /** Its smearing σ in Å. */
  width: positive('Å').default(1),
  /** Longest reciprocal vector in 1/Å. Default: 1.2 π/σ. */
  kCutoff: positive('1/Å').optional(),
  /** Weight of the central atom's own density. */
  centerWeight: numberThat('a number ≥ 0', (weight) => weight >= 0).default(1),
};

const withReciprocalCutoff = <PowerLaw extends { width: number; kCutoff?: number | undefined }>(
  density: PowerLaw,
) => ({ ...density, kCutoff: density.kCutoff ?? (1.2 * Math.PI) / density.width });

/** A long-range density beside a local one. */
export const longRangeSchema = z
  .strictObject({ ...powerLawShape, type: powerLawShape.type.default('power-law') })
  .transform(withReciprocalCutoff);

/** The density that each neighbour contributes. */
export const densitySchema = z.discriminatedUnion('type', [
  z.strictObject(powerLawShape).transform(withReciprocalCutoff),
  z.strictObject({
    /** A Gaussian (πσ²)^{−3/4} exp(−x²/2σ²) on each neighbour. */
    type: z.literal('gaussian').default('gaussian'),
    /** Its width σ in Å. */
    width: positive('Å').default(0.4),
    ...densityShape,
  }),
  z.strictObject({
    /** The limit of narrow Gaussians in which each neighbour is a point: that of ACE and symmetry functions. */
    type: z.literal('delta'),
    ...densityShape,
  }),
]);

/** Width σ of a density in Å, 0 in the δ-limit. */
export const densityWidth = (density: z.output<typeof densitySchema>): number =>
  density.type === 'delta' ? 0 : density.width;

const functionCount = integerBetween(1, 20).default(8);

/** How many functions there are; where that follows from others, it may be left out and must agree. */
const derivedCount = integerBetween(1, 20).optional();

const plainRadialOptions = [
  z.strictObject({ type: z.literal('gto').default('gto'), count: functionCount }),
  z.strictObject({ type: z.literal('bessel'), count: functionCount }),
  z.strictObject({ type: z.literal('chebyshev'), count: functionCount }),
  z.strictObject({ type: z.literal('bernstein'), count: functionCount }),
  z.strictObject({ type: z.literal('monomial'), count: integerBetween(1, 20).default(5) }),
  z.strictObject({ type: z.literal('legendre-dvr'), count: functionCount }),
  z
    .strictObject({
      type: z.literal('spline'),
      /** A row for each function: its values at equidistant points, 4 or more, the same number for all. */
      points: z
        .array(z.array(numberThat('a finite number')).min(4))
        .min(1)
        .max(20),
      count: derivedCount,
    })
    .refine(({ points }) => points.every(({ length }) => length === points[0]!.length), {
      path: ['points'],
      error: 'expected as many values for every function',
    })
    .refine(({ points, count = points.length }) => count === points.length, {
      path: ['count'],
      error: 'expected none, or the number of rows of points',
    })
    .transform((spline) => ({ ...spline, count: spline.points.length })),
] as const;

/** Fewer functions made of those of another basis, others for each element α: R'^α_nl = Σ_k u^αl_nk R_kl. */
export const contractedSchema = z
  .strictObject({
    type: z.literal('contracted'),
    /** The functions R_kl that are contracted. */
    from: z.discriminatedUnion('type', plainRadialOptions).prefault({}),
    /** u as [element][l][n][k], elements ascending by atomic number, l = 0 … maxAngular. */
    coefficients: z
      .array(
        z
          .array(
            z
              .array(z.array(numberThat('a finite number')))
              .min(1)
              .max(20),
          )
          .min(1),
      )
      .min(1),
    count: derivedCount,
  })
  .refine(
    ({ from, coefficients }) => {
      const [first] = coefficients;
      return coefficients.every(
        (element) =>
          element.length === first!.length &&
          element.every(
            (rows) =>
              rows.length === first![0]!.length && rows.every((row) => row.length === from.count),
          ),
      );
    },
    {
      path: ['coefficients'],
      error: 'expected [element][l][n][k], with as many k as `from` has functions',
    },
  )
  .refine(
    ({ coefficients, count = coefficients[0]![0]!.length }) =>
      count === coefficients[0]![0]!.length,
    { path: ['count'], error: 'expected none, or the number of contracted functions' },
  )
  .transform((contracted) => ({ ...contracted, count: contracted.coefficients[0]![0]!.length }));

/**
 * `gto`: Gaussian-type orbitals r^n exp(−r²/2σ_n²). All others end at the cutoff:
 * `bessel`: spherical Bessel functions j_l(z_ln r/r_c), the eigenstates of the Laplacian in a sphere;
 * `chebyshev`: Chebyshev polynomials of 2r/r_c − 1;
 * `bernstein`: Bernstein polynomials of r/r_c;
 * `monomial`: r^{l + 2n};
 * `legendre-dvr`: the points of Gauss–Legendre quadrature, for Gaussian densities;
 * `spline`: functions given by their values at equidistant points from 0 to r_c;
 * `contracted`: fewer functions made of many, as by {@link optimalRadialBasis}.
 */
const radialSchema = z.discriminatedUnion('type', [...plainRadialOptions, contractedSchema]);

/** What the density is expanded on: radial functions times real spherical harmonics. */
export const basisSchema = z.strictObject({
  /** Largest angular momentum l. */
  maxAngular: integerBetween(0, 24).default(6),
  /** Radial functions, made orthonormal; `count` of them, n = 0 … count − 1. */
  radial: radialSchema.prefault({}),
  /** Largest error of the splined radial integrals relative to their largest value. */
  accuracy: numberThat('a number from 1e-12 to 1e-3', (x) => x >= 1e-12 && x <= 1e-3).default(
    1e-10,
  ),
});
