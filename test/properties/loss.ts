import type { ProductBlock } from '../../ts';
import { weight } from './averages';

/** What is known of each structure, and what is to be summed over: a function of a row. */
export interface Loss {
  /** Invariants of a row; the row itself, if that is invariant. */
  readonly invariants: (row: Float64Array) => Float64Array;
  /** ∂(Σ weight · invariant)/∂row. */
  readonly gradient: (row: Float64Array) => Float64Array;
}

export const linear: Loss = {
  invariants: (row) => row,
  gradient: (row) => row.map((_, column) => weight(column)),
};

/** Features of rank λ > 0 turn: the squares of their lengths do not. */
export function lengths(blocks: readonly ProductBlock[]): Loss {
  return {
    invariants: (row) =>
      Float64Array.from(
        blocks.flatMap(({ column, functions, lambda }) =>
          Array.from({ length: functions }, (_, q) =>
            Array.from(
              { length: 2 * lambda + 1 },
              (__, mu) => row[column + mu * functions + q]! ** 2,
            ).reduce((sum, x) => sum + x, 0),
          ),
        ),
      ),
    gradient: (row) => {
      const gradient = new Float64Array(row.length);
      let invariant = 0;
      for (const { column, functions, lambda } of blocks) {
        for (let q = 0; q < functions; q++, invariant++) {
          for (let mu = 0; mu <= 2 * lambda; mu++) {
            const at = column + mu * functions + q;
            gradient[at] = 2 * weight(invariant) * row[at]!;
          }
        }
      }
      return gradient;
    },
  };
}
