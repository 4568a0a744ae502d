import { z } from 'zod';

import { checkOptions } from '../common/options';
import { integerBetween, numberThat, positive, validate } from '../common/validation';
import { InvalidInputError } from '../errors';
import { symmetricEigensystem } from '../math/symmetric-eigen';
import { chemicalSymbols, electronegativities } from '../structures/elements';
import type { ResolvedChannels } from '../density/channels';
import { speciesSchema } from './hyperparameters';
import type { ResolvedCoupling } from './couplings';

const likenessSchema = z.discriminatedUnion('type', [
  /**
   * exp(−(χ − χ')² / 2w²) of Pauling's electronegativities χ: S. De, A. P. Bartók, G. Csányi and M. Ceriotti, Phys.
   * Chem. Chem. Phys. 18, 13754 (2016).
   */
  z.strictObject({
    type: z.literal('electronegativity'),
    /** w. */
    width: positive().default(1),
  }),
  /**
   * exp(−(P − P')² / 4w_P² − (G − G')² / 4w_G²) of periods P and groups G: F. A. Faber, A. S. Christensen, B. Huang
   * and O. A. von Lilienfeld, J. Chem. Phys. 148, 241717 (2018).
   */
  z.strictObject({
    type: z.literal('periodic-table'),
    /** w_P. */
    periodWidth: positive().default(1.6),
    /** w_G. */
    groupWidth: positive().default(1.6),
  }),
  z.strictObject({
    type: z.literal('matrix'),
    /** κ, a row for each element in the order of `species`; symmetric and without negative eigenvalues. */
    values: z.array(z.array(numberThat('a finite number'))),
  }),
]);

/** What makes elements alike. Default widths are those of the sources. */
export type ElementLikeness = z.input<typeof likenessSchema>;

/** How much alike elements are, in the forms that kernels and power spectra take. */
export interface AlchemicalCoupling {
  /** Atomic numbers, ascending. */
  readonly species: readonly number[];
  /** κ, C × C in the order of `species`: the `coupling` of kernels between centres of different elements. */
  readonly values: Float64Array;
  /** Eigenvalues of κ, the largest first: what each mixture adds to it. */
  readonly eigenvalues: readonly number[];
  /**
   * The `coupling` of a power spectrum of these elements between neighbours of different elements: as many mixtures of
   * elements as κ has eigenvalues that count. Their weights U are a factor, κ = Uᵀ U.
   */
  readonly mixing: Extract<ResolvedCoupling, { type: 'mixing' }>;
  /** The same mixtures as `channels` of any representation, made before any product is taken: the fewer, the faster. */
  readonly channels: Extract<ResolvedChannels, { type: 'given' }>;
}

/** Eigenvalues below this part of the largest are rounding. */
const rounding = 1e-12;

/**
 * Alchemical coupling: a matrix κ that says how much alike elements are, so that what is learned of one holds for
 * another. Between neighbours it makes a power spectrum of mixtures of elements whose dot products are Σ κ_αβ κ_α'β'
 * p^{αα'} p'^{ββ'}, those of a density whose elements overlap; between centres it multiplies kernels.
 *
 * @param species elements, as symbols or atomic numbers.
 * @param options.count only so many mixtures, those that are closest to κ (M. J. Willatt, F. Musil and M. Ceriotti,
 *   Phys. Chem. Chem. Phys. 20, 29661 (2018)). Default: all that κ has.
 * @throws InvalidInputError naming an element that has no electronegativity, or what is wrong with a matrix.
 *
 * @example
 * const { mixing, species } = alchemicalCoupling(['C', 'N', 'O'], { type: 'electronegativity' });
 * const spectrum = new PowerSpectrum({ cutoff: { radius: 4 }, species, coupling: mixing });
 */
