import type { PowerSpectrumHyperparameters } from '../../ts';
import { PowerSpectrum } from '../../ts';
import { failing } from '../failing';
import { molecule } from './methanol';

type Coupling = NonNullable<PowerSpectrumHyperparameters['coupling']>;

const [elements, count, maxAngular] = [3, 4, 3];

const base: PowerSpectrumHyperparameters = {
  cutoff: { radius: 4 },
  basis: { maxAngular, radial: { count } },
  species: ['H', 'C', 'O'],
};

const spectrum = (coupling: Coupling) => new PowerSpectrum({ ...base, coupling });

/** Σ over l of everything, as symmetric matrices P[l][αn][α'n'] of each atom, from the full power spectrum. */
function contractions(): Float64Array[][] {
  const full = new PowerSpectrum(base);
  const { values, rows, columns } = full.computeSync([molecule]);
  const size = elements * count;
  const numbers = full.hyperparameters.species;
  return Array.from({ length: rows }, (_, atom) => {
    const matrices = Array.from({ length: maxAngular + 1 }, () => new Float64Array(size * size));
    full.labels.forEach(({ species: [a, b], l, n: [n, m] }, column) => {
      const i = numbers.indexOf(a!) * count + n!;
      const j = numbers.indexOf(b!) * count + m!;
      const value = values[atom * columns + column]! / (i === j ? 1 : Math.SQRT2);
      matrices[l]![i * size + j] = matrices[l]![j * size + i] = value;
    });
    return matrices;
  });
}

/** wᵀ P v. */
function contracted(matrix: Float64Array, w: ArrayLike<number>, v: ArrayLike<number>): number {
  const size = w.length;
  return matrix.reduce((sum, x, k) => sum + w[Math.floor(k / size)]! * x * v[k % size]!, 0);
}

function expectClose(found: ArrayLike<number>, expected: readonly number[], tolerance = 1e-13) {
  expect(found).toHaveLength(expected.length);
  const largest = Math.max(...expected.map(Math.abs));
  expected.forEach((x, k) => expect(Math.abs(x - found[k]!)).toBeLessThan(tolerance * largest));
}

/** Weights of a density that holds the channels for which `holds` says so. */
const indicator = (holds: (a: number, n: number) => boolean): number[] =>
  Array.from({ length: elements * count }, (_, k) =>
    Number(holds(Math.floor(k / count), k % count)),
  );

describe('against the full power spectrum, contracted by hand', () => {
  const matrices = contractions();

  test.each<[string, Coupling]>([
    ['same element', { type: 'same-element' }],
    ...[0, 1, 2].flatMap((species) =>
      [0, 1, 2].map((radial): [string, Coupling] => [
        `μ = ${species}, ν = ${radial}`,
        { type: 'mu', species, radial },
      ]),
    ),
  ])('%s', (_, coupling) => {
    const coupledSpectrum = spectrum(coupling);
    const numbers = coupledSpectrum.hyperparameters.species;
    const { labels } = coupledSpectrum;
    expect(labels).toHaveLength(coupledSpectrum.features);
    const symmetric =
      coupling.type === 'same-element' ||
      (coupling.type === 'mu' && coupling.species !== 1 && coupling.radial !== 1);
    const expected = matrices.flatMap((atom) =>
      labels.map(({ species, l, n }) => {
        const [w, v] = [0, 1].map((factor) =>
          indicator(
            (a, k) =>
              (species[factor] === null || numbers[a] === species[factor]) &&
              (n[factor] === null || k === n[factor]),
          ),
        );
        const once = !symmetric || (species[0] === species[1] && n[0] === n[1]);
        return (once ? 1 : Math.SQRT2) * contracted(atom[l]!, w!, v!);
      }),
    );
    expectClose(coupledSpectrum.computeSync([molecule]).values, expected);
  });

  test('given mixtures of elements', () => {
    const weights = [
      [0.3, -1, 2],
      [1, 0, 0.5],
    ];
    const mixed = spectrum({ type: 'mixing', over: 'species', count: 2, weights });
    const expected = matrices.flatMap((atom) =>
      mixed.labels.map(({ l, n, mixtures }) => {
        const [w, v] = [0, 1].map((factor) =>
          Array.from({ length: elements * count }, (_, k) =>
            k % count === n[factor] ? weights[mixtures![factor]!]![Math.floor(k / count)]! : 0,
          ),
        );
        const once = n[0] === n[1] && mixtures![0] === mixtures![1];
        return (once ? 1 : Math.SQRT2) * contracted(atom[l]!, w!, v!);
      }),
    );
    expectClose(mixed.computeSync([molecule]).values, expected);
  });

  test.each(['radial', 'both'] as const)('given mixtures, %s', (over) => {
    const weights = Array.from({ length: 3 }, (_, q) =>
      Array.from({ length: elements * count }, (__, k) => Math.sin(1 + q + 5 * k)),
    );
    const mixed = spectrum({ type: 'mixing', over, count: 3, weights });
    const numbers = mixed.hyperparameters.species;
    const expected = matrices.flatMap((atom) =>
      mixed.labels.map(({ l, species, mixtures }) => {
        const [w, v] = [0, 1].map((factor) =>
          weights[mixtures![factor]!]!.map((x, k) =>
            over === 'both' || numbers[Math.floor(k / count)] === species[factor] ? x : 0,
          ),
        );
        const once = species[0] === species[1] && mixtures![0] === mixtures![1];
        return (once ? 1 : Math.SQRT2) * contracted(atom[l]!, w!, v!);
      }),
    );
    expectClose(mixed.computeSync([molecule]).values, expected);
  });
});

