import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import type { PowerSpectrumHyperparameters, SphericalExpansionHyperparameters } from '../../ts';
import {
  InvalidInputError,
  Potential,
  PowerSpectrum,
  SphericalExpansion,
  SphericalExpansionByPair,
  Structure,
} from '../../ts';
import { failing } from '../failing';
import { someStructures } from '../properties/structures';

interface Case {
  readonly name: string;
  readonly structure: {
    readonly species: number[];
    readonly positions: number[][];
    readonly cell: number[][];
    readonly pbc: boolean[];
  };
  readonly hyperparameters: SphericalExpansionHyperparameters;
  readonly species: number[];
  readonly centres: number[];
  /** [centre][species][l² + l + m][n] */
  readonly values: number[][][][];
  /** [centre][atom][xyz][species][l² + l + m][n] */
  readonly positionGradients?: number[][][][][][];
}

const { cases } = JSON.parse(
  readFileSync(join(__dirname, '../reference/data/long_range.json'), 'utf8'),
) as { cases: Case[] };

const largest = (values: readonly number[]): number =>
  values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);

describe.each(cases)('featomic: $name', ({ structure, hyperparameters, species, ...reference }) => {
  const expansion = new SphericalExpansion({ ...hyperparameters, species });
  /** A row as featomic's coefficients have it. */
  const difference = (row: Float64Array, expected: number[][][]): number[] =>
    expansion.labels.map(({ lambda, mu, factors: [factor] }, column) => {
      const channel = expected[species.indexOf(factor!.species!)]!;
      return row[column]! - channel[lambda * lambda + lambda + mu]![factor!.n]!;
    });

  test('the same coefficients', async () => {
    const { values } = await expansion.compute([structure]);
    reference.centres.forEach((centre, k) => {
      const row = values.subarray(centre * expansion.features, (centre + 1) * expansion.features);
      const scale = largest(reference.values[k]!.flat(2));
      expect(largest(difference(row, reference.values[k]!))).toBeLessThan(1e-9 * scale);
    });
  });

  test('the same derivatives, for every atom of the structure', async () => {
    if (!reference.positionGradients) return expect(structure.species.length).toBeGreaterThan(1);
    const jacobian = await expansion.jacobian([structure]);
    const rows = await jacobian.compute();
    const atoms = structure.species.length;
    expect(jacobian.rows).toBe(atoms * atoms);
    const scale = largest(reference.positionGradients.flat(5));
    reference.centres.forEach((centre, k) => {
      for (let atom = 0; atom < atoms; atom++) {
        for (let axis = 0; axis < 3; axis++) {
          const at = (3 * (centre * atoms + atom) + axis) * expansion.features;
          const row = rows.subarray(at, at + expansion.features);
          const expected = reference.positionGradients![k]![atom]![axis]!;
          expect(largest(difference(row, expected))).toBeLessThan(1e-9 * scale);
        }
      }
    });
  });
});

/** A conventional cubic cell of two ions in alternation, at its edge a, with charges ±1. */
interface Salt {
  readonly madelung: number;
  /** In units of a. */
  readonly distance: number;
  readonly cations: readonly (readonly number[])[];
  readonly anions: readonly (readonly number[])[];
}

const faces = [
  [0, 0, 0],
  [0, 0.5, 0.5],
  [0.5, 0, 0.5],
  [0.5, 0.5, 0],
];
const shifted = (points: readonly (readonly number[])[], by: number): number[][] =>
  points.map((point) => point.map((x) => (x + by) % 1));

// Madelung constants for the distance of nearest neighbours: Y. Sakamoto, J. Chem. Phys. 28, 164 (1958).
const salts: Readonly<Record<string, Salt>> = {
  NaCl: {
    madelung: 1.7475645946,
    distance: 0.5,
    cations: faces,
    anions: shifted(faces, 0.5),
  },
  CsCl: {
    madelung: 1.7626747731,
    distance: Math.sqrt(3) / 2,
    cations: [[0, 0, 0]],
    anions: [[0.5, 0.5, 0.5]],
  },
  ZnS: {
    madelung: 1.6380550534,
    distance: Math.sqrt(3) / 4,
    cations: faces,
    anions: shifted(faces, 0.25),
  },
};

describe('Madelung constants', () => {
  test.each(Object.entries(salts))('%s', async (_, { madelung, distance, cations, anions }) => {
    // The potential of all ions but the central one's own, averaged over a sphere that other ions hardly reach
    // into: there it is harmonic, so its average with any weight is its value at the centre.
    const a = 4;
    const structure = {
      positions: [...cations, ...anions].map((point) => point.map((x) => a * x)),
      species: [...cations.map(() => 11), ...anions.map(() => 17)],
      cell: [a, 0, 0, 0, a, 0, 0, 0, a],
      pbc: [true, true, true],
    };
    const radius = 0.3;
    const expansion = new SphericalExpansion({
      cutoff: { radius },
      density: { type: 'power-law', exponent: 1, width: 0.2, kCutoff: 35, centerWeight: 0 },
      basis: { maxAngular: 0, radial: { type: 'monomial', count: 1 } },
      species: ['Na', 'Cl'],
    });
    const { values } = await expansion.compute([structure]);
    // c = V √4π ∫ r² R dr with R = √(3/radius³) constant.
    const weight = Math.sqrt(4 * Math.PI) * Math.sqrt(3 / radius ** 3) * (radius ** 3 / 3);
    const potential = (values[0]! - values[1]!) / weight;
    expect(-potential * distance * a).toBeCloseTo(madelung, 5);
  });
});

