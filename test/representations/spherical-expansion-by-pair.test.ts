import { neighbourListSync, SphericalExpansion, SphericalExpansionByPair } from '../../ts';

const hyperparameters = {
  cutoff: { radius: 3.5, smoothing: { width: 1 } },
  density: { width: 0.5, centerWeight: 0 },
  basis: { maxAngular: 3, radial: { count: 4 } },
};

/** A triclinic cell smaller than the cutoff. */
const structure = {
  species: [8, 1, 1, 8],
  positions: Float64Array.of(0.1, 0.2, 0, 1, 0.3, 0.2, -0.2, 1.1, 0.4, 1.6, 1.7, 1.9),
  cell: Float64Array.of(3.3, 0, 0, 0.4, 3.6, 0, -0.3, 0.5, 3.9),
  pbc: [true, true, true] as const,
};

const byPair = new SphericalExpansionByPair(hyperparameters);
const [list] = neighbourListSync([structure], { cutoff: 3.5 });
const pairs = list!.neighbours.length;

test('pairs add up to the expansion of each centre', async () => {
  const rows = await byPair.compute(list!);
  expect(rows).toEqual(byPair.computeSync(list!, { threads: 1 }));
  const expansion = new SphericalExpansion({ ...hyperparameters, species: [1, 8] });
  const { values, columns } = expansion.computeSync([structure]);
  const pairColumn = new Map(
    byPair.labels.map(({ l, m, n }, column) => [[l, m, n].join(), column]),
  );
  for (let centre = 0; centre < structure.species.length; centre++) {
    expansion.labels.forEach(({ lambda, mu, factors }, column) => {
      const at = pairColumn.get([lambda, mu, factors[0]!.n].join())!;
      let sum = 0;
      for (let p = list!.first[centre]!; p < list!.first[centre + 1]!; p++) {
        if (structure.species[list!.neighbours[p]!] !== factors[0]!.species) continue;
        sum += rows[p * byPair.features + at]!;
      }
      expect(values[centre * columns + column]).toBeCloseTo(sum, 11);
    });
  }
});

test('derivatives agree with finite differences', async () => {
  const weights = Float64Array.from({ length: pairs * byPair.features }, (_, k) => Math.sin(k));
  const gradient = await byPair.vjp(list!, weights);
  expect(gradient).toEqual(byPair.vjpSync(list!, weights, { threads: 1 }));
  const loss = (vectors: Float64Array) =>
    byPair.computeSync({ vectors }).reduce((sum, value, k) => sum + weights[k]! * value, 0);
  for (let k = 0; k < 60; k++) {
    const moved = (step: number) => {
      const vectors = Float64Array.from(list!.vectors);
      vectors[k] = vectors[k]! + step;
      return loss(vectors);
    };
    expect((moved(1e-4) - moved(-1e-4)) / 2e-4).toBeCloseTo(gradient[k]!, 6);
  }
});

test('pairs beyond the cutoff have zeros, and no pairs no rows', () => {
  const far = { vectors: Float64Array.of(0, 0, 3.5, 9, 9, 9) };
  expect(byPair.computeSync(far)).toEqual(new Float64Array(2 * byPair.features));
  expect(byPair.computeSync({ vectors: new Float64Array(0) })).toHaveLength(0);
});

test('a gradient of another size and a result too large are refused', () => {
  expect(() => byPair.vjpSync(list!, new Float64Array(3))).toThrow(/gradient.*expected .* got 3/);
  expect(() => byPair.computeSync(list!, { memoryLimit: 100 })).toThrow(/expansion by pair/);
});
