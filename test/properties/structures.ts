import type { Structure } from '../../ts';
import { neighbourListSync, Structure as StructureClass } from '../../ts';

/** A generator of numbers in [0, 1) that always gives the same ones (mulberry32). */
export function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** Atoms near the points of a grid, 1.5 Å apart, in open space. */
function cluster(seed: number, species: readonly number[], count: number): Structure {
  const random = randomNumbers(seed);
  const positions = Array.from({ length: count }, (_, i) =>
    [i % 2, Math.floor(i / 2) % 2, Math.floor(i / 4)].map((cell) => 1.5 * cell + 0.4 * random()),
  );
  return new StructureClass({ positions, species: chooseSpecies(species, count) });
}

/** A triclinic cell smaller than the cutoff: atoms see images of themselves. */
function crystal(
  seed: number,
  species: readonly number[],
  count: number,
  pbc: readonly boolean[],
): Structure {
  const random = randomNumbers(seed);
  const cell = [3.3, 0.2, -0.3, 0.9, 3.0, 0.1, -0.5, 0.7, 3.6];
  const positions = Array.from({ length: count }, (_, i) => {
    const f = [0, 1, 2].map(() => i / count + 0.15 * random());
    return [0, 1, 2].map((x) => f[0]! * cell[x]! + f[1]! * cell[3 + x]! + f[2]! * cell[6 + x]!);
  });
  return new StructureClass({ positions, species: chooseSpecies(species, count), cell, pbc });
}

const chooseSpecies = (species: readonly number[], count: number): number[] =>
  Array.from({ length: count }, (_, i) => species[(i + Math.floor(i / 3)) % species.length]!);

/** A molecule, a crystal, a slab and a chain of the given elements, seeded. */
export function someStructures(seed: number, species: readonly number[]): Structure[] {
  return [
    cluster(seed, species, 7),
    crystal(seed + 1, species, 3, [true, true, true]),
    crystal(seed + 2, species, 3, [true, true, false]),
    crystal(seed + 3, species, 2, [false, true, false]),
  ];
}

/**
 * The first seed from `seed` on for which no pair of `someStructures` is near one of the distances: second
 * derivatives jump where a cutoff begins and ends, and mislead finite differences.
 */
export function smoothStructures(
  seed: number,
  species: readonly number[],
  distances: readonly number[],
): Structure[] {
  const structures = someStructures(seed, species);
  const lists = neighbourListSync(structures, { cutoff: Math.max(...distances) + 0.01 });
  const smooth = lists.every(({ neighbours, vectors }) =>
    neighbours.every((_, p) => {
      const length = Math.hypot(...vectors.subarray(3 * p, 3 * p + 3));
      return distances.every((distance) => Math.abs(length - distance) > 1e-3);
    }),
  );
  return smooth ? structures : smoothStructures(seed + 10, species, distances);
}

/** The same structure at other positions, in another cell. */
const changed = (
  { species, cell, pbc, positions }: Structure,
  change: { positions?: ArrayLike<number>; cell?: ArrayLike<number> },
): Structure => new StructureClass({ positions, species, cell, pbc, ...change });

/** Coordinate k (3 · atom + axis) moved by `step`. */
export function moved(structure: Structure, k: number, step: number): Structure {
  const positions = Float64Array.from(structure.positions);
  positions[k]! += step;
  return changed(structure, { positions });
}

/** Rows of three times a 3 × 3 matrix. */
export function times(rows: ArrayLike<number>, matrix: ArrayLike<number>): Float64Array {
  return Float64Array.from(rows, (_, k) => {
    const row = 3 * Math.floor(k / 3);
    return [0, 1, 2].reduce((sum, a) => sum + rows[row + a]! * matrix[3 * a + (k % 3)]!, 0);
  });
}

/** Positions and cell, both rows of vectors, times a matrix. */
export const transformed = (structure: Structure, matrix: ArrayLike<number>): Structure =>
  changed(structure, {
    positions: times(structure.positions, matrix),
    cell: times(structure.cell, matrix),
  });

/** r → r (1 + ε) with ε_ab = step the only component. */
export function strained(structure: Structure, a: number, b: number, step: number): Structure {
  const matrix = [1, 0, 0, 0, 1, 0, 0, 0, 1];
  matrix[3 * a + b]! += step;
  return transformed(structure, matrix);
}

export const translated = (structure: Structure, by: readonly number[]): Structure =>
  changed(structure, { positions: structure.positions.map((x, k) => x + by[k % 3]!) });

/** Atoms in another order: atom order[i] becomes atom i. */
export const permuted = (structure: Structure, order: readonly number[]): Structure =>
  new StructureClass({
    positions: order.map((i) => structure.positions.subarray(3 * i, 3 * i + 3)),
    species: order.map((i) => structure.species[i]!),
    cell: structure.cell,
    pbc: structure.pbc,
  });

/** Two cells along every periodic axis; atom i of the original is atom i of each block of N. */
export function doubled({ positions, species, cell, pbc }: Structure): {
  readonly structure: Structure;
  readonly copies: number;
} {
  const images = [0, 1].flatMap((a) => [0, 1].flatMap((b) => [0, 1].map((c) => [a, b, c])));
  const shifts = images.filter((image) => image.every((n, k) => n === 0 || pbc[k]));
  const structure = new StructureClass({
    positions: shifts.flatMap((shift) =>
      Array.from(
        positions,
        (x, k) => x + [0, 1, 2].reduce((sum, a) => sum + shift[a]! * cell[3 * a + (k % 3)]!, 0),
      ),
    ),
    species: shifts.flatMap(() => [...species]),
    cell: cell.map((x, k) => (pbc[Math.floor(k / 3)] ? 2 * x : x)),
    pbc,
  });
  return { structure, copies: shifts.length };
}

/** A proper rotation from a unit quaternion. */
export function rotation(seed: number): number[] {
  const random = randomNumbers(seed);
  const q = [0, 1, 2, 3].map(() => random() - 0.5);
  const norm = Math.hypot(...q);
  const [w, x, y, z] = q.map((component) => component / norm) as [number, number, number, number];
  return [
    [1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)],
    [2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)],
    [2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)],
  ].flat();
}
