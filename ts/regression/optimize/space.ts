import { InvalidInputError } from '../../errors';

/** A value that JSON can hold. */
export type Json =
  string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/** What a search may vary, one leaf of a space. */
export type Dimension =
  /** One of these values; ordered if all are numbers. */
  | { readonly kind: 'choice'; readonly path: string; readonly values: readonly Json[] }
  /** A number of a range, its logarithm with `log`, whole numbers only with `integer`. */
  | {
      readonly kind: 'number';
      readonly path: string;
      readonly low: number;
      readonly high: number;
      readonly log: boolean;
      readonly integer: boolean;
    };

/**
 * A configuration in which any value may be left to a search:
 *
 * - `{ "$choice": [4, 5, 6] }`: one of these values, whatever they are;
 * - `{ "$uniform": [0.3, 0.6] }`: a number of this range;
 * - `{ "$logUniform": [1e-4, 1e-1] }`: the same, evenly by its logarithm;
 * - `{ "$integer": [6, 12] }`: a whole number of this range, both ends included.
 */
export type SearchSpace = { readonly [key: string]: unknown };

/**
 * A space as the search sees it: a unit cube with one coordinate per dimension, in the order of the leaves. All
 * points that round to the same values are one configuration.
 */
export class Space {
  readonly dimensions: readonly Dimension[];
  readonly #template: Json;

  /** @throws InvalidInputError naming the path of what is no dimension, or when there is nothing to search. */
  constructor(space: SearchSpace) {
    const dimensions: Dimension[] = [];
    this.#template = walk(space, [], (leaf) => dimensions.push(leaf));
    this.dimensions = dimensions;
    if (dimensions.length === 0) {
      throw new InvalidInputError(
        'there is nothing to search: expected at least one $choice, $uniform, $logUniform or $integer',
        { path: 'space' },
      );
    }
  }

  /** The values at a point of the unit cube, in the order of the dimensions. */
  valuesAt(point: readonly number[]): Json[] {
    return this.dimensions.map((dimension, d) => valueAt(dimension, point[d]!));
  }

  /** The same by the paths of the dimensions. */
  namedValuesAt(point: readonly number[]): Record<string, Json> {
    const values = this.valuesAt(point);
    return Object.fromEntries(this.dimensions.map(({ path }, d) => [path, values[d]!]));
  }

  /** The configuration at a point of the unit cube. */
  configAt(point: readonly number[]): Json {
    const values = this.valuesAt(point);
    let next = 0;
    return fill(this.#template, () => values[next++]!);
  }

  /** The middle of the cell in which a point lies: whatever has the same values has the same snapped point. */
  snap(point: readonly number[]): number[] {
    return this.dimensions.map((dimension, d) => {
      const cells = cellsOf(dimension);
      return cells === undefined ? point[d]! : (cellAt(cells, point[d]!) + 0.5) / cells;
    });
  }

  /** Coordinates of all values of a dimension, or of so many of a range, its ends included. */
  axis(d: number, levels: number): number[] {
    const dimension = this.dimensions[d]!;
    const cells = cellsOf(dimension);
    if (cells !== undefined && (dimension.kind === 'choice' || cells <= levels)) {
      return Array.from({ length: cells }, (_, cell) => (cell + 0.5) / cells);
    }
    return Array.from({ length: levels }, (_, k) => (levels > 1 ? k / (levels - 1) : 0.5));
  }

  /** Points of a regular grid, the last dimension fastest; ranges are cut into `levels`, their ends included. */
  *grid(levels: number): Generator<number[]> {
    const axes = this.dimensions.map((_, d) => this.axis(d, levels));
    const total = axes.reduce((product, axis) => product * axis.length, 1);
    for (let index = 0; index < total; index++) {
      let rest = index;
      const point: number[] = [];
      for (const axis of [...axes].reverse()) {
        point.unshift(axis[rest % axis.length]!);
        rest = Math.floor(rest / axis.length);
      }
      yield point;
    }
  }
}

/** Stands for a dimension in the template; nothing that a user writes is this object. */
const hole: Json = Object.freeze({ hole: true });

function walk(value: unknown, places: readonly string[], found: (leaf: Dimension) => void): Json {
  const path = places.join('.');
  if (Array.isArray(value)) {
    return value.map((inside, index) => walk(inside, [...places, String(index)], found));
  }
  if (typeof value === 'object' && value !== null) {
    const keys = Object.keys(value);
    const marker = keys.find((key) => key.startsWith('$'));
    if (marker === undefined) {
      return Object.fromEntries(
        Object.entries(value)
          .filter(([, inside]) => inside !== undefined)
          .map(([key, inside]) => [key, walk(inside, [...places, key], found)]),
      );
    }
    if (keys.length > 1) {
      throw new InvalidInputError(`expected nothing beside ${marker}, got ${keys.join(', ')}`, {
        path,
      });
    }
    found(dimensionOf(marker, (value as Record<string, unknown>)[marker], path));
    return hole;
  }
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  const got = typeof value === 'number' ? value : typeof value;
  throw new InvalidInputError(`expected a value that JSON can hold, got ${got}`, { path });
}

function dimensionOf(marker: string, given: unknown, path: string): Dimension {
  const place = path ? `${path}.${marker}` : marker;
  const wrong = (expectation: string) =>
    new InvalidInputError(`expected ${expectation}, got ${JSON.stringify(given)}`, {
      path: place,
    });
  if (marker === '$choice') {
    if (!Array.isArray(given) || given.length === 0) throw wrong('a list of values');
    const values = given.map((value) =>
      walk(value, [place], () => {
        throw wrong('values without anything to search in them');
      }),
    );
    return { kind: 'choice', path, values };
  }
  if (!['$uniform', '$logUniform', '$integer'].includes(marker)) {
    throw new InvalidInputError(
      `unknown ${marker}; expected $choice, $uniform, $logUniform or $integer`,
      { path },
    );
  }
  const numbers = Array.isArray(given) && given.length === 2 && given.every(Number.isFinite);
  if (!numbers) throw wrong('[least, largest]');
  const [low, high] = given as [number, number];
  if (!(low <= high)) throw wrong('[least, largest] in this order');
  const log = marker === '$logUniform';
  const integer = marker === '$integer';
  if (log && low <= 0) throw wrong('numbers > 0, which have logarithms');
  if (integer && !given.every(Number.isInteger)) throw wrong('whole numbers');
  return { kind: 'number', path, low, high, log, integer };
}

function fill(template: Json, next: () => Json): Json {
  if (template === hole) return next();
  if (Array.isArray(template)) return (template as readonly Json[]).map((item) => fill(item, next));
  if (typeof template !== 'object' || template === null) return template;
  return Object.fromEntries(
    Object.entries(template).map(([key, inside]) => [key, fill(inside, next)]),
  );
}

/** How many values a dimension has; undefined for a continuous one. */
function cellsOf(dimension: Dimension): number | undefined {
  if (dimension.kind === 'choice') return dimension.values.length;
  return dimension.integer ? dimension.high - dimension.low + 1 : undefined;
}

const cellAt = (cells: number, x: number) => Math.min(cells - 1, Math.floor(x * cells));

function valueAt(dimension: Dimension, x: number): Json {
  if (dimension.kind === 'choice') return dimension.values[cellAt(dimension.values.length, x)]!;
  const { low, high, log, integer } = dimension;
  if (integer) return low + cellAt(high - low + 1, x);
  const value = log ? low * (high / low) ** x : low + (high - low) * x;
  // Four digits are more than a search can tell apart, and what a person can read.
  return Math.min(high, Math.max(low, Number(value.toPrecision(4))));
}
