import { z } from 'zod';

import { integerBetween, numberThat } from '../common/validation';
import { normalNumbers } from '../common/random';
import { InvalidInputError } from '../errors';
import type { NativeCoupling } from '../native/contract';
import type { Field } from '../density/expansion';

const sensitivity = integerBetween(0, 2);
const seed = integerBetween(0, 2 ** 32 - 1).default(0);

/**
 * Which products of densities a power spectrum has. C elements, N radial functions:
 * `all`: every c^α_n with every c^α'_n', the power spectrum as it is;
 * `same-element`: α = α' only;
 * `mu`: densities that are summed over elements, radial functions or both;
 * `mixing`: `count` linear combinations instead of elements, of radial functions (others for each element), or of both;
 * `projection`: `count` products of two random projections of all c^α_n each.
 */
export const couplingSchema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('all').default('all') }),
  z.strictObject({ type: z.literal('same-element') }),
  z.strictObject({
    type: z.literal('mu'),
    /** Number μ of the two densities that tell elements apart; the others are sums over elements. */
    species: sensitivity.default(1),
    /** Number ν of the two densities that resolve distances; the others are sums over radial functions. */
    radial: sensitivity.default(1),
  }),
  z.strictObject({
    type: z.literal('mixing'),
    /** What is mixed. */
    over: z.enum(['species', 'radial', 'both']).default('both'),
    /** Mixtures K: in place of C elements, of N radial functions of each element, or of all C · N. */
    count: integerBetween(1, 400),
    /** Of random weights. */
    seed,
    /**
     * Weights instead of random ones, a row for each mixture: of C elements for `over: 'species'`, else of C · N
     * functions, element by element. Elements ascend by atomic number.
     */
    weights: z
      .array(z.array(numberThat('a finite number')).min(1))
      .min(1)
      .optional(),
  }),
  z.strictObject({
    type: z.literal('projection'),
    /** Products for each l. */
    count: integerBetween(1, 10_000),
    /** Of the random projections. */
    seed,
  }),
]);

export type ResolvedCoupling = z.output<typeof couplingSchema>;

/** A linear combination of the channels of a density. */
export interface Density {
  /** Atomic number of the only element in it; null where there are several. */
  readonly species: number | null;
  /** Whether it is local or long-range, where there are both. */
  readonly field?: Field | undefined;
  /** The only radial function in it; null where there are several. */
  readonly n: number | null;
  /** Of several mixtures, which; null where there are none. */
  readonly mixture: number | null;
  /** Weight of radial function n of element number `a`. */
  readonly weight: (a: number, n: number) => number;
}

/** What densities are made from. */
export interface Channels {
  readonly species: readonly number[];
  /** Of each of these, where there are both. */
  readonly fields?: readonly Field[] | undefined;
  /** Whether these are mixtures of elements, by their numbers. */
  readonly mixed?: boolean | undefined;
  readonly radialCount: number;
}

type Groups = readonly (readonly Density[])[];

/** What is coupled: the densities of a first and a second factor, in groups. */
interface Coupled {
  readonly first: Groups;
  /** Undefined: the same as the first; products (q, q') and (q', q) are then there once, times √2. */
  readonly second?: Groups | undefined;
  readonly pairing: NativeCoupling['pairing'];
}

type Couplings = {
  readonly [Type in ResolvedCoupling['type']]: (
    coupling: Extract<ResolvedCoupling, { type: Type }>,
    channels: Channels,
  ) => Coupled;
};

const couplings: Couplings = {
  all: (_, channels) => ({ first: densities(channels, true, true), pairing: 'all' }),
  'same-element': (_, channels) => ({
    first: densities(channels, true, true),
    pairing: 'same-group',
  }),
  mu: ({ species, radial }, channels) => {
    const blunt = densities(channels, species === 2, radial === 2);
    const sharp = densities(channels, species > 0, radial > 0);
    const same = species !== 1 && radial !== 1;
    return { first: blunt, second: same ? undefined : sharp, pairing: 'all' };
  },
  mixing: (coupling, channels) => ({ first: mixtures(coupling, channels), pairing: 'all' }),
  projection: ({ count, seed }, channels) => {
    // Unbiased: ⟨p, p'⟩ is the dot product of full power spectra in the mean over projections.
    const scale = count ** -0.25;
    const [first, second] = [0, 1].map((factor) => {
      const rows = gaussianRows(channels, channels.radialCount, count, [seed, factor], scale);
      return [rows.map((row, mixture) => mixed(mixture, row, channels))];
    });
    return { first: first!, second: second!, pairing: 'elementwise' };
  },
};

