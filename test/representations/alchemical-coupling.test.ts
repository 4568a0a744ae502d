import { readFileSync } from 'node:fs';
import path from 'node:path';

import {
  alchemicalCoupling,
  atomicNumber,
  electronegativities,
  kernelMatrixSync,
  PowerSpectrum,
} from '../../ts';
import type { ElementLikeness, PowerSpectrumHyperparameters } from '../../ts';
import { failing } from '../failing';
import { molecule } from './methanol';

const fixture = JSON.parse(
  readFileSync(path.join(__dirname, '../reference/data/alchemy.json'), 'utf8'),
) as {
  readonly electronegativities: readonly (number | null)[];
  readonly cases: readonly {
    readonly species: readonly number[];
    readonly periodWidth: number;
    readonly groupWidth: number;
    readonly values: readonly (readonly number[])[];
  }[];
};

/** Uᵀ U of the weights of mixtures. */
function product(weights: readonly (readonly number[])[]): number[] {
  const size = weights[0]!.length;
  return Array.from({ length: size * size }, (_, k) =>
    weights.reduce((sum, row) => sum + row[Math.floor(k / size)]! * row[k % size]!, 0),
  );
}

function expectClose(found: ArrayLike<number>, expected: ArrayLike<number>, tolerance: number) {
  expect(found).toHaveLength(expected.length);
  const largest = Math.max(...Array.from(expected, Math.abs));
  Array.from(expected).forEach((x, k) =>
    expect(Math.abs(x - found[k]!)).toBeLessThan(tolerance * largest),
  );
}

test('electronegativities are those of mendeleev', () => {
  expect(electronegativities.slice(1).map((chi) => (Number.isNaN(chi) ? null : chi))).toEqual(
    fixture.electronegativities,
  );
});

test.each(fixture.cases)('periods and groups are those of qmllib: $species', (expected) => {
  const { species, periodWidth, groupWidth } = expected;
  const coupling = alchemicalCoupling(species, { type: 'periodic-table', periodWidth, groupWidth });
  expect(coupling.species).toEqual(species);
  expectClose(coupling.values, expected.values.flat(), 1e-14);
  expectClose(product(coupling.mixing.weights!), expected.values.flat(), 1e-10);
});

test('the seventh period is as the sixth', () => {
  const likeness = { type: 'periodic-table', periodWidth: 1e6, groupWidth: 0.1 } as const;
  const likenessOf = (sixth: number, seventh: number) =>
    alchemicalCoupling([sixth, seventh], likeness).values[1];
  for (let sixth = 56; sixth <= 86; sixth++) {
    expect(likenessOf(sixth, sixth + 32)).toBeCloseTo(1, 9);
    expect(likenessOf(sixth, sixth + 31)).toBeLessThan(0.1);
  }
});

test('of electronegativities, any order of elements', () => {
  const { species, values } = alchemicalCoupling(['O', 'C', 6, 'H'], {
    type: 'electronegativity',
    width: 0.5,
  });
  expect(species).toEqual([1, 6, 8]);
  const [h, c, o] = [2.2, 2.55, 3.44];
  const kappa = (x: number, y: number) => Math.exp(-((x - y) ** 2) / (2 * 0.25));
  const expected = [h, c, o].flatMap((x) => [h, c, o].map((y) => kappa(x, y)));
  expectClose(values, expected, 1e-14);
});

const [count, maxAngular] = [3, 3];
const base: PowerSpectrumHyperparameters = {
  cutoff: { radius: 4 },
  basis: { maxAngular, radial: { count } },
  species: ['H', 'C', 'O'],
};
const given: ElementLikeness = {
  type: 'matrix', // O, H, C
  values: [
    [1, 0.2, 0.6],
    [0.2, 1.5, -0.3],
    [0.6, -0.3, 0.8],
  ],
};

/** Dot products of environments with κ between neighbours, summed up as the formula has it. */
function alchemicalProducts(kappa: ArrayLike<number>): number[] {
  const full = new PowerSpectrum(base);
  const { values, rows, columns } = full.computeSync([molecule]);
  const elements = full.hyperparameters.species;
  const size = elements.length * count;
  const matrices = Array.from({ length: rows }, (_, atom) => {
    const ofAtom = Array.from({ length: maxAngular + 1 }, () => new Float64Array(size * size));
    full.labels.forEach(({ species: [a, b], l, n: [n, m] }, column) => {
      const i = elements.indexOf(a!) * count + n!;
      const j = elements.indexOf(b!) * count + m!;
      const value = values[atom * columns + column]! / (i === j ? 1 : Math.SQRT2);
      ofAtom[l]![i * size + j] = ofAtom[l]![j * size + i] = value;
    });
    return ofAtom;
  });
  // Σ κ_αβ κ_α'β' p^{αα'}_{nn'} p'^{ββ'}_{nn'}.
  const contraction = (p: Float64Array, q: Float64Array) => {
    let sum = 0;
    for (let i = 0; i < size; i++) {
      for (let j = 0; j < size; j++) {
        for (let b = 0; b < 3; b++) {
          for (let d = 0; d < 3; d++) {
            const first = kappa[3 * Math.floor(i / count) + b]!;
            const second = kappa[3 * Math.floor(j / count) + d]!;
            const at = (b * count + (i % count)) * size + d * count + (j % count);
            sum += first * second * p[i * size + j]! * q[at]!;
          }
        }
      }
    }
    return sum;
  };
  return matrices.flatMap((p) =>
    matrices.map((q) => p.reduce((sum, block, l) => sum + contraction(block, q[l]!), 0)),
  );
}