/** Dot products of the rows with each other. */
function gram(representation: PowerSpectrum): number[] {
  const { values, rows, columns } = representation.computeSync([molecule]);
  const row = (i: number) => values.subarray(i * columns, (i + 1) * columns);
  return Array.from({ length: rows * rows }, (_, k) => {
    const other = row(k % rows);
    return row(Math.floor(k / rows)).reduce((sum, x, column) => sum + x * other[column]!, 0);
  });
}

const relativeError = (found: readonly number[], expected: readonly number[]): number =>
  Math.hypot(...found.map((x, k) => x - expected[k]!)) / Math.hypot(...expected);

test('lengths', () => {
  const lengthOf = (coupling: Coupling) => spectrum(coupling).features / (maxAngular + 1);
  const triangle = (size: number) => (size * (size + 1)) / 2;
  expect(lengthOf({ type: 'all' })).toBe(triangle(elements * count));
  expect(lengthOf({ type: 'same-element' })).toBe(elements * triangle(count));
  expect(lengthOf({ type: 'mu', species: 2, radial: 2 })).toBe(triangle(elements * count));
  expect(lengthOf({ type: 'mu', species: 0, radial: 2 })).toBe(triangle(count));
  expect(lengthOf({ type: 'mu', species: 1, radial: 1 })).toBe(elements * count);
  expect(lengthOf({ type: 'mu', species: 0, radial: 0 })).toBe(1);
  expect(lengthOf({ type: 'mixing', over: 'species', count: 2 })).toBe(triangle(2 * count));
  expect(lengthOf({ type: 'mixing', over: 'radial', count: 2 })).toBe(triangle(2 * elements));
  expect(lengthOf({ type: 'mixing', count: 5 })).toBe(triangle(5));
  expect(lengthOf({ type: 'projection', count: 7 })).toBe(7);
});

test('dot products of many random projections are those of the full power spectrum', () => {
  const full = gram(new PowerSpectrum(base));
  const errors = [300, 3000].map((count) =>
    relativeError(gram(spectrum({ type: 'projection', count })), full),
  );
  expect(errors[0]).toBeLessThan(0.5);
  expect(errors[1]).toBeLessThan(0.1);
});

test('dot products of many random mixtures are those of the full power spectrum', () => {
  const full = gram(new PowerSpectrum(base));
  expect(relativeError(gram(spectrum({ type: 'mixing', count: 400 })), full)).toBeLessThan(0.15);
});

test('an element has the same random weights whichever elements there are besides', () => {
  for (const coupling of [
    { type: 'projection', count: 9, seed: 2 },
    { type: 'mixing', over: 'species', count: 2, seed: 2 },
    { type: 'mixing', over: 'both', count: 4, seed: 2 },
  ] as const) {
    const more = new PowerSpectrum({ ...base, species: ['H', 'He', 'C', 'O', 'Au'], coupling });
    expectClose(
      more.computeSync([molecule]).values,
      Array.from(spectrum(coupling).computeSync([molecule]).values),
    );
  }
});

test('seeds give different weights', () => {
  const [first, second] = [0, 1].map((seed) =>
    gram(spectrum({ type: 'projection', count: 9, seed })),
  );
  expect(relativeError(first!, second!)).toBeGreaterThan(0.01);
});

test.each<[string, Record<string, unknown>]>([
  ['coupling.type', { type: 'some' }],
  ['coupling.species', { type: 'mu', species: 3 }],
  ['coupling.count', { type: 'projection' }],
  ['coupling.over', { type: 'mixing', over: 'angles', count: 2 }],
  ['coupling.weights', { type: 'mixing', over: 'species', count: 2, weights: [[1, 2, 3]] }],
  ['coupling.weights', { type: 'mixing', over: 'both', count: 1, weights: [[1, 2, 3]] }],
  ['coupling.seed', { type: 'same-element', seed: 3 }],
])('%s is refused in %j', (path, coupling) => {
  expect(() => spectrum(coupling as unknown as Coupling)).toThrow(
    failing({ code: 'INVALID_INPUT', message: expect.stringContaining(path) }),
  );
});
