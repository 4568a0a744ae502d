import { elementWeights } from '../density/channels';
import { normalNumbers } from '../common/random';
import { knownWidths, likeness } from '../structures/element-properties';
import type { ElementProperty } from '../structures/element-properties';

/** Part of an element's weights that no other element says anything about. */
const own = 0.2;

/**
 * A normal prior of weights u: those of elements that are alike vary together, u = L v with L Lᵀ = (1 − ν) κ + ν 1, κ
 * the likeness by all properties that these elements have, and v independent.
 */
export class ChannelPrior {
  readonly species: readonly number[];
  readonly channels: number;
  readonly #widths: Partial<Record<ElementProperty, number>>;
  /** Rows of L. */
  readonly #factor: readonly Float64Array[];

  /** @param species ascending atomic numbers. */
  constructor(species: readonly number[], channels: number) {
    this.species = species;
    this.channels = channels;
    this.#widths = knownWidths(species);
    this.#factor = cholesky(
      species.map((a) =>
        species.map((b) => (1 - own) * likeness(a, b, this.#widths) + (a === b ? own : 0)),
      ),
    );
  }

  /** v, from which a start departs: the first follows from properties, others are random. */
  origin(start: number, seed: number): number[] {
    const { species, channels } = this;
    if (start > 0) {
      const normal = normalNumbers([seed, start]);
      return Array.from({ length: species.length * channels }, () => normal());
    }
    const { rows } = elementWeights(
      { type: 'properties', count: channels, widths: this.#widths, extrapolate: false },
      species,
    )!;
    const v: number[][] = [];
    rows.forEach((row, a) => {
      const l = this.#factor[a]!;
      v.push(row.map((u, j) => v.reduce((rest, w, b) => rest - l[b]! * w[j]!, u) / l[a]!));
    });
    return v.flat();
  }

  /** u = L v, species × channels. */
  weights(v: readonly number[]): Float64Array {
    const { species, channels } = this;
    const u = new Float64Array(species.length * channels);
    this.#factor.forEach((row, a) => {
      for (let b = 0; b <= a; b++) {
        for (let j = 0; j < channels; j++) {
          u[a * channels + j]! += row[b]! * v[b * channels + j]!;
        }
      }
    });
    return u;
  }

  /** ∂/∂v = Lᵀ ∂/∂u. */
  gradient(u: Float64Array): number[] {
    const { channels } = this;
    const v = new Array<number>(u.length).fill(0);
    this.#factor.forEach((row, a) => {
      for (let b = 0; b <= a; b++) {
        for (let j = 0; j < channels; j++) {
          v[b * channels + j]! += row[b]! * u[a * channels + j]!;
        }
      }
    });
    return v;
  }
}

/** Rows of the lower triangle L of a positive definite matrix L Lᵀ. */
function cholesky(matrix: readonly (readonly number[])[]): Float64Array[] {
  const rows: Float64Array[] = [];
  matrix.forEach((from, i) => {
    const row = new Float64Array(matrix.length);
    for (let j = 0; j <= i; j++) {
      let rest = from[j]!;
      for (let k = 0; k < j; k++) rest -= row[k]! * (rows[j] ?? row)[k]!;
      row[j] = i === j ? Math.sqrt(rest) : rest / rows[j]![j]!;
    }
    rows.push(row);
  });
  return rows;
}
