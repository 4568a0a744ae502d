import type { PowerSpectrumHyperparameters, StructureLike } from '../../ts';
import {
  alchemicalCoupling,
  AtomicClusterExpansion,
  EquivariantPowerSpectrum,
  InvalidInputError,
  PowerSpectrum,
  realSpaceCorrelation,
  SphericalExpansion,
} from '../../ts';
import { elementWeights } from '../../ts/density/channels';
import { groupOf, periodOf } from '../../ts/structures/element-properties';
import { molecule } from './methanol';

/** Five elements, no symmetry, periodic along one vector. */
const structure: StructureLike = {
  positions: molecule.positions,
  species: ['C', 'O', 'N', 'H', 'H', 'F'],
  cell: [
    [4, 0, 0],
    [0, 9, 0],
    [0, 0, 9],
  ],
  pbc: [true, false, false],
};
const species = ['H', 'C', 'N', 'O', 'F'];

const weights = {
  H: [0.3, -1, 0.2],
  C: [1, 0.5, 0],
  N: [0.7, 0, 0],
  O: [-0.4, 0.8, 1.1],
  F: [0.1, 0.6, -0.9],
};
const channels = { type: 'given', weights } as const;

const base = {
  cutoff: { radius: 3.5 },
  basis: { maxAngular: 3, radial: { count: 3 } },
  species,
} satisfies PowerSpectrumHyperparameters;

function expectClose(found: ArrayLike<number>, expected: ArrayLike<number>, tolerance = 1e-13) {
  expect(found).toHaveLength(expected.length);
  const largest = Math.max(...Array.from(expected, Math.abs));
  expect(largest).toBeGreaterThan(0);
  for (let k = 0; k < expected.length; k++) {
    expect(Math.abs(expected[k]! - found[k]!)).toBeLessThan(tolerance * largest);
  }
}

test('coefficients of a channel are the sum of those of elements, with their weights', () => {
  const mixed = new SphericalExpansion({ ...base, channels });
  const elements = new SphericalExpansion(base);
  const [found, all] = [mixed.computeSync([structure]), elements.computeSync([structure])];
  const rows = species.map((symbol) => weights[symbol as keyof typeof weights]);
  const numbers = elements.hyperparameters.species;
  const key = (l: number, m: number, n: number) => `${l} ${m} ${n}`;
  for (let atom = 0; atom < found.rows; atom++) {
    const sums = new Map<string, number[]>();
    elements.labels.forEach(({ lambda, mu, factors: [factor] }, column) => {
      const at = key(lambda, mu, factor!.n);
      const value = all.values[atom * all.columns + column]!;
      const own = rows[numbers.indexOf(factor!.species!)]!;
      sums.set(
        at,
        own.map((u, j) => (sums.get(at)?.[j] ?? 0) + u * value),
      );
    });
    expectClose(
      found.values.subarray(atom * found.columns, (atom + 1) * found.columns),
      mixed.labels.map(
        ({ lambda, mu, factors: [factor] }) =>
          sums.get(key(lambda, mu, factor!.n))![factor!.mixture!]!,
      ),
    );
  }
});

test('a power spectrum of channels is that of a coupling by the same mixtures', () => {
  const rows = [0, 1, 2].map((j) => Object.values(weights).map((row) => row[j]!));
  const coupling = { type: 'mixing', over: 'species', count: 3, weights: rows } as const;
  const [of, after] = [
    new PowerSpectrum({ ...base, channels }),
    new PowerSpectrum({ ...base, coupling }),
  ];
  expect(of.labels).toEqual(after.labels);
  expectClose(of.computeSync([structure]).values, after.computeSync([structure]).values);
});

test('as many channels as elements, each with one, change nothing', () => {
  const one = Object.fromEntries(
    species.map((symbol, a) => [symbol, species.map((_, j) => Number(a === j))]),
  );
  const same = new AtomicClusterExpansion({ ...base, channels: { type: 'given', weights: one } });
  const plain = new AtomicClusterExpansion(base);
  expectClose(same.computeSync([structure]).values, plain.computeSync([structure]).values);
});

