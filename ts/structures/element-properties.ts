import { chemicalSymbols, electronegativities, maxAtomicNumber } from './elements';

/**
 * Covalent radii in Å (B. Cordero et al., Dalton Trans. 2008, 2832; carbon sp³, Mn, Fe and Co low spin); NaN where
 * there is none. Index Z is the element of atomic number Z.
 */
export const covalentRadii: readonly number[] = [
  NaN,
  ...[
    31, 28, 128, 96, 84, 76, 71, 66, 57, 58, 166, 141, 121, 111, 107, 105, 102, 106, 203, 176, 170,
    160, 153, 139, 139, 132, 126, 124, 132, 122, 122, 120, 119, 120, 120, 116, 220, 195, 190, 175,
    164, 154, 147, 146, 142, 139, 145, 144, 142, 139, 139, 138, 139, 140, 244, 215, 207, 204, 203,
    201, 199, 198, 198, 196, 194, 192, 192, 189, 190, 187, 187, 175, 170, 162, 151, 144, 141, 136,
    136, 132, 145, 146, 148, 140, 150, 150, 260, 221, 215, 206, 200, 196, 190, 187, 180, 169,
  ].map((hundredths) => hundredths / 100),
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

/** exp(−½ Σ_k (x_k(α) − x_k(β))² / w_k²) for the properties x_k that have a width w_k: 1 for the same, less the less alike. */
export function likeness(
  a: number,
  b: number,
  widths: Readonly<Partial<Record<ElementProperty, number | undefined>>>,
): number {
  let square = 0;
  for (const [name, width] of Object.entries(widths)) {
    const x = elementProperties[name as ElementProperty];
    square += ((x(a) - x(b)) / width!) ** 2;
  }
  return Math.exp(-0.5 * square);
}

/** All elements of which these properties are known, by atomic number. */
export const elementsWith = (properties: readonly ElementProperty[]): number[] =>
  [...chemicalSymbols.keys()]
    .slice(1)
    .filter((number) => properties.every((name) => !Number.isNaN(elementProperties[name](number))));

/** How much elements may differ by each property and still be alike. */
const widths: Readonly<Record<ElementProperty, number>> = {
  electronegativity: 0.7,
  radius: 0.5,
  period: 3,
  group: 8,
};

/** Of some widths, those of properties that all of these elements have. */
export function knownWidths(
  species: readonly number[],
  of: Readonly<Partial<Record<ElementProperty, number>>> = widths,
): Partial<Record<ElementProperty, number>> {
  const known = (Object.keys(of) as ElementProperty[]).filter((name) => {
    const all = elementsWith([name]);
    return species.every((number) => all.includes(number));
  });
  return Object.fromEntries(known.map((name) => [name, of[name]]));
}
