/** Counting values into bins, for charts of more values than can be drawn one by one. */

/** A closed interval. */
export interface Range {
  readonly min: number;
  readonly max: number;
}

/** The smallest range that holds all finite values; a single value, or none, gets a width. */
export function rangeOf(arrays: readonly ArrayLike<number>[]): Range {
  let min = Infinity;
  let max = -Infinity;
  for (const array of arrays) {
    for (let i = 0; i < array.length; i++) {
      const value = array[i]!;
      if (value < min && value > -Infinity) min = value;
      if (value > max && value < Infinity) max = value;
    }
  }
  if (min > max) return { min: -1, max: 1 };
  if (min < max) return { min, max };
  const half = Math.max(1e-3, 1e-3 * Math.abs(min));
  return { min: min - half, max: max + half };
}

/** The range made wider by this fraction of itself on both sides. */
export function widened({ min, max }: Range, fraction: number): Range {
  const margin = fraction * (max - min);
  return { min: min - margin, max: max + margin };
}

/** A histogram of equal bins: the number of values in each. Values outside the range are not counted. */
export function histogram(values: ArrayLike<number>, range: Range, bins: number): Float64Array {
  const counts = new Float64Array(bins);
  for (let i = 0; i < values.length; i++) {
    const bin = binOf(values[i]!, range, bins);
    if (bin >= 0) counts[bin]!++;
  }
  return counts;
}

/** The filled cells of a square grid over the points (x, y), both in the same range. */
export function grid(
  x: ArrayLike<number>,
  y: ArrayLike<number>,
  range: Range,
  bins: number,
): { readonly column: number; readonly row: number; readonly count: number }[] {
  const counts = new Map<number, number>();
  for (let i = 0; i < x.length; i++) {
    const column = binOf(x[i]!, range, bins);
    const row = binOf(y[i]!, range, bins);
    if (column < 0 || row < 0) continue;
    const cell = row * bins + column;
    counts.set(cell, (counts.get(cell) ?? 0) + 1);
  }
  return Array.from(counts, ([cell, count]) => ({
    column: cell % bins,
    row: Math.floor(cell / bins),
    count,
  }));
}

/** Index of the bin that holds a value, −1 outside the range; the upper end belongs to the last bin. */
function binOf(value: number, { min, max }: Range, bins: number): number {
  if (!(value >= min && value <= max)) return -1;
  return Math.min(bins - 1, Math.floor(((value - min) / (max - min)) * bins));
}
