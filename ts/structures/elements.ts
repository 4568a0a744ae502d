import { show } from '../common/validation';
import { InvalidInputError } from '../errors';

/** The periodic table: what a species number, a symbol and a mass have to do with each other. */

/** Chemical symbols; index 0 is empty, index Z is the element of atomic number Z. */
export const chemicalSymbols: readonly string[] = `
  H He Li Be B C N O F Ne Na Mg Al Si P S Cl Ar K Ca Sc Ti V Cr Mn Fe Co Ni Cu Zn Ga Ge As Se Br
  Kr Rb Sr Y Zr Nb Mo Tc Ru Rh Pd Ag Cd In Sn Sb Te I Xe Cs Ba La Ce Pr Nd Pm Sm Eu Gd Tb Dy Ho
  Er Tm Yb Lu Hf Ta W Re Os Ir Pt Au Hg Tl Pb Bi Po At Rn Fr Ra Ac Th Pa U Np Pu Am Cm Bk Cf Es
  Fm Md No Lr Rf Db Sg Bh Hs Mt Ds Rg Cn Nh Fl Mc Lv Ts Og`.split(/\s+/);

/**
 * Standard atomic weights in amu (IUPAC 2016; mass of the longest-lived isotope where there is no standard
 * weight). Index Z is the element of atomic number Z.
 */
export const atomicMasses: readonly number[] = [
  0, 1.008, 4.002602, 6.94, 9.0121831, 10.81, 12.011, 14.007, 15.999, 18.998403163, 20.1797,
  22.98976928, 24.305, 26.9815385, 28.085, 30.973761998, 32.06, 35.45, 39.948, 39.0983, 40.078,
  44.955908, 47.867, 50.9415, 51.9961, 54.938044, 55.845, 58.933194, 58.6934, 63.546, 65.38, 69.723,
  72.63, 74.921595, 78.971, 79.904, 83.798, 85.4678, 87.62, 88.90584, 91.224, 92.90637, 95.95,
  97.90721, 101.07, 102.9055, 106.42, 107.8682, 112.414, 114.818, 118.71, 121.76, 127.6, 126.90447,
  131.293, 132.90545196, 137.327, 138.90547, 140.116, 140.90766, 144.242, 144.91276, 150.36,
  151.964, 157.25, 158.92535, 162.5, 164.93033, 167.259, 168.93422, 173.054, 174.9668, 178.49,
  180.94788, 183.84, 186.207, 190.23, 192.217, 195.084, 196.966569, 200.592, 204.38, 207.2,
  208.9804, 208.98243, 209.98715, 222.01758, 223.01974, 226.02541, 227.02775, 232.0377, 231.03588,
  238.02891, 237.04817, 244.06421, 243.06138, 247.07035, 247.07031, 251.07959, 252.083, 257.09511,
  258.09843, 259.101, 262.11, 267.122, 268.126, 271.134, 270.133, 269.1338, 278.156, 281.165,
  281.166, 285.177, 286.182, 289.19, 289.194, 293.204, 293.208, 294.214,
];

/**
 * Electronegativities on Pauling's scale (CRC Handbook of Chemistry and Physics); NaN where there is none. Index Z is
 * the element of atomic number Z.
 */
export const electronegativities: readonly number[] = [
  NaN,
  2.2,
  NaN,
  0.98,
  1.57,
  2.04,
  2.55,
  3.04,
  3.44,
  3.98,
  NaN,
  0.93,
  1.31,
  1.61,
  1.9,
  2.19,
  2.58,
  3.16,
  NaN,
  0.82,
  1.0,
  1.36,
  1.54,
  1.63,
  1.66,
  1.55,
  1.83,
  1.88,
  1.91,
  1.9,
  1.65,
  1.81,
  2.01,
  2.18,
  2.55,
  2.96,
  NaN,
  0.82,
  0.95,
  1.22,
  1.33,
  1.6,
  2.16,
  2.1,
  2.2,
  2.28,
  2.2,
  1.93,
  1.69,
  1.78,
  1.96,
  2.05,
  2.1,
  2.66,
  2.6,
  0.79,
  0.89,
  1.1,
  1.12,
  1.13,
  1.14,
  NaN,
  1.17,
  NaN,
  1.2,
  NaN,
  1.22,
  1.23,
  1.24,
  1.25,
  NaN,
  1.0,
  1.3,
  1.5,
  1.7,
  1.9,
  2.2,
  2.2,
  2.2,
  2.4,
  1.9,
  1.8,
  1.8,
  1.9,
  2.0,
  2.2,
  NaN,
  0.7,
  0.9,
  1.1,
  1.3,
  1.5,
  1.7,
  1.3,
  1.3,
  ...Array<number>(24).fill(NaN),
];

/** Largest atomic number with a name. */
export const maxAtomicNumber = chemicalSymbols.length - 1;

const numbers = new Map(chemicalSymbols.map((symbol, number) => [symbol, number]));

/** Atomic number of a symbol written in any case (`Si`, `SI`, `si`); 0 when there is no such element. */
export function atomicNumber(symbol: string): number {
  if (typeof symbol !== 'string') {
    throw new InvalidInputError(`expected a chemical symbol, got ${show(symbol)}`, {
      path: 'symbol',
    });
  }
  return numbers.get(symbol.charAt(0).toUpperCase() + symbol.slice(1).toLowerCase()) ?? 0;
}

/** Whether `number` is the atomic number of an element. */
export function isAtomicNumber(number: unknown): number is number {
  return Number.isInteger(number) && Number(number) >= 1 && Number(number) <= maxAtomicNumber;
}

/** Atomic numbers of the elements of structures, ascending. */
export function elementsIn(
  structures: readonly { readonly species: Iterable<number> }[],
): number[] {
  const found = new Set<number>();
  for (const { species } of structures) for (const number of species) found.add(number);
  return [...found].sort((a, b) => a - b);
}
