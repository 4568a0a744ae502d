import { giveTurnIfDue } from '../common/turns';
import { kernelMatrix } from '../kernels';
import type { Samples } from '../kernels';
import type { AsyncOptions } from '../native/call';
import { groupsOf } from '../regression/environments';
import type { Structure } from '../structures/structure';
import type { KnownEnvironments } from './known-environments';

/** Some environments of a pool of structures. */
interface Block {
  readonly structures: readonly number[];
  /** Environments of structures[k] are offsets[k] … offsets[k + 1] − 1. */
  readonly offsets: Int32Array;
  readonly species: Int32Array;
  /** In single precision: memory goes with the pool. */
  readonly features: Float32Array;
  /** Squared norms of the features. */
  readonly squares: Float64Array;
  /** Of each environment, to the nearest known one of its element. */
  readonly distances: Float64Array;
}

/**
 * How far structures of a pool are from what is known: of each environment the distance to the nearest known one, of
 * a structure the largest of its environments. What is picked becomes known.
 */
export class Novelty {
  readonly #columns: number;
  readonly #blocks: readonly Block[];
  readonly #run: AsyncOptions;

  private constructor(columns: number, blocks: readonly Block[], run: AsyncOptions) {
    this.#columns = columns;
    this.#blocks = blocks;
    this.#run = run;
  }

  static async create(
    { representation, samples, species }: KnownEnvironments,
    pool: readonly Structure[],
    run: AsyncOptions,
  ): Promise<Novelty> {
    const columns = representation.features;
    const blocks: Block[] = [];
    for (const structures of groupsOf([...pool.keys()], pool, numbersPerBlock / columns)) {
      const own = structures.map((s) => pool[s]!);
      const { values } = await representation.compute(own, { ...run, precision: 'float32' });
      const offsets = new Int32Array(own.length + 1);
      own.forEach(({ length }, k) => (offsets[k + 1] = offsets[k]! + length));
      blocks.push({
        structures,
        offsets,
        species: Int32Array.from(own.flatMap((structure) => [...structure.species])),
        features: values,
        squares: squaredNorms(values, offsets.at(-1)!, columns),
        distances: new Float64Array(offsets.at(-1)!).fill(Infinity),
      });
    }
    const novelty = new Novelty(columns, blocks, run);
    if (samples.rows > 0) await novelty.#learn(samples, species);
    return novelty;
  }

  /** The distance of each structure from what is known. */
  ofStructures(): Float64Array {
    const result = new Float64Array(this.#blocks.reduce((n, b) => n + b.structures.length, 0));
    for (const { structures, offsets, distances } of this.#blocks) {
      structures.forEach((s, k) => {
        result[s] = distances
          .subarray(offsets[k], offsets[k + 1])
          .reduce((most, distance) => Math.max(most, distance), 0);
      });
    }
    return result;
  }

  /** Makes the environments of a structure known. */
  async pick(structure: number): Promise<void> {
    const block = this.#blocks.find(({ structures }) => structures.includes(structure))!;
    const k = block.structures.indexOf(structure);
    const [from, to] = [block.offsets[k]!, block.offsets[k + 1]!];
    if (from === to) return;
    const columns = this.#columns;
    const values = new Float64Array(block.features.subarray(from * columns, to * columns));
    await this.#learn({ values, rows: to - from, columns }, block.species.slice(from, to));
  }

  async #learn(known: Samples, speciesY: Int32Array): Promise<void> {
    const columns = this.#columns;
    const squaresY = squaredNorms(known.values, known.rows, columns);
    for (const { features, squares, species, distances } of this.#blocks) {
      const rows = species.length;
      if (rows === 0) continue;
      const { values: products } = await kernelMatrix(
        { values: new Float64Array(features), rows, columns },
        known,
        { type: 'dot-product', zeta: 1, normalize: false },
        { ...this.#run, speciesX: species, speciesY },
      );
      for (let i = 0; i < rows; i++) {
        for (let m = 0; m < known.rows; m++) {
          // Other elements have no product: they are as far as vectors at right angles.
          const square = squares[i]! + squaresY[m]! - 2 * products[i * known.rows + m]!;
          const distance = Math.sqrt(Math.max(0, square));
          if (distance < distances[i]!) distances[i] = distance;
        }
      }
      await giveTurnIfDue();
    }
  }
}

/** 32 MB of features in double precision. */
const numbersPerBlock = 2 ** 22;

function squaredNorms(
  values: Float32Array | Float64Array,
  rows: number,
  columns: number,
): Float64Array {
  const result = new Float64Array(rows);
  for (let row = 0; row < rows; row++) {
    for (let k = row * columns; k < (row + 1) * columns; k++) result[row]! += values[k]! ** 2;
  }
  return result;
}
