import type { RadialHyperparameters } from '../../ts';
import {
  cutoffFunction,
  radialBasis,
  radialIntegrals,
  radialScaling,
  SphericalExpansion,
  sphericalHarmonicsSync,
} from '../../ts';
import { failing } from '../failing';

const grid = (from: number, to: number, count: number): Float64Array =>
  Float64Array.from({ length: count }, (_, k) => from + ((to - from) * k) / (count - 1));

const radials: NonNullable<NonNullable<RadialHyperparameters['basis']>['radial']>[] = [
  { type: 'gto', count: 4 },
  { type: 'bessel', count: 4 },
  { type: 'chebyshev', count: 4 },
  { type: 'bernstein', count: 4 },
  { type: 'monomial', count: 4 },
];

test.each(radials)('radial functions of type $type are orthonormal', (radial) => {
  const hyperparameters = { cutoff: { radius: 4 }, basis: { maxAngular: 2, radial } };
  // Orbitals reach beyond the cutoff.
  const end = radial.type === 'gto' ? 12 : 4;
  const distances = grid(0, end * (1 - 1e-12), 20001);
  const { values } = radialBasis(hyperparameters, distances);
  const step = end / 20000;
  for (let l = 0; l <= 2; l++) {
    for (let n = 0; n < 4; n++) {
      for (let m = 0; m <= n; m++) {
        let overlap = 0;
        distances.forEach((r, k) => {
          const weight = k === 0 || k === 20000 ? step / 2 : step;
          overlap += weight * r * r * values[(k * 3 + l) * 4 + n]! * values[(k * 3 + l) * 4 + m]!;
        });
        expect(overlap).toBeCloseTo(n === m ? 1 : 0, 5);
      }
    }
  }
});

test.each(['cosine', 'polynomial', 'tanh'] as const)('%s goes from 1 to 0 smoothly', (type) => {
  const cutoff = {
    radius: 4,
    smoothing: { type, ...(type !== 'tanh' && { width: 1.5 }) },
  };
  const { values } = cutoffFunction({ cutoff }, Float64Array.of(0, 4, 5));
  expect(Array.from(values)).toEqual([expect.closeTo(1, 12), 0, 0]);
  expectSlopes((distances) => cutoffFunction({ cutoff }, distances));
});

test('the scaling is that of Willatt', () => {
  const scaling = { type: 'willatt', scale: 2, rate: 1, exponent: 4 } as const;
  const { values } = radialScaling({ density: { scaling } }, Float64Array.of(0, 2, 4));
  expect(Array.from(values)).toEqual([1, 0.5, expect.closeTo(1 / 17, 12)]);
  expectSlopes((distances) => radialScaling({ density: { scaling } }, distances));
});

test('radial integrals are those of the expansion', () => {
  const hyperparameters = {
    cutoff: { radius: 4, smoothing: { width: 1 } },
    density: { width: 0.5, centerWeight: 0 },
    basis: { maxAngular: 2, radial: { count: 3 } },
  };
  const vector = Float64Array.of(0.9, -1.1, 2.7);
  const expansion = new SphericalExpansion({ ...hyperparameters, species: [1, 8] });
  const { values } = expansion.computeSync([
    { positions: Float64Array.of(0, 0, 0, ...vector), species: [8, 1] },
  ]);
  const harmonics = sphericalHarmonicsSync(vector, 2).values;
  const integrals = radialIntegrals(hyperparameters, Float64Array.of(Math.hypot(...vector)));
  expansion.labels.forEach(({ lambda: l, mu: m, factors }, column) => {
    const { n, species } = factors[0]!;
    const expected = species === 1 ? integrals.values[l * 3 + n]! * harmonics[l * l + l + m]! : 0;
    expect(values[column]).toBeCloseTo(expected, 12);
  });
  expect(radialIntegrals(hyperparameters, Float64Array.of(4)).values).toEqual(new Float64Array(9));
  expectSlopes((distances) => radialIntegrals(hyperparameters, distances));
});

test('what cannot be evaluated is said', () => {
  expect(() => cutoffFunction({}, Float64Array.of(1, -1))).toThrow(/distances\[1\].*got -1/);
  expect(() =>
    radialBasis({ basis: { radial: { type: 'legendre-dvr' } } }, Float64Array.of(1)),
  ).toThrow(/basis\.radial\.type.*points only/);
  expect(() => cutoffFunction({ cutoff: { radius: -1 } }, Float64Array.of(1))).toThrow(
    /cutoff\.radius/,
  );
});

/** Compares slopes with central differences. */
function expectSlopes(
  evaluate: (distances: Float64Array) => { values: Float64Array; slopes: Float64Array },
): void {
  const distances = grid(0.5, 3.9, 12);
  const { slopes } = evaluate(distances);
  const after = evaluate(distances.map((r) => r + 1e-5)).values;
  const before = evaluate(distances.map((r) => r - 1e-5)).values;
  slopes.forEach((slope, k) => expect((after[k]! - before[k]!) / 2e-5).toBeCloseTo(slope, 7));
  expect(slopes.some((slope) => Math.abs(slope) > 0.01)).toBe(true);
}

// Tables of them would take minutes, or more memory than there is.
test.each<[given: RadialHyperparameters & { longRange?: object }, path: string]>([
  [{ cutoff: { radius: 1e9 } }, 'density.width'],
  [{ density: { width: 1e-6 } }, 'density.width'],
  [{ density: { type: 'power-law', width: 1e-4 } }, 'density.kCutoff'],
  [{ longRange: { kCutoff: 1e6 } }, 'longRange.kCutoff'],
])('details that are too fine for the cutoff are refused at once: %j', (given, path) => {
  expect(() => new SphericalExpansion({ ...given, species: [1] })).toThrow(failing({ path }));
});
