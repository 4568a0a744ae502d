import { asyncKeys, checkOptions, syncKeys } from '../common/options';
import { atOnce, giveTurnIfDue, inTurns } from '../common/turns';
import type { Steps } from '../common/turns';
import { InvalidInputError } from '../errors';
import { callAsync, callSync } from '../native/call';
import type { AsyncOptions, SyncOptions } from '../native/call';
import type { NativePart, NativeStructureLevel, RowsHandle } from '../native/contract';
import { native } from '../native/load';
import { toBatch, toBatchInTurns } from '../structures/batch';
import type { StructureBatch, StructureCheck } from '../structures/batch';
import { requireStructures } from '../structures/input';
import type { StructureLike } from '../structures/structure';
import { isFloat64Array } from '../structures/values';
import { environmentKeys, rowOfAtoms } from './environment-rows';
import type { EnvironmentOptions } from './environment-rows';
import { Jacobian } from './jacobian';
import { allocateOutput, bytesOfNumbers, outputKeys, precisionKeys } from './output';
import type { OutputOptions, Precision, PrecisionArrays, PrecisionOptions } from './output';

/** Size of a result, known before anything is computed. */
export interface Shape {
  /** Number of rows: atoms of all structures, or structures, in order. */
  readonly rows: number;
  /** Number of features F. */
  readonly columns: number;
  /** Bytes that the result takes. */
  readonly bytes: number;
}

/** Features of R atoms or structures. */
export interface Features<P extends Precision = 'float64'> {
  /** R × F, row-major; row i is atom i of the structures laid end to end, or structure i. */
  readonly values: PrecisionArrays[P];
  readonly rows: number;
  readonly columns: number;
  /** [R, F]: features are a matrix wherever one is expected. */
  readonly shape: readonly [rows: number, columns: number];
}

/** Derivatives of a loss with respect to what structures are made of. */
export interface StructureGradient {
  /** ∂L/∂r, A × 3. */
  readonly positions: Float64Array;
  /** ∂L/∂ε, S × 3 × 3: entry (a, b) = Σ r_a ∂L/∂r_b, for r → r (1 + ε) of positions and cell. */
  readonly strain: Float64Array;
}

/** What the engine makes rows of. */
export interface RowsSource {
  /** Representations of atoms side by side, each with its weight. */
  readonly parts: readonly NativePart[];
  /** How the rows of a structure's atoms become one; without it, rows are those of atoms. */
  readonly level?: NativeStructureLevel;
  /** Throws an InvalidInputError for a structure that cannot be represented. */
  readonly check: StructureCheck;
}

const computeKeys = { ...asyncKeys, ...outputKeys, ...environmentKeys };
const computeSyncKeys = { ...syncKeys, ...outputKeys, ...environmentKeys };

/**
 * Atoms or structures as rows of F numbers: the four things that every representation offers (shape, values,
 * vector–Jacobian product, Jacobian). A subclass adds its hyperparameters and says what its columns are.
 */
export abstract class Representation<Hyperparameters, Label> {
  /** Hyperparameters with all defaults filled in. */
  readonly hyperparameters: Hyperparameters;
  /** What the engine makes the rows of; for representations that build on this one. */
  readonly source: RowsSource;
  /** Number of features F of a row. */
  readonly features: number;
  readonly #rows: RowsHandle;

  protected constructor(hyperparameters: Hyperparameters, source: RowsSource) {
    this.hyperparameters = hyperparameters;
    this.source = source;
    this.features = source.parts.reduce(
      (sum, { representation }) => sum + native().featureCount(representation),
      0,
    );
    this.#rows = native().createRows(source.parts, source.level);
  }

  /** What each column is. */
  abstract get labels(): Label[];

  /**
   * The same representation with only some of its columns, and nothing computed that they do not need; those
   * that `farthestPoints` or `cur` picked, for instance. With `normalize`, rows are divided by the norm of what
   * is selected.
   *
   * @param columns indices of columns of this representation, in any order; the result has them in ascending order.
   * @throws InvalidInputError when one is not a column of this representation or comes twice, or when only some
   *   components μ of a tensor are selected.
   */
  abstract select(columns: ArrayLike<number>): Representation<unknown, Label>;

  /** Size of the result for these structures. */
  shape(
    structures: readonly Pick<StructureLike, 'species'>[],
    options: PrecisionOptions = {},
  ): Shape {
    requireStructures(structures);
    checkOptions(options, precisionKeys);
    const rows = this.source.level
      ? structures.length
      : structures.reduce((sum, { species }) => sum + species.length, 0);
    const columns = this.features;
    return { rows, columns, bytes: bytesOfNumbers(rows * columns, options) };
  }

