import { z } from 'zod';

import type { Matrix } from '../common/matrix';
import { anyNumber, integerBetween, numbers, validate } from '../common/validation';
import { InvalidInputError } from '../errors';
import { native } from '../native/load';

/**
 * An irreducible part of Cartesian tensors: 2λ + 1 components that turn like the harmonics Y_λμ, in the order
 * μ = −λ … λ. A tensor may have several that turn alike (three vectors in one of rank three).
 */
export interface SphericalPart {
  readonly lambda: number;
  /** 1 for proper tensors, whose parity under inversion is (−1)^λ; −1 for pseudotensors. */
  readonly sigma: 1 | -1;
  /** How many parts of this kind there are. */
  readonly copies: number;
  /** (tensors · (2λ + 1)) × copies. */
  readonly values: Matrix;
}

/** One part as rows of numbers, one for each component of the Cartesian tensor. */
interface Projector {
  readonly lambda: number;
  /** (2λ + 1) × 3^rank. */
  readonly rows: Float64Array;
}

const maxRank = 3;

/**
 * Splits Cartesian tensors into irreducible spherical parts: a vector is one with λ = 1, a matrix has parts with
 * λ = 0 (its trace / √3), 1 (antisymmetric) and 2 (symmetric without trace). The map is orthogonal: squares of all
 * components add up to the same. Method: A. J. Stone, J. Phys. A 9, 485 (1976), with the vectors coupled one after
 * the other.
 *
 * @param values tensors × 3^rank, row-major.
 * @param rank 0 to 3.
 */
export function toSpherical(values: Float64Array, rank: number): SphericalPart[] {
  const size = sizeOf(rank);
  validate(numbers, values, 'values');
  if (values.length % size !== 0) {
    throw new InvalidInputError(`expected ${size} numbers for each tensor, got ${values.length}`, {
      path: 'values',
    });
  }
  const tensors = values.length / size;
  return kinds(rank).map(({ lambda, sigma, projectors }) => {
    const components = 2 * lambda + 1;
    const copies = projectors.length;
    const parts = new Float64Array(tensors * components * copies);
    for (let t = 0; t < tensors; t++) {
      for (let mu = 0; mu < components; mu++) {
        for (let copy = 0; copy < copies; copy++) {
          const row = projectors[copy]!;
          let sum = 0;
          for (let k = 0; k < size; k++) sum += row[mu * size + k]! * values[t * size + k]!;
          parts[(t * components + mu) * copies + copy] = sum;
        }
      }
    }
    return {
      lambda,
      sigma,
      copies,
      values: { values: parts, shape: [tensors * components, copies] },
    };
  });
}

/** The Cartesian tensors of spherical parts, tensors × 3^rank. Parts that are left out count as zero. */
export function toCartesian(
  parts: readonly SphericalPart[],
  rank: number,
  tensors: number,
): Float64Array {
  const size = sizeOf(rank);
  validate(integerBetween(0, 2 ** 31 - 1), tensors, 'tensors');
  validate(partsSchema, parts, 'parts');
  const result = new Float64Array(tensors * size);
  for (const part of parts) {
    const kind = kinds(rank).find((k) => k.lambda === part.lambda && k.sigma === part.sigma);
    const components = 2 * part.lambda + 1;
    if (
      kind?.projectors.length !== part.copies ||
      part.values.values.length !== tensors * components * part.copies
    ) {
      throw new InvalidInputError(
        `${tensors} tensors of rank ${rank} have no ${part.copies} part(s) of λ = ${part.lambda}, σ = ${part.sigma} with so many numbers`,
        { path: 'parts' },
      );
    }
    for (let t = 0; t < tensors; t++) {
      for (let mu = 0; mu < components; mu++) {
        for (let copy = 0; copy < part.copies; copy++) {
          const value = part.values.values[(t * components + mu) * part.copies + copy]!;
          const row = kind.projectors[copy]!;
          for (let k = 0; k < size; k++) result[t * size + k]! += row[mu * size + k]! * value;
        }
      }
    }
  }
  return result;
}

interface Kind {
  readonly lambda: number;
  readonly sigma: 1 | -1;
  readonly projectors: readonly Float64Array[];
}

const known = new Map<number, readonly Kind[]>();

/** Kinds of parts of a tensor of this rank, by λ. */
function kinds(rank: number): readonly Kind[] {
  const found = known.get(rank);
  if (found) return found;
  const projectors = projectorsOf(rank);
  const lambdas = [...new Set(projectors.map(({ lambda }) => lambda))].sort((a, b) => a - b);
  const result = lambdas.map((lambda) => ({
    lambda,
    // A Cartesian tensor has parity (−1)^rank.
    sigma: (rank + lambda) % 2 === 0 ? (1 as const) : (-1 as const),
    projectors: projectors.filter((p) => p.lambda === lambda).map(({ rows }) => rows),
  }));
  known.set(rank, result);
  return result;
}

/** Couples one vector after the other. */
function projectorsOf(rank: number): readonly Projector[] {
  if (rank === 0) return [{ lambda: 0, rows: Float64Array.of(1) }];
  return projectorsOf(rank - 1).flatMap((inner) => {
    const size = 3 ** (rank - 1);
    const result: Projector[] = [];
    for (let lambda = Math.abs(inner.lambda - 1); lambda <= inner.lambda + 1; lambda++) {
      const [n, m] = [2 * lambda + 1, 2 * inner.lambda + 1];
      const coupling = new Float64Array(n * m * 3);
      native().coupling(inner.lambda, 1, lambda, coupling);
      const rows = new Float64Array(n * size * 3);
      for (let mu = 0; mu < n; mu++) {
        for (let m1 = 0; m1 < m; m1++) {
          for (let m2 = 0; m2 < 3; m2++) {
            const factor = coupling[(mu * m + m1) * 3 + m2]!;
            for (let k = 0; k < size; k++) {
              rows[(mu * size + k) * 3 + cartesian[m2]!]! += factor * inner.rows[m1 * size + k]!;
            }
          }
        }
      }
      result.push({ lambda, rows });
    }
    return result;
  });
}

/** Which of x, y, z the components μ = −1, 0, 1 of Y_1 are: y, z, x. */
const cartesian = [1, 2, 0];

/** Numbers of a tensor of this rank. */
const sizeOf = (rank: number): number => 3 ** validate(integerBetween(0, maxRank), rank, 'rank');

const partsSchema = z.array(
  z.looseObject({
    lambda: anyNumber,
    sigma: anyNumber,
    copies: anyNumber,
    values: z.looseObject({ values: numbers }),
  }),
);
