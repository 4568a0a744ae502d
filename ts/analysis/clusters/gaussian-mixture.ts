import { checkMatrix } from '../../common/matrix';
import type { Matrix } from '../../common/matrix';
import { typedArray, validate } from '../../common/validation';
import { InvalidInputError } from '../../errors';
import { symmetricEigensystem } from '../../math/symmetric-eigen';
import { checkPoints } from '../points';
import type { Points } from '../points';

/** Gaussians with weights that add up to 1. */
export class GaussianMixture {
  /** Of each Gaussian: the rows of Λ^−½ U of its covariance U Λ Uᵀ, and the logarithm of weight / √det(2πΣ). */
  private readonly whitenings: Float64Array;
  private readonly offsets: Float64Array;

  /**
   * @param weights K.
   * @param means K × D.
   * @param covariances K × D × D. Directions without spread are given 1e-6 of the largest spread of all Gaussians.
   */
  constructor(
    readonly weights: Float64Array,
    readonly means: Matrix,
    readonly covariances: Float64Array,
  ) {
    const [count, dimensions] = checkMatrix(means, 'means').shape;
    for (const [name, given, length] of [
      ['weights', weights, count],
      ['covariances', covariances, count * dimensions ** 2],
    ] as const) {
      if (validate(typedArray('Float64Array'), given, name).length === length) continue;
      throw new InvalidInputError(`expected ${length} numbers, got ${given.length}`, {
        path: name,
      });
    }
    this.whitenings = new Float64Array(count * dimensions ** 2);
    this.offsets = new Float64Array(count);
    const systems = Array.from({ length: count }, (_, k) =>
      symmetricEigensystem(squareOf(covariances, k, dimensions)),
    );
    const largest = Math.max(...systems.map(({ values }) => values[0]!));
    const least = largest > 0 ? 1e-6 * largest : 1;
    systems.forEach(({ values, vectors }, k) => {
      let offset = Math.log(weights[k]!) - 0.5 * dimensions * Math.log(2 * Math.PI);
      values.forEach((value, d) => {
        const spread = Math.max(value, least);
        offset -= 0.5 * Math.log(spread);
        vectors[d]!.forEach((x, e) => {
          this.whitenings[(k * dimensions + d) * dimensions + e] = x / Math.sqrt(spread);
        });
      });
      this.offsets[k] = offset;
    });
  }

  /** The probability that each point belongs to each Gaussian, N × K; rows add up to 1. */
  probabilities(points: Points): Matrix {
    const [count, dimensions] = this.means.shape;
    const { values, shape } = checkPoints(points, 'points', { columns: dimensions });
    const [rows] = shape;
    const result = new Float64Array(rows * count);
    for (let i = 0; i < rows; i++) {
      const row = result.subarray(i * count, (i + 1) * count);
      const point = values.subarray(i * dimensions, (i + 1) * dimensions);
      for (let k = 0; k < count; k++) row[k] = this.logDensity(point, k);
      const largest = row.reduce((most, x) => Math.max(most, x), -Infinity);
      let sum = 0;
      for (let k = 0; k < count; k++) sum += row[k] = Math.exp(row[k]! - largest);
      for (let k = 0; k < count; k++) row[k]! /= sum;
    }
    return { values: result, shape: [rows, count] };
  }

  private logDensity(point: Float64Array, k: number): number {
    const [, dimensions] = this.means.shape;
    let square = 0;
    for (let d = 0; d < dimensions; d++) {
      let along = 0;
      for (let e = 0; e < dimensions; e++) {
        const away = point[e]! - this.means.values[k * dimensions + e]!;
        along += this.whitenings[(k * dimensions + d) * dimensions + e]! * away;
      }
      square += along * along;
    }
    return this.offsets[k]! - 0.5 * square;
  }
}

/** Matrix k of some. */
export function squareOf(values: Float64Array, k: number, size: number): number[][] {
  return Array.from({ length: size }, (_, row) => {
    const first = (k * size + row) * size;
    return [...values.subarray(first, first + size)];
  });
}