describe('a long-range density', () => {
  const [, crystal] = someStructures(7, [1, 8]);
  const shape = {
    cutoff: { radius: 3 },
    basis: { maxAngular: 2, radial: { count: 2 } },
    species: [1, 8],
  } as const;

  test('beside a local one has channels of its own, which labels tell apart', async () => {
    const longRange = { exponent: 2, width: 0.9 };
    const both = new SphericalExpansion({ ...shape, longRange });
    const local = new SphericalExpansion(shape);
    const far = new SphericalExpansion({ ...shape, density: { type: 'power-law', ...longRange } });
    expect(both.features).toBe(local.features + far.features);
    const [all, near, distant] = await Promise.all(
      [both, local, far].map(async (expansion) => {
        const { values } = await expansion.compute([crystal!]);
        return values.subarray(0, expansion.features);
      }),
    );
    const columns = (field: string): number[] =>
      both.labels.flatMap(({ factors }, column) => (factors[0]!.field === field ? [column] : []));
    expect(columns('local').map((column) => all![column])).toEqual([...near!]);
    expect(columns('long-range').map((column) => all![column])).toEqual([...distant!]);
    expect(local.labels[0]!.factors[0]).not.toHaveProperty('field');
    const crossed = new PowerSpectrum({ ...shape, longRange }).labels;
    expect(new Set(crossed.map(({ fields }) => fields!.join(' × ')))).toEqual(
      new Set(['local × local', 'local × long-range', 'long-range × long-range']),
    );
    expect(crossed).toHaveLength(new PowerSpectrum({ ...shape, longRange }).features);
  });

  test('gives a Jacobian whose product with a gradient is the vjp', async () => {
    const structures = [crystal!, someStructures(17, [1, 8])[1]!];
    for (const normalize of [false, true]) {
      const soap = new PowerSpectrum({ ...shape, longRange: {}, normalize });
      const { rows, columns } = soap.shape(structures);
      const gradient = Float64Array.from({ length: rows * columns }, (_, k) => Math.sin(1 + k));
      const expected = (await soap.vjp(structures, gradient)).positions;
      const jacobian = await soap.jacobian(structures);
      const values = await jacobian.compute();
      const found = new Float64Array(expected.length);
      for (let centre = 0; centre < rows; centre++) {
        for (let row = jacobian.first[centre]!; row < jacobian.first[centre + 1]!; row++) {
          for (let axis = 0; axis < 3; axis++) {
            const derivative = values.subarray(
              (3 * row + axis) * columns,
              (3 * row + axis + 1) * columns,
            );
            found[3 * jacobian.moved[row]! + axis]! += derivative.reduce(
              (sum, d, k) => sum + d * gradient[centre * columns + k]!,
              0,
            );
          }
        }
      }
      const error = largest(Array.from(found, (x, k) => x - expected[k]!));
      expect(error).toBeLessThan(1e-11 * largest([...expected]));
      // Parts of it are the same numbers.
      expect(await jacobian.compute({ from: 4, to: 5 })).toEqual(
        values.slice(3 * jacobian.first[4]! * columns, 3 * jacobian.first[5]! * columns),
      );
    }
  });

  test('has 1.2 π/σ as its default reciprocal cutoff', () => {
    const density = { type: 'power-law', width: 0.6 } as const;
    const { hyperparameters } = new SphericalExpansion({ ...shape, density });
    expect(hyperparameters.density).toMatchObject({ exponent: 1, kCutoff: (1.2 * Math.PI) / 0.6 });
  });

  test('says what it needs', async () => {
    const longRange = {};
    const make = (more: Partial<PowerSpectrumHyperparameters>) => () =>
      new PowerSpectrum({ ...shape, ...more });
    expect(make({ density: { type: 'power-law' }, longRange })).toThrow(
      failing({
        path: 'longRange',
        message: expect.stringContaining('density may be gaussian or delta'),
      }),
    );
    const molecule = new Structure({ positions: [[0, 0, 0]], species: [1] });
    for (const more of [{ longRange }, { density: { type: 'power-law' as const } }]) {
      const soap = make(more)();
      await expect(soap.compute([crystal!, molecule])).rejects.toThrow(
        failing({
          path: 'structures[1].pbc',
          message: expect.stringContaining('give molecules and surfaces a cell'),
        }),
      );
    }
    const byPair = () => new SphericalExpansionByPair({ density: { type: 'power-law' } });
    expect(byPair).toThrow(failing({ path: 'density.type' }));
    expect(make({ longRange, coupling: { type: 'mu' } })).toThrow(
      failing({ path: 'coupling.type' }),
    );
    const training = Potential.train([crystal!], { config: { representation: { longRange } } });
    await expect(training).rejects.toThrow(InvalidInputError);
    await expect(training).rejects.toThrow(/local densities/);
  });
});
