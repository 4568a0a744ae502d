import { readFileSync } from 'node:fs';
import path from 'node:path';
import { atomicNumber, Concatenation, StructureAverage } from '../../ts';
import type { ConcatenationHyperparameters, StructureLike } from '../../ts';
import { randomNumbers } from '../properties/structures';

interface Reference {
  readonly cutoff: number;
  readonly width: number;
  readonly count: number;
  readonly maxAngular: number;
  readonly pairs: readonly (readonly [string, string])[];
  readonly structures: readonly StructureLike[];
  /** [pair][l][structure][structure] */
  readonly grams: Readonly<Record<'outer' | 'inner', readonly number[][][][]>>;
}

const reference = JSON.parse(
  readFileSync(path.join(__dirname, '../reference/data/averages.json'), 'utf8'),
) as Reference;

test.each(['outer', 'inner'] as const)('DScribe: the same %s average', (average) => {
  const { cutoff, width, count, maxAngular, pairs, structures, grams } = reference;
  // DScribe's polynomials, which we orthonormalise another way: dot products of rows do not depend on that.
  const polynomials = Array.from({ length: count }, (_, n) =>
    Array.from({ length: 800 }, (__, i) => (1 - i / 799) ** (n + 3)),
  );
  const representation = new StructureAverage({
    average,
    of: {
      cutoff: { radius: cutoff, smoothing: { type: 'step' } },
      density: { type: 'gaussian', width },
      basis: { maxAngular, radial: { type: 'spline', points: polynomials } },
      species: ['H', 'C', 'O'],
    },
  });
  const { values, columns } = representation.computeSync(structures);
  const labels = representation.labels as unknown as { species: [number, number]; l: number }[];
  pairs.forEach((pair, p) => {
    const [first, second] = pair.map(atomicNumber);
    // Their Gaussians have height 1 and p a factor π √8; ours have norm 1, and pairs of two elements a √2.
    const factor = (Math.PI * width ** 2) ** -3 / (8 * Math.PI ** 2);
    const scale = (first === second ? 1 : 2) * factor;
    for (let l = 0; l <= maxAngular; l++) {
      const own = labels.flatMap(({ species, l: its }, column) =>
        its === l && species[0] === first && species[1] === second ? [column] : [],
      );
      expect(own).toHaveLength(first === second ? (count * (count + 1)) / 2 : count ** 2);
      structures.forEach((_, s) =>
        structures.forEach((__, t) => {
          const dot = own.reduce(
            (sum, c) => sum + values[s * columns + c]! * values[t * columns + c]!,
            0,
          );
          const norm = Math.sqrt(grams[average][p]![l]![s]![s]! * grams[average][p]![l]![t]![t]!);
          const error = Math.abs(dot - scale * grams[average][p]![l]![s]![t]!);
          expect(error).toBeLessThanOrEqual(1e-7 * scale * norm);
        }),
      );
    }
  });
});

describe('with long-range densities', () => {
  const species = [11, 17];
  const basis = { maxAngular: 2, radial: { count: 2 } };
  // Wave vectors that come and go as the cell is strained must be without weight.
  const kCutoff = 8;
  const of: ConcatenationHyperparameters & { readonly type: 'concatenation' } = {
    type: 'concatenation',
    species,
    parts: [
      {
        weight: 0.5,
        representation: { cutoff: { radius: 3 }, basis, longRange: { width: 0.9, kCutoff } },
      },
      {
        weight: 2,
        representation: {
          type: 'radial-spectrum',
          cutoff: { radius: 2.5 },
          density: { type: 'power-law', width: 0.8, kCutoff },
          basis: { radial: { count: 3 } },
        },
      },
      { representation: { cutoff: { radius: 3.5 }, basis, normalize: true } },
    ],
  };
  const crystal = (seed: number, atoms: number) => {
    const random = randomNumbers(seed);
    return {
      positions: Float64Array.from(
        { length: 3 * atoms },
        (_, k) => 2 * Math.floor(k / 3) * [1, 0.5, 0.25][k % 3]! + random(),
      ),
      species: Array.from({ length: atoms }, (_, i) => species[i % 2]!),
      cell: Float64Array.of(4.5, 0, 0.2, 0.4, 4.1, 0, -0.3, 0.2, 4.8),
      pbc: true,
    };
  };
  const structures = [crystal(3, 3), crystal(8, 4)];

  test.each([
    ['concatenation', new Concatenation(of)],
    ['outer average', new StructureAverage({ of, average: 'outer' })],
    ['inner average', new StructureAverage({ of, average: 'inner' })],
  ])('%s: derivatives by positions and strain are slopes', async (_, representation) => {
    const { rows, columns } = representation.shape(structures.map((s) => ({ species: s.species })));
    const gradient = Float64Array.from({ length: rows * columns }, (__, k) => Math.sin(1 + 7 * k));
    const found = await representation.vjp(structures, gradient);
    const loss = (moved: readonly StructureLike[]): number =>
      representation.computeSync(moved).values.reduce((sum, x, k) => sum + x * gradient[k]!, 0);
    const slope = (changed: (by: number) => StructureLike[]): number => {
      const difference = (by: number) => loss(changed(by)) - loss(changed(-by));
      const step = 1e-4;
      return (8 * difference(step) - difference(2 * step)) / (12 * step);
    };
    const positions: number[] = [];
    const strain: number[] = [];
    structures.forEach((structure, s) => {
      const others = (changed: StructureLike) => structures.map((x, t) => (t === s ? changed : x));
      structure.positions.forEach((__, k) =>
        positions.push(
          slope((by) => {
            const moved = Float64Array.from(structure.positions);
            moved[k]! += by;
            return others({ ...structure, positions: moved });
          }),
        ),
      );
      for (let a = 0; a < 3; a++) {
        for (let b = 0; b < 3; b++) {
          const strained = (vectors: Float64Array, by: number) =>
            vectors.map((x, k) => (k % 3 === b ? x + by * vectors[k - b + a]! : x));
          strain.push(
            slope((by) =>
              others({
                ...structure,
                positions: strained(structure.positions, by),
                cell: strained(structure.cell, by),
              }),
            ),
          );
        }
      }
    });
    const compare = (mine: ArrayLike<number>, slopes: number[]) => {
      const largest = slopes.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
      const error = slopes.reduce((most, x, k) => Math.max(most, Math.abs(x - mine[k]!)), 0);
      expect(largest).toBeGreaterThan(1e-3);
      expect(error).toBeLessThan(1e-6 * largest);
    };
    compare(found.positions, positions);
    compare(found.strain, strain);
  });
});
