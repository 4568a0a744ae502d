import { elementTypeOf } from '../common/element-types';
import { findNonFinite } from '../common/matrix';
import { InvalidInputError } from '../errors';
import type { NativeSamples } from '../native/contract';

/** Features of environments, N × F row-major: what `compute` of a representation returns. */
export interface Samples {
  readonly values: Float64Array;
  readonly rows: number;
  readonly columns: number;
  /**
   * Where the features are those of one spherical tensor (what an `EquivariantPowerSpectrum` of one rank and parity
   * computes): columns are then (2λ + 1) components × functions.
   */
  readonly tensor?: {
    readonly lambda: number;
    /** Features of the same environments that do not turn, N × F'. */
    readonly scalars: Samples;
  };
}

/** Checks samples and lays them out for the engine. @throws InvalidInputError */
export function nativeSamples(
  samples: Samples | undefined,
  path: string,
  species?: Int32Array,
  offsets?: Int32Array,
  mean = false,
): NativeSamples {
  // Callers without TypeScript may pass anything.
  const { values, rows = NaN, columns = NaN }: Partial<Samples> = samples ?? {};
  const isSize = (n: number) => Number.isInteger(n) && n >= 1;
  if (!values || !isSize(rows) || !isSize(columns)) {
    throw new InvalidInputError(
      'expected features { values, rows, columns }, as compute returns them',
      { path },
    );
  }
  if (elementTypeOf(values) !== 'f64' || values.length !== rows * columns) {
    throw new InvalidInputError(
      `expected rows × columns = ${rows} × ${columns} numbers in a Float64Array, got ${nameOfArray(values)}`,
      { path },
    );
  }
  const bad = findNonFinite(values);
  if (bad >= 0) {
    throw new InvalidInputError(
      `expected finite features, got ${values[bad]} in row ${Math.floor(bad / columns)}, column ${bad % columns}`,
      { path },
    );
  }
  if (species && (elementTypeOf(species) !== 'i32' || species.length !== rows)) {
    throw new InvalidInputError(
      `expected ${rows} atomic numbers in an Int32Array, one for each row, got ${nameOfArray(species)}`,
      { path: `species of ${path}` },
    );
  }
  if (offsets) checkOffsets(offsets, rows, path);
  const { tensor } = samples!;
  const components = 2 * (tensor?.lambda ?? 0) + 1;
  if (columns % components !== 0) {
    throw new InvalidInputError(
      `expected columns in ${components} components, got ${columns} columns`,
      { path },
    );
  }
  const scalars = tensor && nativeSamples(tensor.scalars, `scalars of ${path}`);
  if (scalars && scalars.rows !== rows) {
    throw new InvalidInputError(`expected ${rows} rows, got ${scalars.rows}`, {
      path: `scalars of ${path}`,
    });
  }
  return {
    values,
    rows,
    features: columns / components,
    components,
    ...(scalars && { scalars: scalars.values, scalarFeatures: scalars.features }),
    mean,
    ...(species && { species }),
    ...(offsets && { offsets }),
  };
}

const nameOfArray = (array: { readonly length: number }): string =>
  `${array.length} in ${Array.isArray(array) ? 'a list' : `a ${array.constructor.name}`}`;

function checkOffsets(offsets: Int32Array, rows: number, path: string): void {
  const isArray = elementTypeOf(offsets) === 'i32';
  const ascending = isArray && offsets.every((offset, s) => s === 0 || offset > offsets[s - 1]!);
  if (ascending && offsets.length >= 2 && offsets[0] === 0 && offsets.at(-1) === rows) return;
  throw new InvalidInputError(
    `expected an Int32Array of ascending numbers from 0 to ${rows}, where each structure's environments begin and end`,
    { path: `offsets of ${path}` },
  );
}
