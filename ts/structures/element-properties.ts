import { chemicalSymbols, electronegativities, maxAtomicNumber } from './elements';

/**
 * Covalent radii in Å (B. Cordero et al., Dalton Trans. 2008, 2832; carbon sp³, Mn, Fe and Co low spin); NaN where
 * there is none. Index Z is the element of atomic number Z.
 */
export const covalentRadii: readonly number[] = [
  NaN,
  0.31,
  0.28,
  1.28,
  0.96,
  0.84,
  0.76,
  0.71,
  0.66,
  0.57,
  0.58,
  1.66,
  1.41,
  1.21,
  1.11,
  1.07,
  1.05,
  1.02,
  1.06,
  2.03,
  1.76,
  1.7,
  1.6,
  1.53,
  1.39,
  1.39,
  1.32,
  1.26,
  1.24,
  1.32,
  1.22,
  1.22,
  1.2,
  1.19,
  1.2,
  1.2,
  1.16,
  2.2,
  1.95,
  1.9,
  1.75,
  1.64,
  1.54,
  1.47,
  1.46,
  1.42,
  1.39,
  1.45,
  1.44,
  1.42,
  1.39,
  1.39,
  1.38,
  1.39,
  1.4,
  2.44,
  2.15,
  2.07,
  2.04,
  2.03,
  2.01,
  1.99,
  1.98,
  1.98,
  1.96,
  1.94,
  1.92,
  1.92,
  1.89,
  1.9,
  1.87,
  1.87,
  1.75,
  1.7,
  1.62,
  1.51,
  1.44,
  1.41,
  1.36,
  1.36,
  1.32,
  1.45,
  1.46,
  1.48,
  1.4,
  1.5,
  1.5,
  2.6,
  2.21,
  2.15,
  2.06,
  2.0,
  1.96,
  1.9,
  1.87,
  1.8,
  1.69,
  ...Array<number>(maxAtomicNumber - 96).fill(NaN),
];

const nobleGases = [0, 2, 10, 18, 36, 54, 86, 118];

/** Row of the periodic table, from 1. */
export const periodOf = (number: number): number => nobleGases.findIndex((last) => number <= last);

/** Column of the periodic table, 1 … 18; of the f block, lanthanides and actinides, 3. */
export function groupOf(number: number): number {
  const period = periodOf(number);
  const place = number - nobleGases[period - 1]!;
  const beforeEnd = nobleGases[period]! - number;
  if (number === 1) return 1;
  if (place <= 2 && beforeEnd > 0) return place;
  return Math.max(3, 18 - beforeEnd);
}

/** Numbers that say what an element is like; NaN where one is not known. */
export const elementProperties = {
  /** Pauling's scale. */
  electronegativity: (number: number) => electronegativities[number]!,
  /** Covalent radius in Å. */
  radius: (number: number) => covalentRadii[number]!,
  period: periodOf,
  group: groupOf,
} as const;

export type ElementProperty = keyof typeof elementProperties;

/** All elements of which these properties are known, by atomic number. */
export const elementsWith = (properties: readonly ElementProperty[]): number[] =>
  [...chemicalSymbols.keys()]
    .slice(1)
    .filter((number) => properties.every((name) => !Number.isNaN(elementProperties[name](number))));
