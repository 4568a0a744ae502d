import type { Matrix } from '../../common/matrix';
import { Pace } from '../../common/turns';
import type { Steps } from '../../common/turns';
import { symmetricEigensystem } from '../../math/symmetric-eigen';

export interface LocalBandwidths {
  /** M × D × D inverses of the covariances that kernels have. */
  readonly precisions: Float64Array;
  /** Root of the trace of the covariance of each kernel, and at least twice the distance to another grid point. */
  readonly spreads: Float64Array;
}

/**
 * Bandwidths of a kernel density estimate that follow the data: each grid point, with the weight of the samples nearest
 * to it, looks at surroundings that hold a part `locality` of all samples; the covariance of these, shrunk towards a
 * sphere (oracle approximating shrinkage; Y. Chen et al., IEEE Trans. Signal Process. 58, 5016, 2010), is scaled by
 * Silverman's rule for its effective dimension. P. Gasparotto et al., J. Chem. Theory Comput. 14, 486 (2018).
 */
export function* localBandwidths(
  grid: Matrix,
  weights: Float64Array,
  locality: number,
): Steps<LocalBandwidths> {
  const [size, dimensions] = grid.shape;
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const precisions = new Float64Array(size * dimensions ** 2);
  const spreads = new Float64Array(size);
  const pace = new Pace();
  const squares = new Float64Array(size);
  const shares = new Float64Array(size);
  const whole = traceOf(covariance(grid, weights, total));
  for (let i = 0; i < size; i++) {
    for (let j = 0; j < size; j++) squares[j] = squareDistance(grid, i, j);
    // No smaller than the point itself and a few others.
    const samples = localise(squares, weights, Math.max(locality * total, weights[i]! + 1), shares);
    const local = covariance(grid, shares, samples);
    // Surroundings of copies have no spread.
    const least = 1e-8 * (whole > 0 ? whole : 1);
    const { values, vectors } = symmetricEigensystem(shrunk(local, samples));
    const squaresOfAxes = values.map((value) => Math.max(value, least));
    const sum = squaresOfAxes.reduce((total_, value) => total_ + value, 0);
    const entropy = squaresOfAxes.reduce(
      (rest, value) => rest - (value / sum) * Math.log(value / sum),
      0,
    );
    const effective = Math.exp(entropy);
    const scale =
      (4 / (effective + 2)) ** (2 / (effective + 4)) * samples ** (-2 / (effective + 4));
    // No shorter than the way to another grid point and on.
    spreads[i] = Math.max(Math.sqrt(scale * sum), 2 * Math.sqrt(nearestOf(squares, i)));
    for (let d = 0; d < dimensions; d++) {
      for (let e = 0; e < dimensions; e++) {
        let element = 0;
        vectors.forEach((vector, k) => {
          element += (vector[d]! * vector[e]!) / (scale * squaresOfAxes[k]!);
        });
        precisions[(i * dimensions + d) * dimensions + e] = element;
      }
    }
    if (pace.passed(size * 64)) yield;
  }
  return { precisions, spreads };
}

/** The least of some squares of distances, but for the own one. */
function nearestOf(squares: Float64Array, own: number): number {
  let least = Infinity;
  for (let j = 0; j < squares.length; j++) if (j !== own) least = Math.min(least, squares[j]!);
  return least;
}

/** Weights times a Gaussian as wide as it must be for them to add up to `wanted`; returns what they do. */
function localise(
  squares: Float64Array,
  weights: Float64Array,
  wanted: number,
  shares: Float64Array,
): number {
  const sumFor = (variance: number) => {
    let sum = 0;
    for (let j = 0; j < squares.length; j++) {
      sum += shares[j] = weights[j]! * Math.exp((-0.5 * squares[j]!) / variance);
    }
    return sum;
  };
  let high = Math.max(...squares);
  if (high === 0) return sumFor(1);
  for (let step = 0; step < 60 && sumFor(high) < wanted; step++) high *= 4;
  let low = 0;
  for (let step = 0; step < 40; step++) {
    const middle = 0.5 * (low + high);
    if (sumFor(middle) < wanted) low = middle;
    else high = middle;
    if (high - low < 1e-4 * high) break;
  }
  return sumFor(high);
}

function covariance({ values, shape }: Matrix, weights: Float64Array, total: number): number[][] {
  const [rows, dimensions] = shape;
  const mean = new Float64Array(dimensions);
  for (let i = 0; i < rows; i++) {
    for (let d = 0; d < dimensions; d++)
      mean[d]! += (weights[i]! * values[i * dimensions + d]!) / total;
  }
  const result = Array.from({ length: dimensions }, () => new Array<number>(dimensions).fill(0));
  for (let i = 0; i < rows; i++) {
    const weight = weights[i]! / total;
    if (weight < 1e-12) continue;
    for (let d = 0; d < dimensions; d++) {
      const away = weight * (values[i * dimensions + d]! - mean[d]!);
      for (let e = 0; e <= d; e++)
        result[d]![e]! += away * (values[i * dimensions + e]! - mean[e]!);
    }
  }
  for (let d = 0; d < dimensions; d++) for (let e = 0; e < d; e++) result[e]![d] = result[d]![e]!;
  return result;
}

/** Oracle approximating shrinkage of a covariance of so many samples. */
function shrunk(matrix: number[][], samples: number): number[][] {
  const size = matrix.length;
  const trace = traceOf(matrix);
  const squared = matrix.flat().reduce((sum, x) => sum + x * x, 0);
  const above = (1 - 2 / size) * squared + trace * trace;
  const below = (samples + 1 - 2 / size) * (squared - (trace * trace) / size);
  const part = below > 0 ? Math.min(1, above / below) : 1;
  return matrix.map((row, d) =>
    row.map((x, e) => (1 - part) * x + (d === e ? (part * trace) / size : 0)),
  );
}

const traceOf = (matrix: number[][]) => matrix.reduce((sum, row, d) => sum + row[d]!, 0);

function squareDistance({ values, shape: [, columns] }: Matrix, i: number, j: number): number {
  let sum = 0;
  for (let d = 0; d < columns; d++)
    sum += (values[i * columns + d]! - values[j * columns + d]!) ** 2;
  return sum;
}
