import { z } from 'zod';

import { normalNumbers } from '../common/random';
import { integerBetween, numberThat, positive } from '../common/validation';
import { InvalidInputError } from '../errors';
import { symmetricEigensystem } from '../math/symmetric-eigen';
import {
  elementProperties,
  elementsWith,
  knownWidths,
  likeness,
} from '../structures/element-properties';
import type { ElementProperty } from '../structures/element-properties';
import { atomicNumber, chemicalSymbols } from '../structures/elements';

const count = integerBetween(1, 100);

/** u: for each chemical symbol a number for each channel. */
export const weightsSchema = z
  .record(z.string(), z.array(numberThat('a finite number')).min(1).max(100).readonly())
  .transform((weights, context) => {
    const entries = Object.entries(weights);
    const bad = entries.find(
      ([symbol, row]) => !atomicNumber(symbol) || row.length !== entries[0]![1].length,
    );
    if (bad || entries.length === 0) {
      context.addIssue({
        code: 'custom',
        path: bad ? [bad[0]] : [],
        message:
          bad && !atomicNumber(bad[0])
            ? `expected a chemical symbol, got ${bad[0]}`
            : `expected as many numbers for every element${bad ? `: ${entries[0]![1].length}, got ${bad[1].length}` : ', got none'}`,
      });
    }
    return weights;
  });

/**
 * The channels J of a density, mixtures c^J = Σ_α u_αJ c^α of those of the elements α that are made before any product
 * is taken. What follows costs what J channels cost, however many elements there are. Method: M. J. Willatt, F. Musil
 * and M. Ceriotti, Phys. Chem. Chem. Phys. 20, 29661 (2018).
 */
export const channelsSchema = z.discriminatedUnion('type', [
  /** One for each element: nothing is mixed. */
  z.strictObject({ type: z.literal('elements').default('elements') }),
  z.strictObject({
    type: z.literal('given'),
    /** u: for each chemical symbol a number for each channel. */
    weights: weightsSchema,
  }),
  /** Normal random numbers, with which dot products of densities are those of all elements in the mean over seeds. */
  z.strictObject({
    type: z.literal('random'),
    count,
    seed: integerBetween(0, 2 ** 32 - 1).default(0),
  }),
  z.strictObject({
    type: z.literal('properties'),
    count,
    /**
     * What makes elements alike, and by how much they differ: u are the largest components of κ_αβ = exp(−½ Σ_k (x_k(α)
     * − x_k(β))² / w_k²), with the width w_k of each property x_k that is named.
     */
    widths: z
      .strictObject({
        electronegativity: positive().optional(),
        radius: positive('Å').optional(),
        period: positive().optional(),
        group: positive().optional(),
      })
      .refine((widths) => Object.keys(widths).length > 0, {
        error: `expected a width of ${Object.keys(elementProperties).join(', ')}, or of several of them`,
      }),
    /** Whether elements that are not listed may come, too: their u follow from their properties. */
    extrapolate: z.boolean().default(false),
  }),
]);

export type ResolvedChannels = z.output<typeof channelsSchema>;

/** Features grow with the square of the number of channels: more elements than these are not kept apart by default. */
export const mostApart = 8;

/** How much elements may differ and be alike. */
export const likenesses = {
  /** What neighbours in the periodic table differ by: best for Mo, Nb, Ta and W, of any number of data. */
  close: { electronegativity: 0.6, radius: 0.2, period: 2, group: 2 },
  /** What H, C, N, O and S differ by: best for organic molecules and crystals, most of all of few data. */
  loose: { electronegativity: 1, radius: 0.3 },
} as const;

/** Mixtures of elements that are alike by those of these properties that are known of every one of them. */
export const mixedByLikeness = (
  count: number,
  species: readonly number[],
  likeness: keyof typeof likenesses = 'close',
): ResolvedChannels => ({
  type: 'properties',
  count,
  widths: knownWidths(species, likenesses[likeness]),
  extrapolate: false,
});