  /**
   * The features of every atom of every structure, or of the `environments` that are asked for, or of every structure.
   * Runs off the event loop; progress counts atoms.
   *
   * @throws InvalidInputError when a structure is not valid or holds an element that `species` lacks (FormatError where
   *   it was read from a file), and for an environment that there is not, or that comes twice.
   * @throws MemoryLimitError when a new result would be larger than `memoryLimit`.
   */
  async compute<P extends Precision = 'float64'>(
    structures: readonly StructureLike[],
    options: AsyncOptions & OutputOptions<P> & EnvironmentOptions = {},
  ): Promise<Features<P>> {
    checkOptions(options, computeKeys);
    const batch = await toBatchInTurns(structures, this.source.check, options.signal);
    const rowOf = await inTurns(this.#rowsOf(batch, options), options.signal);
    // A large array makes V8 collect garbage, so it gets a turn of its own.
    const result = this.#allocate(structures, options);
    await giveTurnIfDue();
    await callAsync(
      (call) => native().computeValues(this.#rows, batch, rowOf, result.values, call),
      options,
    );
    return result;
  }

  /** The same on the calling thread, which waits for it. See {@link compute}. */
  computeSync<P extends Precision = 'float64'>(
    structures: readonly StructureLike[],
    options: SyncOptions & OutputOptions<P> & EnvironmentOptions = {},
  ): Features<P> {
    checkOptions(options, computeSyncKeys);
    const batch = toBatch(structures, this.source.check);
    const rowOf = atOnce(this.#rowsOf(batch, options));
    const result = this.#allocate(structures, options);
    callSync(
      (call) => native().computeValues(this.#rows, batch, rowOf, result.values, call),
      options,
    );
    return result;
  }

  /**
   * The vector–Jacobian product: from ∂L/∂features the derivatives of the loss L with respect to positions and
   * strain, at about the cost of one more forward pass. ∂features/∂r never exists.
   *
   * @param gradient ∂L/∂features, R × F, of which a Float64Array is used as it is, anything else copied; not to be
   *   changed before the promise is settled.
   */
  async vjp(
    structures: readonly StructureLike[],
    gradient: ArrayLike<number>,
    options: AsyncOptions = {},
  ): Promise<StructureGradient> {
    checkOptions(options, asyncKeys);
    const given = this.#checkedGradient(structures, gradient);
    const batch = await toBatchInTurns(structures, this.source.check, options.signal);
    const result = allocateGradient(batch);
    const { positions, strain } = result;
    await callAsync(
      (call) => native().computeVjp(this.#rows, batch, given, positions, strain, call),
      options,
    );
    return result;
  }

  /** The same on the calling thread, which waits for it. See {@link vjp}. */
  vjpSync(
    structures: readonly StructureLike[],
    gradient: ArrayLike<number>,
    options: SyncOptions = {},
  ): StructureGradient {
    checkOptions(options, syncKeys);
    const given = this.#checkedGradient(structures, gradient);
    const batch = toBatch(structures, this.source.check);
    const result = allocateGradient(batch);
    const { positions, strain } = result;
    callSync(
      (call) => native().computeVjp(this.#rows, batch, given, positions, strain, call),
      options,
    );
    return result;
  }

  /**
   * Prepares ∂features/∂r: finds its sparse rows and says what it will cost, computes nothing yet. Prefer
   * {@link vjp} wherever the derivatives end in a product.
   */
  async jacobian(
    structures: readonly StructureLike[],
    options: AsyncOptions = {},
  ): Promise<Jacobian> {
    checkOptions(options, asyncKeys);
    const batch = await toBatchInTurns(structures, this.source.check, options.signal);
    const handle = await callAsync(
      (call) => native().createJacobian(this.#rows, batch, call),
      options,
    );
    return Jacobian.create(
      handle,
      this.source.level ? structures.length : batch.species.length,
      this.features,
    );
  }

  /** Which atoms of a batch have rows; undefined where all have, or structures. */
  *#rowsOf(
    batch: StructureBatch,
    { environments }: EnvironmentOptions,
  ): Steps<Int32Array | undefined> {
    if (environments === undefined) return undefined;
    if (this.source.level) {
      throw new InvalidInputError('rows are of structures here, not of environments', {
        path: 'environments',
      });
    }
    return yield* rowOfAtoms(batch, environments);
  }

  #allocate<P extends Precision>(
    structures: readonly StructureLike[],
    options: OutputOptions<P> & EnvironmentOptions,
  ): Features<P> {
    const shape = this.shape(structures);
    const { columns } = shape;
    const rows = options.environments?.length ?? shape.rows;
    const values = allocateOutput(rows * columns, `${rows} × ${columns} features`, options);
    return { values, rows, columns, shape: [rows, columns] };
  }

  #checkedGradient(
    structures: readonly StructureLike[],
    gradient: ArrayLike<number>,
  ): Float64Array {
    const { rows, columns } = this.shape(structures);
    if (gradient.length === rows * columns) {
      return isFloat64Array(gradient) ? gradient : Float64Array.from(gradient);
    }
    throw new InvalidInputError(`expected ${rows} × ${columns} numbers, got ${gradient.length}`, {
      path: 'gradient',
    });
  }
}

const allocateGradient = (batch: StructureBatch): StructureGradient => ({
  positions: new Float64Array(batch.positions.length),
  strain: new Float64Array(batch.cells.length),
});
