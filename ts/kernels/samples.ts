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
  const isArray = Object.prototype.toString.call(values) === '[object Float64Array]';
  const isSize = (n: number) => Number.isInteger(n) && n >= 1;
  if (
    !values ||
    !isArray ||
    !isSize(rows) ||
    !isSize(columns) ||
    values.length !== rows * columns
  ) {
    throw new InvalidInputError(
      `expected rows × columns = ${rows} × ${columns} numbers in a Float64Array, got ${values?.length ?? 'none'}`,
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
  if (species && species.length !== rows) {
    throw new InvalidInputError(
      `expected ${rows} atomic numbers, one for each row, got ${species.length}`,
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

function checkOffsets(offsets: Int32Array, rows: number, path: string): void {
  const ascending = offsets.every((offset, s) => s === 0 || offset > offsets[s - 1]!);
  if (offsets.length >= 2 && offsets[0] === 0 && offsets.at(-1) === rows && ascending) return;
  throw new InvalidInputError(
    `expected ascending numbers from 0 to ${rows}, where each structure's environments begin and end`,
    { path: `offsets of ${path}` },
  );
}