/** Elements with what each gives to the channels. */
export interface ElementWeights {
  /** Atomic numbers of the elements that structures may hold, ascending. */
  readonly species: readonly number[];
  /** u, a row for each of them. */
  readonly rows: readonly (readonly number[])[];
}

/**
 * The weights u_αJ of channels for these elements, and perhaps more; undefined where elements are the channels.
 *
 * @param species ascending atomic numbers.
 * @throws InvalidInputError naming an element that has no weights, or when there are more channels than elements.
 */
export function elementWeights(
  channels: ResolvedChannels,
  species: readonly number[],
): ElementWeights | undefined {
  if (channels.type === 'elements') return undefined;
  const wanted = channelCount(channels, species);
  if (wanted > species.length) {
    throw new InvalidInputError(
      `expected at most one channel for each of the ${species.length} elements, got ${wanted}`,
      { path: channels.type === 'given' ? 'channels.weights' : 'channels.count' },
    );
  }
  switch (channels.type) {
    case 'given':
      return { species, rows: species.map((number) => givenRow(channels.weights, number)) };
    case 'random':
      // An element has the same ones whichever elements there are besides.
      return {
        species,
        rows: species.map((number) => {
          const normal = normalNumbers([channels.seed, number]);
          return Array.from({ length: wanted }, () => normal() / Math.sqrt(wanted));
        }),
      };
    case 'properties':
      return fromProperties(channels, species);
  }
}

/** Atomic numbers of the elements that structures may hold: those that are listed, and those that follow from them. */
export const acceptedElements = (
  channels: ResolvedChannels | undefined,
  species: readonly number[],
): readonly number[] => (channels && elementWeights(channels, species)?.species) ?? species;

/** Number of channels. */
export function channelCount(channels: ResolvedChannels, species: readonly number[]): number {
  if (channels.type === 'elements') return species.length;
  return channels.type === 'given' ? Object.values(channels.weights)[0]!.length : channels.count;
}

function givenRow(weights: Readonly<Record<string, readonly number[]>>, number: number) {
  const symbol = chemicalSymbols[number]!;
  const row = Object.entries(weights).find(([name]) => atomicNumber(name) === number)?.[1];
  if (row) return row;
  throw new InvalidInputError(
    `expected the weights of ${symbol}, too; there are those of ${Object.keys(weights).join(', ')}`,
    { path: `channels.weights.${symbol}` },
  );
}

/** Eigenvalues below this part of the largest are rounding. */
const rounding = 1e-12;

/** The leading eigenvectors of κ between the listed elements, and what they are for others (Nyström). */
function fromProperties(
  { count: wanted, widths, extrapolate }: Extract<ResolvedChannels, { type: 'properties' }>,
  species: readonly number[],
): ElementWeights {
  const names = Object.keys(widths) as ElementProperty[];
  const known = elementsWith(names);
  const unknown = species.find((number) => !known.includes(number));
  if (unknown !== undefined) {
    const missing = names.find((name) => Number.isNaN(elementProperties[name](unknown)))!;
    throw new InvalidInputError(
      `${chemicalSymbols[unknown]} has no ${missing} in the table; take other properties, such as period and group`,
      { path: `channels.widths.${missing}` },
    );
  }
  const alike = (a: number, b: number) => likeness(a, b, widths);
  const { values, vectors } = symmetricEigensystem(
    species.map((a) => species.map((b) => alike(a, b))),
  );
  const rank = values.filter((value) => value > rounding * values[0]!).length;
  if (wanted > rank) {
    throw new InvalidInputError(
      `expected at most ${rank}, as many as these properties tell elements apart, got ${wanted}`,
      { path: 'channels.count' },
    );
  }
  const all = extrapolate ? known : species;
  return {
    species: all,
    rows: all.map((a) => {
      const kernels = species.map((b) => alike(a, b));
      return vectors
        .slice(0, wanted)
        .map(
          (vector, j) =>
            vector.reduce((sum, v, b) => sum + v * kernels[b]!, 0) / Math.sqrt(values[j]!),
        );
    }),
  };
}
