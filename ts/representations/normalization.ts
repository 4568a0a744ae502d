/** Divides each row of `features` numbers by its Euclidean norm, in place; a row of zeros stays. */
export function normalizeRows(values: Float64Array, features: number): void {
  for (let start = 0; start < values.length; start += features) {
    const row = values.subarray(start, start + features);
    const norm = Math.sqrt(row.reduce((sum, x) => sum + x * x, 0));
    if (norm > 0) for (let k = 0; k < features; k++) row[k]! /= norm;
  }
}

/**
 * From ∂L/∂p̂ to ∂L/∂p for p̂ = p/|p|: (g − (g·p̂) p̂) / |p|, row by row.
 *
 * @param values p, not normalised.
 */
export function pullBackNormalization(
  values: Float64Array,
  gradient: Float64Array,
  features: number,
): Float64Array {
  const result = new Float64Array(gradient.length);
  for (let start = 0; start < values.length; start += features) {
    let square = 0;
    let product = 0;
    for (let k = start; k < start + features; k++) {
      square += values[k]! * values[k]!;
      product += values[k]! * gradient[k]!;
    }
    if (square === 0) continue;
    const inverse = 1 / Math.sqrt(square);
    for (let k = start; k < start + features; k++) {
      result[k] = inverse * (gradient[k]! - (product / square) * values[k]!);
    }
  }
  return result;
}
