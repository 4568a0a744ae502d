import { concatenated } from '../common/arrays';
import { inTurns } from '../common/turns';
import { callAsync } from '../native/call';
import type { AsyncOptions } from '../native/call';
import { native } from '../native/load';
import { environmentsOf, featuresOf } from '../regression/environments';
import { elementsIn } from '../structures/elements';
import type { Structure } from '../structures/structure';
import type { KnownEnvironments } from './known-environments';

/** Some environments of one element in a pool of structures. */
interface Block {
  readonly element: number;
  /** The structure of each. */
  readonly structures: Int32Array;
  /** In single precision: memory goes with the pool. */
  readonly features: Float32Array;
  /** Squared norms of the features. */
  readonly squares: Float64Array;
  /** Of each environment, to the nearest known one. */
  readonly distances: Float64Array;
}

/**
 * How far structures of a pool are from what is known: of each environment the distance to the nearest known one, of
 * a structure the largest of its environments. What is picked becomes known.
 */
export class Novelty {
  readonly #columns: number;
  readonly #structures: number;
  readonly #blocks: readonly Block[];
  readonly #run: AsyncOptions;
  /** Features of a block in double precision, one after the other: new memory each time would cost more than distances. */
  readonly #doubles: Float64Array;

  private constructor(
    columns: number,
    structures: number,
    blocks: readonly Block[],
    run: AsyncOptions,
  ) {
    this.#columns = columns;
    this.#structures = structures;
    this.#blocks = blocks;
    this.#run = run;
    this.#doubles = new Float64Array(Math.max(0, ...blocks.map((b) => b.features.length)));
  }

  static async create(
    { representation, samples, species }: KnownEnvironments,
    pool: readonly Structure[],
    run: AsyncOptions,
  ): Promise<Novelty> {
    const columns = representation.features;
    const atOnce = Math.max(1, Math.floor(numbersPerBlock / columns));
    const blocks: Block[] = [];
    for (const element of elementsIn(pool)) {
      const all = await inTurns(environmentsOf(pool, element), run.signal);
      for (let first = 0; first < all.length; first += atOnce) {
        const some = all.slice(first, first + atOnce);
        const features = await featuresOf(representation, pool, some, run);
        blocks.push({
          element,
          structures: Int32Array.from(some, ([structure]) => structure),
          features,
          squares: squaredNorms(features, columns),
          distances: new Float64Array(some.length).fill(Infinity),
        });
      }
    }
    const novelty = new Novelty(columns, pool.length, blocks, run);
    await novelty.#learn(samples.values, species);
    return novelty;
  }

  /** The distance of each structure from what is known. */
  ofStructures(): Float64Array {
    const result = new Float64Array(this.#structures);
    for (const { structures, distances } of this.#blocks) {
      distances.forEach((distance, i) => {
        const s = structures[i]!;
        if (distance > result[s]!) result[s] = distance;
      });
    }
    return result;
  }

  /** Makes the environments of a structure known. */
  async pick(structure: number): Promise<void> {
    const columns = this.#columns;
    const rows: Float64Array[] = [];
    const species: number[] = [];
    for (const { element, structures, features } of this.#blocks) {
      structures.forEach((s, row) => {
        if (s !== structure) return;
        rows.push(new Float64Array(features.subarray(row * columns, (row + 1) * columns)));
        species.push(element);
      });
    }
    await this.#learn(concatenated(rows), species);
  }

  async #learn(features: Float64Array, species: ArrayLike<number>): Promise<void> {
    const columns = this.#columns;
    const known = byElement(features, columns, species).map(({ element, values }) => ({
      element,
      values,
      least: Math.min(...squaredNorms(values, columns)),
    }));
    for (const { element, features: own, squares, distances } of this.#blocks) {
      const nearer = (distance: number, i: number) => {
        if (distance < distances[i]!) distances[i] = distance;
      };
      // Other elements have no product: they are as far as vectors at right angles.
      const others = known.filter((other) => other.element !== element);
      const least = Math.min(...others.map((other) => other.least));
      squares.forEach((square, i) => nearer(Math.sqrt(square + least), i));

      const alike = known.find((other) => other.element === element);
      if (!alike) continue;
      const x = this.#doubles.subarray(0, own.length);
      x.set(own);
      const indices = new Int32Array(distances.length);
      const found = new Float64Array(distances.length);
      await callAsync(
        (call) =>
          native().nearestNeighbours(x, columns, alike.values, columns, indices, found, call),
        this.#run,
      );
      found.forEach(nearer);
    }
  }
}

/** 32 MB of features in double precision. */
const numbersPerBlock = 2 ** 22;

/** Rows of features by the elements in their centres. */
function byElement(
  features: Float64Array,
  columns: number,
  species: ArrayLike<number>,
): { readonly element: number; readonly values: Float64Array }[] {
  const rows = new Map<number, Float64Array[]>();
  for (let row = 0; row < species.length; row++) {
    const own = features.subarray(row * columns, (row + 1) * columns);
    const others = rows.get(species[row]!);
    if (others) others.push(own);
    else rows.set(species[row]!, [own]);
  }
  return [...rows].map(([element, own]) => ({ element, values: concatenated(own) }));
}

function squaredNorms(values: Float32Array | Float64Array, columns: number): Float64Array {
  const result = new Float64Array(values.length / columns);
  for (let row = 0; row < result.length; row++) {
    for (let k = row * columns; k < (row + 1) * columns; k++) result[row]! += values[k]! ** 2;
  }
  return result;
}