test.each<[string, ElementLikeness]>([
  ['electronegativities', { type: 'electronegativity' }],
  ['periods and groups', { type: 'periodic-table' }],
  ['a given matrix', given],
])('dot products of power spectra are coupled by κ: %s', (_, likeness) => {
  const { values, mixing } = alchemicalCoupling(['O', 'H', 'C'], likeness);
  const coupled = new PowerSpectrum({ ...base, coupling: mixing }).computeSync([molecule]);
  const linear = { type: 'dot-product', zeta: 1, normalize: false } as const;
  const kernel = kernelMatrixSync(coupled, undefined, linear);
  expectClose(kernel.values, alchemicalProducts(values), 1e-11);
});

test('a given matrix belongs to the elements in their order, and couples kernels of centres', () => {
  const coupling = alchemicalCoupling(['O', 'H', 'C'], given);
  expect([...coupling.values]).toEqual([1.5, -0.3, 0.2, -0.3, 0.8, 0.6, 0.2, 0.6, 1]);
  const kernel = kernelMatrixSync(
    { values: Float64Array.of(1, 1), rows: 2, columns: 1 },
    undefined,
    { type: 'dot-product' },
    { speciesX: Int32Array.of(8, 6), coupling },
  );
  expect([...kernel.values]).toEqual([1, 0.6, 0.6, 0.8]);
});

test('few mixtures are the best of their rank', () => {
  const species = ['H', 'C', 'N', 'O', 'F', 'S', 'Cl'].map(atomicNumber);
  const { values, eigenvalues, mixing } = alchemicalCoupling(
    species,
    { type: 'electronegativity' },
    { count: 2 },
  );
  expect(mixing.count).toBe(2);
  expect(mixing.weights).toHaveLength(2);
  const rest = Math.hypot(...product(mixing.weights!).map((x, k) => x - values[k]!));
  expect(rest).toBeCloseTo(Math.hypot(...eigenvalues.slice(2)), 10);
  expect(rest).toBeLessThan(0.05 * Math.hypot(...values));
});

test('elements that are all the same are one mixture, those that are not alike many', () => {
  const ones = [1, 1, 1].map(() => [1, 1, 1]);
  const { mixing } = alchemicalCoupling([1, 6, 8], { type: 'matrix', values: ones });
  expect(mixing.count).toBe(1);
  const apart = alchemicalCoupling([1, 6, 8], { type: 'electronegativity', width: 1e-3 });
  expect(apart.mixing.count).toBe(3);
});

test.each<[string, () => unknown, RegExp]>([
  [
    'an element without electronegativity',
    () => alchemicalCoupling(['H', 'Ne'], { type: 'electronegativity' }),
    /species: Ne has no electronegativity/,
  ],
  [
    'an unknown element',
    () => alchemicalCoupling(['Xx'], { type: 'periodic-table' }),
    /species\[0\]: .*"Xx"/,
  ],
  [
    'a matrix of another size',
    () => alchemicalCoupling(['H', 'C'], given),
    /likeness\.values: expected 2 rows of 2 numbers/,
  ],
  [
    'an element twice',
    () => alchemicalCoupling(['H', 'C', 1], given),
    /species: expected each element once/,
  ],
  [
    'a matrix that is not symmetric',
    () => alchemicalCoupling([1, 6], { type: 'matrix', values: [[1, 0.5], [0.4, 1]] }), // prettier-ignore
    /expected a symmetric matrix, got 0\.5 and 0\.4 between H and C/,
  ],
  [
    'a matrix with a negative eigenvalue',
    () => alchemicalCoupling([1, 6], { type: 'matrix', values: [[1, 2], [2, 1]] }), // prettier-ignore
    /without negative eigenvalues, got -/,
  ],
  [
    'more mixtures than elements',
    () => alchemicalCoupling([1, 6], { type: 'periodic-table' }, { count: 3 }),
    /count: expected an integer from 1 to 2, got 3/,
  ],
])('says what is wrong: %s', (_, call, message) => {
  expect(call).toThrow(failing({ code: 'INVALID_INPUT', message: expect.stringMatching(message) }));
});
