import type { PowerSpectrumHyperparameters } from '../../ts';
import {
  Bispectrum,
  createRepresentation,
  optimalRadialBasis,
  PowerSpectrum,
  RadialSpectrum,
  SphericalExpansion,
} from '../../ts';
import { failing } from '../failing';
import { randomNumbers, someStructures } from '../properties/structures';

const species = [1, 6, 8];
const structures = [1, 100, 200].flatMap((seed) => someStructures(seed, species));
const large = {
  cutoff: { radius: 4 },
  density: { width: 0.4 },
  basis: { maxAngular: 3, radial: { type: 'gto', count: 8 } },
  species,
} satisfies PowerSpectrumHyperparameters;

const dot = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
  Array.from(a).reduce((sum, x, k) => sum + x * b[k]!, 0);

/** Dot products of all rows with each other. */
function gram(hyperparameters: PowerSpectrumHyperparameters): number[] {
  const { values, rows, columns } = new PowerSpectrum(hyperparameters).computeSync(structures);
  const row = (i: number) => values.subarray(i * columns, (i + 1) * columns);
  return Array.from({ length: rows * rows }, (_, k) =>
    dot(row(Math.floor(k / rows)), row(k % rows)),
  );
}

const relativeError = (found: readonly number[], expected: readonly number[]): number =>
  Math.hypot(...found.map((x, k) => x - expected[k]!)) / Math.hypot(...expected);

/** Σ c² over all environments and m, [element][l]. */
function squares(hyperparameters: PowerSpectrumHyperparameters): number[][] {
  const { cutoff, density, basis } = hyperparameters;
  const expansion = new SphericalExpansion({ cutoff, density, basis, species });
  const { values, columns } = expansion.computeSync(structures);
  const sums = species.map(() => Array<number>(4).fill(0));
  const { labels } = expansion;
  values.forEach((value, k) => {
    const { lambda, factors } = labels[k % columns]!;
    sums[species.indexOf(factors[0]!.species!)]![lambda]! += value ** 2;
  });
  return sums;
}

