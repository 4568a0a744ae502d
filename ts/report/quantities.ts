/** The quantities that a report shows, and their units. */
export interface Quantity {
  readonly key: 'energy' | 'forces' | 'stress';
  readonly name: string;
  /** The name before another noun, as in `force error`. */
  readonly adjective: string;
  /** Unit of the values. */
  readonly unit: string;
  /** Unit of errors: the thousandth of {@link unit}, in which they are numbers of a readable size. */
  readonly errorUnit: string;
  /** What one value belongs to. */
  readonly per: string;
}

export const quantities: readonly Quantity[] = [
  {
    key: 'energy',
    name: 'Energy',
    adjective: 'Energy',
    unit: 'eV/atom',
    errorUnit: 'meV/atom',
    per: 'structures',
  },
  {
    key: 'forces',
    name: 'Forces',
    adjective: 'Force',
    unit: 'eV/Å',
    errorUnit: 'meV/Å',
    per: 'force components',
  },
  {
    key: 'stress',
    name: 'Stress',
    adjective: 'Stress',
    unit: 'eV/Å³',
    errorUnit: 'meV/Å³',
    per: 'stress components',
  },
];

/** An error in {@link Quantity.unit} as text in {@link Quantity.errorUnit}, with three significant digits. */
export function formatError(error: number): string {
  return formatSignificant(1000 * error, 3);
}

/** A number with up to four significant digits; integers keep all of theirs, grouped by thousands. */
export function formatNumber(value: number): string {
  if (Number.isInteger(value)) return value.toLocaleString('en-US').replaceAll(',', '\u202f');
  const text = formatSignificant(value, 4);
  return /^-?\d+\.\d+$/.test(text) ? text.replace(/\.?0+$/, '') : text;
}

/** Digits left of the point are never rounded away: 1234.5 with three digits is 1235, not 1230. */
function formatSignificant(value: number, digits: number): string {
  if (value === 0 || !Number.isFinite(value)) return String(value);
  const size = Math.abs(value);
  if (size >= 1e6 || size < 1e-4) return value.toExponential(digits - 1);
  return value.toFixed(Math.max(0, digits - 1 - Math.floor(Math.log10(size))));
}
