import type { Quantity } from './data';

/** What a potential predicts. Errors are in thousandths, in which they are numbers of a readable size. */
export const potentialQuantities: readonly Quantity[] = [
  {
    key: 'energy',
    name: 'energy',
    title: 'Energy',
    unit: 'eV/atom',
    errors: { unit: 'meV/atom', factor: 1000 },
    per: 'structures',
  },
  {
    key: 'forces',
    name: 'forces',
    title: 'Forces',
    unit: 'eV/Å',
    errors: { unit: 'meV/Å', factor: 1000 },
    per: 'force components',
  },
  {
    key: 'stress',
    name: 'stress',
    title: 'Stress',
    unit: 'eV/Å³',
    errors: { unit: 'meV/Å³', factor: 1000 },
    per: 'stress components',
  },
];

export const titleOf = ({ title, name }: Quantity): string => title ?? name;

export const errorUnit = ({ unit, errors }: Quantity): string | undefined => errors?.unit ?? unit;

/** An error in {@link errorUnit}. */
export const scaledError = ({ errors }: Quantity, error: number): number =>
  (errors?.factor ?? 1) * error;

/** An error in {@link errorUnit} as text, by default with three significant digits. */
export function formatError(quantity: Quantity, error: number, digits = 3): string {
  return formatSignificant(scaledError(quantity, error), digits);
}

/** `Error (meV/atom)`: the title of an axis. */
export const withUnit = (title: string, unit: string | undefined): string =>
  unit === undefined ? title : `${title} (${unit})`;

/** Longer names stand above a chart only: the titles of its axes would not fit. */
const longest = 20;

/** `Reference energy (eV/atom)`: the title of an axis of values. */
export const valuesTitle = (kind: string, { name, unit }: Quantity): string =>
  withUnit(name.length > longest ? kind : `${kind} ${name}`, unit);

/** A number with up to four significant digits; integers keep all of theirs, grouped by thousands. */
export function formatNumber(value: number): string {
  if (Number.isInteger(value)) return value.toLocaleString('en-US').replaceAll(',', '\u202f');
  const text = formatSignificant(value, 4);
  return /^-?\d+\.\d+$/.test(text) ? text.replace(/\.?0+$/, '') : text;
}

/** Digits left of the point are never rounded away: 1234.5 with three digits is 1235, not 1230. */
export function formatSignificant(value: number, digits: number): string {
  if (value === 0 || !Number.isFinite(value)) return String(value);
  const size = Math.abs(value);
  if (size >= 1e6 || size < 1e-4) return value.toExponential(digits - 1);
  return value.toFixed(Math.max(0, digits - 1 - Math.floor(Math.log10(size))));
}
