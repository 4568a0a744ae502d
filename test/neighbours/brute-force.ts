/** A structure whose positions and cell are nested arrays, as the fixtures and generators make them. */
export interface Atoms {
  readonly positions: readonly (readonly number[])[];
  readonly cell: readonly (readonly number[])[];
  readonly pbc: readonly boolean[];
}

/** A neighbour of a centre: atom j in the image S, and r_ij. */
export interface Neighbour {
  readonly j: number;
  readonly shift: readonly number[];
  readonly vector: readonly number[];
}

type Vector = readonly number[];

const dot = (a: Vector, b: Vector): number => a[0]! * b[0]! + a[1]! * b[1]! + a[2]! * b[2]!;

const cross = (a: Vector, b: Vector): Vector => [
  a[1]! * b[2]! - a[2]! * b[1]!,
  a[2]! * b[0]! - a[0]! * b[2]!,
  a[0]! * b[1]! - a[1]! * b[0]!,
];

/**
 * The neighbours of atom i by trying every atom in every image, ordered by (j, S). The cell must be regular,
 * also where it is not periodic.
 */
export function bruteForce(
  { positions, cell, pbc }: Atoms,
  cutoff: number,
  i: number,
): Neighbour[] {
  const volume = dot(cell[0]!, cross(cell[1]!, cell[2]!));
  const reciprocal = [0, 1, 2].map((k) =>
    cross(cell[(k + 1) % 3]!, cell[(k + 2) % 3]!).map((x) => x / volume),
  );
  const found: Neighbour[] = [];
  positions.forEach((position, j) => {
    const direct = position.map((x, axis) => x - positions[i]![axis]!);
    // |f + S| is at most cutoff · |g| for the fractional coordinate f of the vector; one more for rounding.
    const ranges = reciprocal.map((g, k) => {
      if (!pbc[k]) return [0];
      const far = cutoff * Math.sqrt(dot(g, g));
      const low = Math.floor(-far - dot(g, direct)) - 1;
      const high = Math.ceil(far - dot(g, direct)) + 1;
      return Array.from({ length: high - low + 1 }, (_, n) => low + n);
    });
    for (const a of ranges[0]!) {
      for (const b of ranges[1]!) {
        for (const c of ranges[2]!) {
          if (i === j && a === 0 && b === 0 && c === 0) continue;
          const vector = direct.map(
            (x, axis) => x + a * cell[0]![axis]! + b * cell[1]![axis]! + c * cell[2]![axis]!,
          );
          if (dot(vector, vector) < cutoff * cutoff) found.push({ j, shift: [a, b, c], vector });
        }
      }
    }
  });
  return found;
}