describe('an optimal radial basis', () => {
  test('of as many functions as there are changes no dot product', async () => {
    const { hyperparameters, retained } = await optimalRadialBasis(structures, large, { count: 8 });
    expect(relativeError(gram(hyperparameters), gram(large))).toBeLessThan(1e-9);
    retained.flat().forEach((share) => expect(share).toBeCloseTo(1, 12));
  });

  test('keeps the share of Σ c² that it says, and no other contraction keeps more', async () => {
    const { hyperparameters, retained } = await optimalRadialBasis(structures, large, { count: 3 });
    const [kept, all] = [squares(hyperparameters), squares(large)];
    const shares = kept.map((element, a) => element.map((sum, l) => sum / all[a]![l]!));
    shares.flat().forEach((share, k) => expect(share).toBeCloseTo(retained.flat()[k]!, 8));
    shares.flat().forEach((share) => expect(share).toBeGreaterThan(0.8));

    const random = randomNumbers(3);
    for (let trial = 0; trial < 5; trial++) {
      const coefficients = species.map(() =>
        Array.from({ length: 4 }, () => orthonormalRows(3, 8, random)),
      );
      const radial = { type: 'contracted', from: large.basis.radial, coefficients } as const;
      squares({ ...large, basis: { ...large.basis, radial } }).forEach((element, a) =>
        element.forEach((sum, l) => expect(sum).toBeLessThan(kept[a]![l]!)),
      );
    }
  });

  test('reproduces dot products of the large basis better than as many plain functions', async () => {
    const { hyperparameters } = await optimalRadialBasis(structures, large, { count: 4 });
    const expected = gram(large);
    const plain = {
      ...large,
      basis: { ...large.basis, radial: { type: 'gto', count: 4 } },
    } as const;
    const error = relativeError(gram(hyperparameters), expected);
    expect(error).toBeLessThan(0.01);
    expect(error).toBeLessThan(relativeError(gram(plain), expected) / 3);
  });

  test('is independent of how structures are grouped and of threads', async () => {
    const many = Array.from({ length: 60 }, () => structures).flat();
    const [once, often] = [
      await optimalRadialBasis(structures, large, { count: 2, threads: 1 }),
      await optimalRadialBasis(many, large, { count: 2 }),
    ];
    once.retained.flat().forEach((share, k) => {
      expect(often.retained.flat()[k]).toBeCloseTo(share, 12);
    });
  });

  test('has the elements of the structures unless others are given, and goes on reporting', async () => {
    const progress: number[] = [];
    const { hyperparameters } = await optimalRadialBasis(
      structures,
      { cutoff: { radius: 3 } },
      { count: 2, onProgress: (done, total) => progress.push(done / total) },
    );
    expect(hyperparameters).toMatchObject({ species, type: 'power-spectrum' });
    expect(progress.at(-1)).toBe(1);
  });

  test('serves other representations', async () => {
    const basis = { radial: { type: 'chebyshev', count: 6 } } as const;
    const radial = await optimalRadialBasis(
      structures,
      { type: 'radial-spectrum', basis, species },
      { count: 2 },
    );
    expect(new RadialSpectrum(radial.hyperparameters).features).toBe(3 * 2);
    expect(createRepresentation(radial.hyperparameters).features).toBe(3 * 2);
    const bispectrum = await optimalRadialBasis(
      structures,
      { type: 'bispectrum', basis: { maxAngular: 2, ...basis }, species },
      { count: 1 },
    );
    expect(
      new Bispectrum(bispectrum.hyperparameters)
        .computeSync(structures)
        .values.every(Number.isFinite),
    ).toBe(true);
  });

  test.each([0, 9, 2.5])('of %d functions of 8 is refused', async (count) => {
    await expect(optimalRadialBasis(structures, large, { count })).rejects.toThrow(
      failing({ code: 'INVALID_INPUT', message: expect.stringContaining('count') }),
    );
  });

  test.each(['longRange', 'density'])('of a long-range density is refused: %s', async (key) => {
    const given = { ...large, [key]: { type: 'power-law' } } as PowerSpectrumHyperparameters;
    await expect(optimalRadialBasis(structures, given, { count: 2 })).rejects.toThrow(
      failing({ code: 'INVALID_INPUT', message: expect.stringContaining(key) }),
    );
    const radial = { type: 'contracted', from: { count: 1 }, coefficients: [] } as const;
    const coefficients = species.map(() => Array.from({ length: 4 }, () => [[1]]));
    const basis = { maxAngular: 3, radial: { ...radial, coefficients } };
    expect(() => new PowerSpectrum({ ...given, basis })).toThrow(
      failing({ code: 'INVALID_INPUT', message: expect.stringContaining('basis.radial.type') }),
    );
  });

  test('of selected columns is refused', async () => {
    await expect(
      optimalRadialBasis(structures, { ...large, columns: [0, 1] }, { count: 2 }),
    ).rejects.toThrow(
      failing({ code: 'INVALID_INPUT', message: expect.stringContaining('columns') }),
    );
  });

  test('of a contracted basis is refused', async () => {
    const { hyperparameters } = await optimalRadialBasis(structures, large, { count: 4 });
    await expect(optimalRadialBasis(structures, hyperparameters, { count: 2 })).rejects.toThrow(
      failing({ code: 'INVALID_INPUT', message: expect.stringContaining('basis.radial.type') }),
    );
  });
});

function orthonormalRows(rows: number, columns: number, random: () => number): number[][] {
  const result: number[][] = [];
  while (result.length < rows) {
    let row = Array.from({ length: columns }, () => random() - 0.5);
    for (const other of result) {
      const overlap = dot(row, other);
      row = row.map((x, k) => x - overlap * other[k]!);
    }
    const norm = Math.hypot(...row);
    result.push(row.map((x) => x / norm));
  }
  return result;
}

const one = [[[1, 0]]];

test.each<[string, Record<string, unknown>]>([
  ['basis.radial.coefficients', { coefficients: [one] }],
  ['basis.radial.coefficients', { coefficients: [[[[1, 0, 0]]], one] }],
  [
    'basis.radial.coefficients',
    {
      coefficients: [
        one,
        [
          [
            [1, 0],
            [0, 1],
          ],
        ],
      ],
    },
  ],
  [
    'basis.radial.coefficients',
    {
      coefficients: [
        [...one, ...one],
        [...one, ...one],
      ],
    },
  ],
  ['basis.radial.coefficients', {}],
  ['basis.radial.count', { coefficients: [one, one], count: 2 }],
  ['basis.radial.from.type', { from: { type: 'contracted' }, coefficients: [one, one] }],
])('%s is refused in %j', (path, radial) => {
  const given = {
    species: ['H', 'O'],
    basis: { maxAngular: 0, radial: { type: 'contracted', from: { count: 2 }, ...radial } },
  } as unknown as PowerSpectrumHyperparameters;
  expect(() => new PowerSpectrum(given)).toThrow(
    failing({ code: 'INVALID_INPUT', message: expect.stringContaining(path) }),
  );
});
