import type { StructureLike } from '../../ts';
import { randomNumbers } from '../../ts/common/random';

export const species = ['Li', 'O', 'F', 'Na', 'S', 'Cl'];
/** Two kinds of elements, whose labels are alike. */
const charge: Readonly<Record<string, number>> = {
  Li: 1,
  Na: 1.1,
  O: -2,
  S: -1.9,
  F: -1,
  Cl: -0.9,
};

/** Clusters of four atoms whose label is a sum over pairs of a product of charges. */
export function clusters(
  count: number,
  seed = 1,
): { structures: StructureLike[]; labels: number[] } {
  const random = randomNumbers(seed);
  const structures = Array.from({ length: count }, () => ({
    positions: [0, 1, 2, 3].map((i) =>
      [0, 1, 2].map((axis) => 1.6 * Number(axis === i - 1) + 0.3 * random()),
    ),
    species: [0, 1, 2, 3].map(() => species[Math.floor(species.length * random())]!),
  }));
  const labels = structures.map(({ positions, species: elements }) => {
    let sum = 0;
    elements.forEach((a, i) =>
      elements.slice(0, i).forEach((b, j) => {
        const r = Math.hypot(...positions[i]!.map((x, k) => x - positions[j]![k]!));
        sum += (charge[a]! * charge[b]!) / r;
      }),
    );
    return sum;
  });
  return { structures, labels };
}

export const representation = {
  cutoff: { radius: 4 },
  basis: { maxAngular: 1, radial: { count: 2 } },
  species,
} as const;

export const weightsOf = (channels: number): Float64Array =>
  Float64Array.from({ length: species.length * channels }, (_, k) => Math.sin(1 + 3 * k));

export const given = (weights: Float64Array) => ({
  type: 'given' as const,
  weights: Object.fromEntries(
    species.map((symbol, a) => {
      const channels = weights.length / species.length;
      return [symbol, Array.from(weights.slice(a * channels, (a + 1) * channels))];
    }),
  ),
});
