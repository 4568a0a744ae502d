import type { Matrix } from '../common/matrix';

/**
 * Members of a committee that deviate from the model by α (w_i − w̄): their mean is the model, their spread α times
 * what it was, and whatever is computed from each of them has the uncertainty that follows, correlations included.
 *
 * @param members deviations from any common weights, M × (N · T).
 * @param targets T.
 */
export function centredMembers(members: Matrix, targets: number, factor: number): Matrix {
  const [size, columns] = members.shape;
  const count = columns / targets;
  const values = new Float64Array(members.values.length);
  for (let m = 0; m < size; m++) {
    for (let t = 0; t < targets; t++) {
      let mean = 0;
      for (let i = 0; i < count; i++)
        mean += members.values[m * columns + i * targets + t]! / count;
      for (let i = 0; i < count; i++) {
        const at = m * columns + i * targets + t;
        values[at] = factor * (members.values[at]! - mean);
      }
    }
  }
  return { values, shape: members.shape };
}

/** What members' weights, M × (N · T), are more than those of the model, M × T. */
export function lessWeights(members: Matrix, weights: Float64Array, targets = 1): Matrix {
  const [, columns] = members.shape;
  const rest = members.values.map(
    (w, at) => w - weights[Math.floor(at / columns) * targets + (at % targets)]!,
  );
  return { values: rest, shape: members.shape };
}