describe.each([
  ['power spectrum', new PowerSpectrum({ ...base, channels })],
  ['normalised', new PowerSpectrum({ ...base, channels, normalize: true })],
  ['selected columns', new PowerSpectrum({ ...base, channels, columns: [0, 3, 17, 40, 100, 150] })],
  ['λ-SOAP', new EquivariantPowerSpectrum({ ...base, channels, ranks: [0, 2] })],
  ['ACE', new AtomicClusterExpansion({ ...base, channels, maxDegree: 5 })],
])('derivatives: %s', (_, soap) => {
  test('the Jacobian, times a gradient, is the vector–Jacobian product', async () => {
    const { rows, columns } = soap.computeSync([structure]);
    const gradient = Float64Array.from({ length: rows * columns }, (__, k) => Math.sin(1 + k * k));
    const { positions } = soap.vjpSync([structure], gradient);
    const jacobian = await soap.jacobian([structure]);
    const values = await jacobian.compute();
    const sums = new Float64Array(positions.length);
    for (let centre = 0; centre < rows; centre++) {
      for (let row = jacobian.first[centre]!; row < jacobian.first[centre + 1]!; row++) {
        for (let k = 0; k < 3 * columns; k++) {
          const at = 3 * jacobian.moved[row]! + Math.floor(k / columns);
          sums[at]! += gradient[centre * columns + (k % columns)]! * values[3 * row * columns + k]!;
        }
      }
    }
    expectClose(sums, positions, 1e-11);
  });
});

describe('random weights', () => {
  const random = (seed: number, of = species, count = 3) =>
    elementWeights(
      { type: 'random', count, seed },
      of.map((_, a) => a + 1),
    )!.rows;

  test('follow from seed and element, whichever others there are', () => {
    expect(random(4)[1]).toEqual(random(4, ['H', 'C', 'N'])[1]);
    expect(random(4)).not.toEqual(random(5));
  });

  test('keep dot products of densities in the mean', () => {
    const mean = [0, 0, 0];
    const seeds = 4000;
    for (let seed = 0; seed < seeds; seed++) {
      const [a, b] = random(seed) as [number[], number[]];
      const dot = (x: number[], y: number[]) => x.reduce((sum, u, j) => sum + u * y[j]!, 0);
      [dot(a, a), dot(a, b), dot(b, b)].forEach((x, k) => (mean[k]! += x / seeds));
    }
    [1, 0, 1].forEach((x, k) => expect(Math.abs(mean[k]! - x)).toBeLessThan(0.05));
  });
});

describe('weights from properties', () => {
  const widths = { electronegativity: 1, radius: 0.5 };
  const numbers = [1, 6, 7, 8, 9];
  const rowsOf = (count: number, extrapolate = false) =>
    elementWeights({ type: 'properties', count, widths, extrapolate }, numbers)!;
  const dot = (a: readonly number[], b: readonly number[]) =>
    a.reduce((sum, x, j) => sum + x * b[j]!, 0);
  const kappa = (x: readonly number[], y: readonly number[]) =>
    Math.exp(-0.5 * ((x[0]! - y[0]!) ** 2 + ((x[1]! - y[1]!) / 0.5) ** 2));
  // Electronegativity and radius of H, C, N, O, F and Cl.
  const given = [
    [2.2, 0.31],
    [2.55, 0.76],
    [3.04, 0.71],
    [3.44, 0.66],
    [3.98, 0.57],
    [3.16, 1.02],
  ];

  test('have the likeness of elements as dot products', () => {
    const { rows } = rowsOf(5);
    rows.forEach((a, i) =>
      rows.forEach((b, k) => expect(dot(a, b)).toBeCloseTo(kappa(given[i]!, given[k]!), 10)),
    );
  });

  test('extrapolate to elements that are not listed, and leave the others as they are', () => {
    const { species: all, rows } = rowsOf(5, true);
    expect(all).toContain(17);
    const own = numbers.map((z) => rows[all.indexOf(z)]!);
    own.forEach((row, i) => expectClose(row, rowsOf(5).rows[i]!, 1e-9));
    own.forEach((row, i) =>
      expect(dot(rows[all.indexOf(17)]!, row)).toBeCloseTo(kappa(given[5]!, given[i]!), 8),
    );
    const soap = new PowerSpectrum({
      ...base,
      channels: { type: 'properties', count: 2, widths, extrapolate: true },
    });
    expect(soap.computeSync([{ ...structure, species: Array(6).fill('Cl') }]).rows).toBe(6);
  });

  test('the largest components are those of the likeness of the listed elements', () => {
    const { channels: same } = alchemicalCoupling(
      species,
      { type: 'electronegativity', width: 0.8 },
      { count: 2 },
    );
    const found = elementWeights(
      { type: 'properties', count: 2, widths: { electronegativity: 0.8 }, extrapolate: false },
      numbers,
    )!;
    expectClose(found.rows.flat(), Object.values(same.weights).flat(), 1e-10);
  });

  test.each([
    [1, 1, 1],
    [2, 1, 18],
    [5, 2, 13],
    [26, 4, 8],
    [57, 6, 3],
    [71, 6, 3],
    [72, 6, 4],
    [86, 6, 18],
    [118, 7, 18],
  ])('element %i is in period %i and group %i', (number, period, group) => {
    expect([periodOf(number), groupOf(number)]).toEqual([period, group]);
  });
});

