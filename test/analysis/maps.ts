import { readFileSync } from 'node:fs';
import path from 'node:path';

import type { Matrix } from '../../ts';
import { randomNumbers } from '../../ts/common/random';

type Rows = readonly (readonly number[])[];

export interface MapCase {
  readonly method: 'pca' | 'pcovr' | 'kernel-pca' | 'kernel-pcovr';
  readonly kernel?: 'gaussian' | 'dot-product';
  readonly mixing?: number;
  readonly regularization?: number;
  readonly coordinates: Rows;
  readonly fresh: Rows;
  readonly explained?: readonly number[];
  readonly eigenvalues?: readonly number[];
  readonly predicted?: Rows;
  readonly reconstructed?: Rows;
}

export interface ClusterCase {
  readonly method: 'k-means' | 'dbscan' | 'hdbscan';
  readonly labels: readonly number[];
  readonly start?: Rows;
  readonly centres?: Rows;
  readonly inertia?: number;
  readonly radius?: number;
  readonly neighbours?: number;
  readonly leastSize?: number;
  readonly probabilities?: readonly number[];
}

/** What scikit-learn and scikit-matter make of the same points. */
export const reference = JSON.parse(
  readFileSync(path.join(__dirname, '../reference/data/maps.json'), 'utf8'),
) as {
  readonly samples: Rows;
  readonly fresh: Rows;
  readonly targets: Rows;
  readonly cases: readonly MapCase[];
  readonly cloud: Rows;
  readonly clusters: readonly ClusterCase[];
};

export function matrixOf(rows: Rows): Matrix {
  return { values: new Float64Array(rows.flat()), shape: [rows.length, rows[0]!.length] };
}

/** Uniform numbers in (−½, ½); columns shrink by a factor, so that directions differ. */
export function random(rows: number, columns: number, seed = 3, shrink = 1): Matrix {
  const next = randomNumbers(seed);
  const values = Float64Array.from(
    { length: rows * columns },
    (_, at) => (next() - 0.5) * shrink ** (at % columns),
  );
  return { values, shape: [rows, columns] };
}

/** Normal numbers about centres, so many each. */
export function clouds(centres: Rows, each: number, width: number, seed = 1): Matrix {
  const next = randomNumbers(seed);
  const normal = () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
  return matrixOf(
    centres.flatMap((centre) =>
      Array.from({ length: each }, () => centre.map((x) => x + width * normal())),
    ),
  );
}

/** Largest difference of two matrices, in parts of the largest number of the second. */
export function difference(ours: Matrix, theirs: Matrix): number {
  expect(ours.shape).toEqual(theirs.shape);
  const scale = Math.max(...theirs.values.map(Math.abs));
  return Math.max(...ours.values.map((x, at) => Math.abs(x - theirs.values[at]!))) / scale;
}

/** Columns turned to the signs of those of another matrix. */
export function aligned({ values, shape }: Matrix, to: Matrix): Matrix {
  const [, columns] = shape;
  const products = Array.from({ length: columns }, (_, k) =>
    values.reduce((sum, x, at) => (at % columns === k ? sum + x * to.values[at]! : sum), 0),
  );
  return { values: values.map((x, at) => x * Math.sign(products[at % columns]!)), shape };
}
