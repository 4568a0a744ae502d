/** Arithmetic of the cell: nine numbers whose rows are the lattice vectors, in Å. */

/** Three flags: periodic along each lattice vector. */
export type Pbc = readonly [boolean, boolean, boolean];

/**
 * Lattice vectors of the periodic axes must enclose at least this fraction of the length, area or volume that
 * they would enclose at right angles.
 */
const minOrthogonality = 1e-8;

/** Volume of the cell in Å^3, |det H|; 0 without a full cell. */
export function cellVolume(cell: ArrayLike<number>): number {
  const [a, b, c] = latticeVectors(cell);
  return Math.abs(dot(a, cross(b, c)));
}

/** Whether the cell has no lattice vector at all. */
export function isZeroCell(cell: ArrayLike<number>): boolean {
  for (let i = 0; i < cell.length; i++) if (cell[i] !== 0) return false;
  return true;
}

/**
 * What stops this cell from being periodic along these axes, in words; undefined when nothing does. Vectors of
 * axes that are not periodic may be anything, also zero.
 */
export function cellDefect(cell: ArrayLike<number>, pbc: Pbc): string | undefined {
  if (isZeroCell(cell) && !pbc.includes(true)) return undefined;
  const vectors = latticeVectors(cell);
  const lengths = vectors.map(norm);
  if (!lengths.every(Number.isFinite)) return 'the cell has a value that is not finite';
  const axes = [0, 1, 2].filter((axis) => pbc[axis]);
  if (axes.length === 0) return undefined;
  const along = `pbc is true along ${axes.map((axis) => 'abc'[axis]).join(', ')}`;
  if (isZeroCell(cell)) return `${along}, but there is no cell`;

  const zero = axes.find((axis) => lengths[axis] === 0);
  if (zero !== undefined) return `${along}, but lattice vector ${'abc'[zero]} is zero`;
  const units = axes.map((axis): Vector => {
    const [x, y, z] = vectors[axis]!;
    const length = lengths[axis]!;
    return [x / length, y / length, z / length];
  });
  return enclosed(units) < minOrthogonality
    ? `${along}, but these lattice vectors are linearly dependent`
    : undefined;
}

type Vector = [number, number, number];

/** Length, area or volume that one, two or three vectors enclose. */
function enclosed(vectors: readonly Vector[]): number {
  const [a, b, c] = vectors;
  if (a === undefined) return 1;
  if (b === undefined) return norm(a);
  return c === undefined ? norm(cross(a, b)) : Math.abs(dot(a, cross(b, c)));
}

function latticeVectors(cell: ArrayLike<number>): [Vector, Vector, Vector] {
  const row = (axis: number): Vector => [
    cell[3 * axis] ?? 0,
    cell[3 * axis + 1] ?? 0,
    cell[3 * axis + 2] ?? 0,
  ];
  return [row(0), row(1), row(2)];
}

function cross(a: Vector, b: Vector): Vector {
  return [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
}

function dot(a: Vector, b: Vector): number {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

function norm(a: Vector): number {
  return Math.hypot(a[0], a[1], a[2]);
}
