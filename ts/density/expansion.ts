import type { z } from 'zod';

import { channelCount, elementWeights } from './channels';
import type { ResolvedChannels } from './channels';
import { densityWidth } from './hyperparameters';
import type { basisSchema, cutoffSchema, densitySchema, longRangeSchema } from './hyperparameters';
import { InvalidInputError } from '../errors';
import type { NativeExpansion } from '../native/contract';

/** The part of hyperparameters that says what density is expanded on what basis. */
export interface ResolvedExpansion {
  readonly cutoff: z.output<typeof cutoffSchema>;
  readonly density: z.output<typeof densitySchema>;
  /** Beside a local density. */
  readonly longRange?: z.output<typeof longRangeSchema> | undefined;
  /** Without `maxAngular`, only l = 0. */
  readonly basis: Partial<Pick<z.output<typeof basisSchema>, 'maxAngular'>> &
    Omit<z.output<typeof basisSchema>, 'maxAngular'>;
  readonly species: readonly number[];
  /** What channels the elements make up; by default each its own. */
  readonly channels?: ResolvedChannels | undefined;
}

/** The same as the engine takes it. @throws InvalidInputError for a basis that the density does not go with. */
export function nativeExpansion({
  cutoff,
  density,
  longRange,
  basis,
  species,
  channels,
}: ResolvedExpansion): NativeExpansion {
  const { radial, maxAngular = 0 } = basis;
  checkResolution({ cutoff, density, longRange });
  const functions = radial.type === 'contracted' ? radial.from : radial;
  if (density.type === 'power-law' && longRange) {
    throw new InvalidInputError(
      'a power-law density is the long-range one; beside longRange, density may be gaussian or delta',
      { path: 'longRange' },
    );
  }
  if (radial.type === 'contracted' && isLongRange({ density, longRange })) {
    throw new InvalidInputError('contracted functions are for local densities; use another basis', {
      path: 'basis.radial.type',
    });
  }
  if (functions.type === 'legendre-dvr' && density.type === 'delta') {
    throw new InvalidInputError(
      'legendre-dvr functions are defined at points only; use another basis, or a Gaussian density',
      { path: 'basis.radial.type' },
    );
  }
  const mixing = channels && elementWeights(channels, species);
  if (mixing && isLongRange({ density, longRange })) {
    throw new InvalidInputError('a long-range density has a channel for each element', {
      path: 'channels.type',
    });
  }
  const all = mixing?.species ?? species;
  const farField = density.type === 'power-law' ? density : longRange;
  return {
    cutoff: cutoff.radius,
    cutoffType: cutoff.smoothing.type,
    width: cutoff.smoothing.width,
    ...(density.type !== 'power-law' && density.scaling && { scaling: density.scaling }),
    gaussianWidth: densityWidth(density),
    centerWeight: density.centerWeight,
    local: density.type !== 'power-law',
    ...(farField && { longRange: farField }),
    maxAngular,
    radialType: functions.type,
    radialCount: radial.count,
    ...(functions.type === 'spline' && { points: Float64Array.from(functions.points.flat()) }),
    ...(radial.type === 'contracted' && {
      contraction: contraction(radial.coefficients, all.length, maxAngular),
      contractedFrom: functions.count,
    }),
    accuracy: basis.accuracy,
    species: Int32Array.from(all),
    ...(mixing && { mixing: Float64Array.from(mixing.rows.flat()) }),
  };
}

/** Whether coefficients are of neighbours within the cutoff or of all atoms of a periodic structure. */
export type Field = 'local' | 'long-range';

/** What a channel of coefficients is of. */
export interface Channel {
  /** Atomic number; null for a mixture of elements. */
  readonly species: number | null;
  /** Where elements are mixed, which mixture J. */
  readonly mixture?: number;
  /** Where there are both kinds. */
  readonly field?: Field;
}

/**
 * The channels of coefficients in their order: elements of the local density, then of the long-range one, or mixtures.
 */
export function channelsOf({
  species,
  longRange,
  channels,
}: Pick<ResolvedExpansion, 'species' | 'longRange' | 'channels'>): Channel[] {
  if (channels && channels.type !== 'elements') {
    return Array.from({ length: channelCount(channels, species) }, (_, mixture) => ({
      species: null,
      mixture,
    }));
  }
  if (!longRange) return species.map((element) => ({ species: element }));
  const fields: readonly Field[] = ['local', 'long-range'];
  return fields.flatMap((field) => species.map((element) => ({ species: element, field })));
}

/** Whether structures must be periodic along three vectors. */
export const isLongRange = ({
  density,
  longRange,
}: Pick<ResolvedExpansion, 'density' | 'longRange'>): boolean =>
  density.type === 'power-law' || longRange !== undefined;

/** So many widths of a Gaussian within the cutoff radius are tabulated at most; ten times fewer are rarely exact. */
const mostWidths = 2000;
/** So many radians of the shortest wave within the cutoff radius; what a table takes grows with their square. */
const mostRadians = 1000;

/** @throws InvalidInputError for details so fine that tables of them over the whole cutoff would take forever. */
function checkResolution({
  cutoff: { radius },
  density,
  longRange,
}: Pick<ResolvedExpansion, 'cutoff' | 'density' | 'longRange'>): void {
  if (density.type === 'gaussian' && radius > mostWidths * density.width) {
    throw new InvalidInputError(
      `expected at least ${radius / mostWidths} Å with a cutoff radius of ${radius} Å, got ${density.width}`,
      { path: 'density.width' },
    );
  }
  const isFar = density.type === 'power-law';
  const kCutoff = isFar ? density.kCutoff : longRange?.kCutoff;
  if (kCutoff !== undefined && radius * kCutoff > mostRadians) {
    throw new InvalidInputError(
      `expected at most ${mostRadians / radius} 1/Å with a cutoff radius of ${radius} Å, got ${kCutoff} (1.2 π/width unless given)`,
      { path: `${isFar ? 'density' : 'longRange'}.kCutoff` },
    );
  }
}

/** [element][l][n][k] end to end. @throws InvalidInputError unless there is one for each element and l. */
function contraction(
  coefficients: readonly (readonly (readonly (readonly number[])[])[])[],
  elements: number,
  maxAngular: number,
): Float64Array {
  if (coefficients.length !== elements || coefficients[0]!.length !== maxAngular + 1) {
    throw new InvalidInputError(
      `expected contractions for ${elements} elements and l = 0 … ${maxAngular}, got ${coefficients.length} × ${coefficients[0]!.length}`,
      { path: 'basis.radial.coefficients' },
    );
  }
  return Float64Array.from(coefficients.flat(3));
}
