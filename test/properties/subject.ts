import type {
  AsyncOptions,
  ProductBlock,
  Representation,
  ResolvedPowerSpectrum,
  Structure,
  SyncOptions,
} from '../../ts';
import { concatenated, weight } from './averages';
import { lengths, linear } from './loss';
import type { Loss } from './loss';

/** What is known of one structure of N atoms. */
export interface Outcome {
  /** N × columns numbers, invariant to everything that leaves physics alone. */
  readonly rows: Float64Array;
  /** A weighted sum of the rows, the same weights for every atom. */
  readonly sum: number;
  /** ∂sum/∂r, N × 3. */
  readonly positions: Float64Array;
  /** ∂sum/∂ε, 3 × 3, r → r (1 + ε). */
  readonly strain: Float64Array;
}

/** A representation or a model as the table of properties sees it. */
export interface Subject {
  /** Elements of the structures it is tried on. */
  readonly species: readonly number[];
  /** Distance in Å from which on an atom is not seen. */
  readonly cutoff: number;
  /** Distances in Å where a second derivative jumps. */
  readonly kinks: readonly number[];
  /** Whether it sees all atoms of a structure, which must be periodic. */
  readonly longRange: boolean;
  compute(structures: readonly Structure[], options?: AsyncOptions): Promise<Outcome[]>;
  computeSync(structures: readonly Structure[], options?: SyncOptions): Outcome[];
}

type Environment = Omit<ResolvedPowerSpectrum, 'type' | 'basis' | 'coupling'>;

type Rows<Hyperparameters = Environment> = Representation<Hyperparameters, unknown>;

export const products = (
  basis: Rows & { readonly blocks: readonly ProductBlock[] },
): Promise<Subject> => representation(basis, lengths(basis.blocks));

export const representation = (rows: Rows, loss: Loss = linear): Promise<Subject> =>
  subjectOf(rows, loss, rows.hyperparameters);

/** A representation whose rows have a loss. */
export async function subjectOf(
  rows: Rows<unknown>,
  loss: Loss,
  { cutoff, density, longRange, species }: Environment,
): Promise<Subject> {
  const { features } = rows;
  const rowsOf = (values: Float64Array): Float64Array[] =>
    Array.from({ length: values.length / features }, (_, i) =>
      values.subarray(i * features, (i + 1) * features),
    );
  const gradientOf = (values: Float64Array): Float64Array =>
    concatenated(rowsOf(values).map((row) => loss.gradient(row)));
  const split = (
    structures: readonly Structure[],
    values: Float64Array,
    gradient: { readonly positions: Float64Array; readonly strain: Float64Array },
  ): Outcome[] => {
    let atom = 0;
    return structures.map(({ length }, s) => {
      const [from, to] = [atom, (atom += length)];
      const own = rowsOf(values.subarray(from * features, to * features)).map((row) =>
        loss.invariants(row),
      );
      return {
        rows: concatenated(own),
        sum: own.reduce(
          (sum, row) => row.reduce((part, value, column) => part + weight(column) * value, sum),
          0,
        ),
        positions: gradient.positions.slice(3 * from, 3 * to),
        strain: gradient.strain.slice(9 * s, 9 * s + 9),
      };
    });
  };
  return {
    species,
    cutoff: cutoff.radius,
    kinks: [cutoff.radius, cutoff.radius - cutoff.smoothing.width],
    longRange: density.type === 'power-law' || longRange !== undefined,
    compute: async (structures, options) => {
      const { values } = await rows.compute(structures, options);
      return split(structures, values, await rows.vjp(structures, gradientOf(values), options));
    },
    computeSync: (structures, options) => {
      const { values } = rows.computeSync(structures, options);
      return split(structures, values, rows.vjpSync(structures, gradientOf(values), options));
    },
  };
}