describe('refused:', () => {
  const spectrum = (given: object) => () => new PowerSpectrum({ ...base, ...given });
  const properties = { type: 'properties', count: 2, widths: { electronegativity: 1 } };

  test.each([
    [
      'more channels than elements',
      { channels: { type: 'random', count: 6 } },
      'channels.count: expected at most one channel for each of the 5 elements, got 6',
    ],
    [
      'more given ones',
      { species: ['H', 'O'], channels },
      'channels.weights: expected at most one channel for each of the 2 elements, got 3',
    ],
    [
      'an element without weights',
      { species: [...species, 'Si'], channels },
      'channels.weights.Si: expected the weights of Si, too; there are those of H, C, N, O, F',
    ],
    [
      'rows of different lengths',
      { channels: { type: 'given', weights: { ...weights, C: [1] } } },
      'channels.weights.C: expected as many numbers for every element: 3, got 1',
    ],
    [
      'a symbol that is none',
      { channels: { type: 'given', weights: { Xy: [1] } } },
      'channels.weights.Xy: expected a chemical symbol, got Xy',
    ],
    [
      'no weights',
      { channels: { type: 'given', weights: {} } },
      'channels.weights: expected as many numbers for every element, got none',
    ],
    [
      'no property',
      { channels: { ...properties, widths: {} } },
      'channels.widths: expected a width of electronegativity, radius, period, group, or of several of them',
    ],
    [
      'an element that lacks the property',
      { species: ['H', 'Ar'], channels: properties },
      'channels.widths.electronegativity: Ar has no electronegativity in the table',
    ],
    [
      'more channels than properties tell apart',
      { species: ['La', 'Ce', 'Pr'], channels: { ...properties, widths: { period: 1, group: 1 } } },
      'channels.count: expected at most 1, as many as these properties tell elements apart, got 2',
    ],
    [
      'another coupling of mixtures',
      { channels, coupling: { type: 'mu' } },
      'coupling.type: of channels that are mixtures already, expected "all"',
    ],
    [
      'long-range channels',
      { channels, longRange: {} },
      'channels.type: a long-range density has a channel for each element',
    ],
  ])('%s', (_, given, message) => {
    expect(spectrum(given)).toThrow(InvalidInputError);
    expect(spectrum(given)).toThrow(message);
  });

  test('an element that was not listed, with what may be done about it', () => {
    const soap = new PowerSpectrum({
      ...base,
      channels: { type: 'properties', count: 2, widths: { period: 1, group: 2 } },
    });
    expect(() => soap.computeSync([{ ...structure, species: Array(6).fill('Si') }])).toThrow(
      'element Si of atom 0 (counted from 0) is not among those of the representation: H, C, N, O, F; channels.extrapolate lets others come by their properties',
    );
  });

  test('the correlation in real space of elements that are mixed', () => {
    const soap = new PowerSpectrum({ ...base, channels });
    const at = Float64Array.of(1);
    expect(() =>
      realSpaceCorrelation(soap, new Float64Array(soap.features), {
        species: ['H', 'C'],
        first: at,
        second: at,
        cosines: at,
      }),
    ).toThrow('channels.type: expected "elements"');
  });
});

test('one element may have one channel', () => {
  const hydrogen = { ...structure, species: Array<string>(6).fill('H') };
  const one = new PowerSpectrum({
    ...base,
    species: ['H'],
    channels: { type: 'properties', count: 1, widths: { period: 1 } },
  });
  const plain = new PowerSpectrum({ ...base, species: ['H'] });
  expectClose(one.computeSync([hydrogen]).values, plain.computeSync([hydrogen]).values);
});
