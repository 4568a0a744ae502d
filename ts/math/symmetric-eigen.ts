/** Eigenvectors of a symmetric matrix as rows, with their eigenvalues, the largest first. */
export interface Eigensystem {
  readonly values: readonly number[];
  readonly vectors: readonly (readonly number[])[];
}

/**
 * Diagonalises a small symmetric matrix by Jacobi's cyclic rotations. The largest component of each vector is
 * positive, so that equal matrices have equal vectors.
 */
export function symmetricEigensystem(matrix: readonly (readonly number[])[]): Eigensystem {
  const size = matrix.length;
  const a = matrix.map((row) => [...row]);
  const v = a.map((_, i) => a.map((__, k) => Number(i === k))); // eigenvectors are rows
  const norm = Math.hypot(...a.flat());
  const offDiagonal = () => Math.hypot(...a.flatMap((row, i) => row.filter((_, k) => k !== i)));
  for (let sweep = 0; sweep < 50 && offDiagonal() > 1e-16 * norm; sweep++) {
    for (let p = 0; p < size - 1; p++) {
      for (let q = p + 1; q < size; q++) rotate(a, v, p, q);
    }
  }
  const order = a.map((_, i) => i).sort((i, k) => a[k]![k]! - a[i]![i]!);
  return { values: order.map((i) => a[i]![i]!), vectors: order.map((i) => oriented(v[i]!)) };
}

/** The rotation in the plane of p and q that makes a_pq zero. */
function rotate(a: number[][], v: number[][], p: number, q: number): void {
  const off = a[p]![q]!;
  if (off === 0) return;
  const theta = (a[q]![q]! - a[p]![p]!) / (2 * off);
  const t = (theta < 0 ? -1 : 1) / (Math.abs(theta) + Math.hypot(theta, 1));
  const c = 1 / Math.hypot(t, 1);
  const s = t * c;
  const turn = (rows: number[][]) => {
    const [x, y] = [rows[p]!, rows[q]!];
    rows[p] = x.map((value, k) => c * value - s * y[k]!);
    rows[q] = y.map((value, k) => s * x[k]! + c * value);
  };
  for (const row of a) {
    const [x, y] = [row[p]!, row[q]!];
    row[p] = c * x - s * y;
    row[q] = s * x + c * y;
  }
  turn(a);
  turn(v);
  a[p]![q] = a[q]![p] = 0;
}

function oriented(vector: readonly number[]): number[] {
  const largest = vector.reduce(
    (most, x) => (Math.abs(x) > Math.abs(most) * (1 + 1e-9) ? x : most),
    0,
  );
  return largest < 0 ? vector.map((x) => -x) : [...vector];
}