export function alchemicalCoupling(
  species: readonly (string | number)[],
  likeness: ElementLikeness,
  options: { readonly count?: number | undefined } = {},
): AlchemicalCoupling {
  checkOptions(options, { count: true });
  const numbers = checkSpecies(species);
  const kappa = matrixOf(validate(likenessSchema, likeness, 'likeness'), species, numbers);
  const { values: eigenvalues, vectors } = symmetricEigensystem(kappa);
  const [largest = 0] = eigenvalues;
  const least = eigenvalues.at(-1)!;
  if (!(largest > 0) || least < -1e-9 * largest) {
    throw new InvalidInputError(
      `expected a matrix without negative eigenvalues, got ${largest > 0 ? least : largest}`,
      { path: 'likeness' },
    );
  }
  const rank = eigenvalues.filter((value) => value > rounding * largest).length;
  const count = Math.min(
    rank,
    validate(integerBetween(1, numbers.length), options.count ?? numbers.length, 'count'),
  );
  const weights = vectors
    .slice(0, count)
    .map((vector, j) => vector.map((x) => Math.sqrt(eigenvalues[j]!) * x));
  const ofElement = (a: number) => weights.map((row) => row[a]!);
  return {
    species: numbers,
    values: Float64Array.from(kappa.flat()),
    eigenvalues,
    mixing: { type: 'mixing', over: 'species', count, seed: 0, weights },
    channels: {
      type: 'given',
      weights: Object.fromEntries(numbers.map((z, a) => [chemicalSymbols[z]!, ofElement(a)])),
    },
  };
}

/** κ between ascending elements. */
function matrixOf(
  likeness: z.output<typeof likenessSchema>,
  given: readonly (string | number)[],
  numbers: readonly number[],
): number[][] {
  switch (likeness.type) {
    case 'electronegativity': {
      const chi = numbers.map(electronegativityOf);
      return table(numbers.length, (a, b) =>
        Math.exp(-0.5 * ((chi[a]! - chi[b]!) / likeness.width) ** 2),
      );
    }
    case 'periodic-table': {
      const places = numbers.map(placeOf);
      const apart = (x: number, y: number, width: number) => ((x - y) / (2 * width)) ** 2;
      return table(numbers.length, (a, b) => {
        const [from, to] = [places[a]!, places[b]!];
        return Math.exp(
          -apart(from.period, to.period, likeness.periodWidth) -
            apart(from.group, to.group, likeness.groupWidth),
        );
      });
    }
    case 'matrix':
      return inOrder(likeness.values, given, numbers);
  }
}

const table = (size: number, value: (a: number, b: number) => number) =>
  Array.from({ length: size }, (_, a) => Array.from({ length: size }, (__, b) => value(a, b)));

/** A given matrix, its rows and columns in the order of atomic numbers. */
function inOrder(
  values: readonly (readonly number[])[],
  given: readonly (string | number)[],
  numbers: readonly number[],
): number[][] {
  const path = 'likeness.values';
  const size = given.length;
  if (numbers.length < size) {
    throw new InvalidInputError(
      'expected each element once, as rows of the matrix belong to them',
      {
        path: 'species',
      },
    );
  }
  if (values.length !== size || values.some(({ length }) => length !== size)) {
    throw new InvalidInputError(`expected ${size} rows of ${size} numbers`, { path });
  }
  const at = given.map((element) => numbers.indexOf(checkSpecies([element])[0]!));
  const rows = numbers.map((_, a) => at.indexOf(a));
  const kappa = rows.map((i) => rows.map((j) => values[i]![j]!));
  kappa.forEach((row, a) =>
    row.forEach((value, b) => {
      if (Math.abs(value - kappa[b]![a]!) <= 1e-9 * Math.abs(value)) return;
      throw new InvalidInputError(
        `expected a symmetric matrix, got ${value} and ${kappa[b]![a]} between ${chemicalSymbols[numbers[a]!]} and ${chemicalSymbols[numbers[b]!]}`,
        { path },
      );
    }),
  );
  return kappa;
}

function electronegativityOf(number: number): number {
  const chi = electronegativities[number]!;
  if (!Number.isNaN(chi)) return chi;
  throw new InvalidInputError(
    `${chemicalSymbols[number]} has no electronegativity on Pauling's scale; take "periodic-table" or "matrix"`,
    { path: 'species' },
  );
}

const nobleGases = [0, 2, 10, 18, 36, 54, 86, 118];

/**
 * Period and group as in the likeness of periods and groups: main groups are 1 to 8, the d block 9 to 18, lanthanides
 * and actinides 19 to 33.
 */
function placeOf(number: number): { period: number; group: number } {
  const period = nobleGases.findIndex((last) => number <= last);
  const place = number - nobleGases[period - 1]!;
  const beforeEnd = nobleGases[period]! - number;
  if (beforeEnd === 0) return { period, group: 8 };
  if (place <= 2) return { period, group: place };
  if (beforeEnd < 6) return { period, group: 8 - beforeEnd };
  if (period < 6) return { period, group: place + 6 };
  return { period, group: place <= 17 ? place + 16 : place - 8 };
}

const checkSpecies = (species: readonly (string | number)[]) =>
  validate(speciesSchema, species, 'species');
