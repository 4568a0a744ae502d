// Median and spread, and how they and their targets are written down.

export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** Median, least and largest of the values. */
export function spread(values) {
  return { median: median(values), min: Math.min(...values), max: Math.max(...values) };
}

/** `5.1 (4.9 to 5.3)`: three digits, the spread only where there are several values. */
export function withSpread(values, scale = 1) {
  const { median: middle, min, max } = spread(values);
  const [a, b, c] = [middle, min, max].map((value) => digits(scale * value));
  return values.length > 1 ? `${a} (${b} to ${c})` : a;
}

/** Three significant digits, never in exponents. */
export function digits(value) {
  return Number(value.toPrecision(3)).toString();
}

/** A row whose median is to be at least `least`. */
export function atLeast(what, values, least, unit, details) {
  return {
    what,
    measured: `${withSpread(values)}${unit}`,
    target: least === undefined ? '' : `≥ ${least}${unit}`,
    met: least === undefined ? undefined : median(values) >= least,
    details,
  };
}

/** A row whose value, rounded to so many decimals, is to be at most `most`. */
export function atMost(what, value, most, decimals, unit, details) {
  return {
    what,
    measured: `${value.toFixed(decimals)} ${unit}`,
    target: `≤ ${most.toFixed(decimals)} ${unit}`,
    met: Number(value.toFixed(decimals)) <= Number(most.toFixed(decimals)),
    details,
  };
}