/** Densities that do or do not tell elements and radial functions apart; a group for each element if they do both. */
function densities(
  { species, fields, mixed = false, radialCount }: Channels,
  tellsElements: boolean,
  tellsRadial: boolean,
): Groups {
  const density = (a: number | null, n: number | null): Density => ({
    species: a === null || mixed ? null : species[a]!,
    field: a === null ? undefined : fields?.[a],
    n,
    mixture: mixed ? a : null,
    weight: (element, k) => Number((a ?? element) === element && (n ?? k) === k),
  });
  const elements = tellsElements ? range(species.length) : [null];
  const functions = tellsRadial ? range(radialCount) : [null];
  const groups = elements.map((a) => functions.map((n) => density(a, n)));
  return tellsRadial ? groups : [groups.flat()];
}

/** Mixtures of elements, of the radial functions of each element, or of all channels. */
function mixtures(
  { over, count, seed, weights }: Extract<ResolvedCoupling, { type: 'mixing' }>,
  channels: Channels,
): Groups {
  const { species, radialCount } = channels;
  const columns = over === 'species' ? 1 : radialCount; // of each element
  const rows = weights
    ? checkedWeights(weights, count, species.length * columns)
    : gaussianRows(channels, columns, count, [seed, 0], count ** -0.5);
  if (over === 'species') {
    return rows.map((row, mixture) =>
      range(radialCount).map((n) => ({
        species: null,
        n,
        mixture,
        weight: (a, k) => (k === n ? row[a]! : 0),
      })),
    );
  }
  if (over === 'both') return [rows.map((row, mixture) => mixed(mixture, row, channels))];
  return species.map((element, own) =>
    rows.map((row, mixture) => ({
      species: element,
      n: null,
      mixture,
      weight: (a, n) => (a === own ? row[a * radialCount + n]! : 0),
    })),
  );
}

const mixed = (mixture: number, row: Float64Array, { radialCount }: Channels): Density => ({
  species: null,
  n: null,
  mixture,
  weight: (a, n) => row[a * radialCount + n]!,
});

function checkedWeights(
  weights: readonly (readonly number[])[],
  rows: number,
  columns: number,
): Float64Array[] {
  if (weights.length !== rows || weights.some(({ length }) => length !== columns)) {
    throw new InvalidInputError(
      `expected ${rows} rows of ${columns} numbers, got ${weights.length} rows of ${weights[0]!.length}`,
      { path: 'coupling.weights' },
    );
  }
  return weights.map((row) => Float64Array.from(row));
}

/**
 * Rows of normal random numbers, `columns` for each element: an element has the same ones whichever elements there
 * are besides.
 */
function gaussianRows(
  { species }: Channels,
  columns: number,
  count: number,
  [seed, factor]: readonly [number, number],
  scale: number,
): Float64Array[] {
  const rows = range(count).map(() => new Float64Array(species.length * columns));
  species.forEach((number, a) => {
    const normal = normalNumbers([seed, factor, number]);
    for (const row of rows) {
      for (let k = 0; k < columns; k++) row[a * columns + k] = scale * normal();
    }
  });
  return rows;
}

const range = (count: number): number[] => Array.from({ length: count }, (_, k) => k);

/** What a coupling couples. @throws InvalidInputError for weights of another size. */
export function coupled(coupling: ResolvedCoupling, channels: Channels): Coupled {
  const make = couplings[coupling.type] as (coupling: ResolvedCoupling, of: Channels) => Coupled;
  return make(coupling, channels);
}

/** The same as the engine takes it. */
export function nativeCoupling(coupling: ResolvedCoupling, channels: Channels): NativeCoupling {
  const { first, second, pairing } = coupled(coupling, channels);
  const counts = (groups: Groups) => Int32Array.from(groups, ({ length }) => length);
  const weights = (groups: Groups) =>
    Float64Array.from(
      groups
        .flat()
        .flatMap(({ weight }) =>
          channels.species.flatMap((_, a) => range(channels.radialCount).map((n) => weight(a, n))),
        ),
    );
  return {
    firstCounts: counts(first),
    firstWeights: weights(first),
    ...(second && { secondCounts: counts(second), secondWeights: weights(second) }),
    pairing,
  };
}
