import { giveTurnIfDue } from '../common/turns';
import { integerBetween, validate } from '../common/validation';
import { InvalidInputError } from '../errors';
import { callAsync, callSync } from '../native/call';
import type { AsyncOptions, SyncOptions } from '../native/call';
import type { RepresentationHandle } from '../native/contract';
import { native } from '../native/load';
import { toBatch, toBatchInTurns } from '../structures/batch';
import type { StructureBatch, StructureCheck } from '../structures/batch';
import { chemicalSymbols, maxAtomicNumber } from '../structures/elements';
import type { StructureLike } from '../structures/structure';
import { columnsSchema } from './hyperparameters';
import { isLongRange } from '../density/expansion';
import type { ResolvedExpansion } from '../density/expansion';
import { Jacobian } from './jacobian';
import { allocateOutput, bytesOfNumbers } from './output';
import type { OutputOptions, Precision, PrecisionArrays, PrecisionOptions } from './output';

/** Size of a result, known before anything is computed. */
export interface Shape {
  /** Number of rows: atoms of all structures, in order. */
  readonly rows: number;
  /** Number of features F. */
  readonly columns: number;
  /** Bytes that the result takes. */
  readonly bytes: number;
}

/** Features of the environments of a batch of A atoms. */
export interface Features<P extends Precision = 'float64'> {
  /** A × F, row-major; row i is atom i of the structures laid end to end. */
  readonly values: PrecisionArrays[P];
  readonly rows: number;
  readonly columns: number;
}

/** Derivatives of a loss with respect to what structures are made of. */
export interface StructureGradient {
  /** ∂L/∂r, A × 3. */
  readonly positions: Float64Array;
  /** ∂L/∂ε, S × 3 × 3: entry (a, b) = Σ r_a ∂L/∂r_b, for r → r (1 + ε) of positions and cell. */
  readonly strain: Float64Array;
}

/** What the hyperparameters of every representation have. */
interface CommonHyperparameters extends Pick<ResolvedExpansion, 'density' | 'longRange'> {
  /** Atomic numbers of the elements that structures may hold. */
  readonly species: readonly number[];
  /** Whether each row is divided by its Euclidean norm. */
  readonly normalize: boolean;
  /** Which columns of the full representation there are; all by default. */
  readonly columns?: readonly number[] | undefined;
}

/**
 * Atomic environments as rows of F numbers: the four things that every representation offers (shape, values,
 * vector–Jacobian product, Jacobian), on an object of the engine. A subclass adds its hyperparameters and says
 * what its columns are.
 */
export abstract class Representation<Hyperparameters extends CommonHyperparameters, Label> {
  /** Hyperparameters with all defaults filled in. */
  readonly hyperparameters: Hyperparameters;
  /** The engine's object, whose rows are not normalised; for the stages that build on this one. */
  readonly handle: RepresentationHandle;
  /** Number of features F of an environment. */
  readonly features: number;
  /** The engine's object for the rows that this representation gives. */
  readonly #rows: RepresentationHandle;
  readonly #check: StructureCheck;

  protected constructor(hyperparameters: Hyperparameters, handle: RepresentationHandle) {
    this.hyperparameters = hyperparameters;
    this.handle = handle;
    this.features = native().featureCount(handle);
    this.#rows = hyperparameters.normalize ? native().createNormalized(handle) : handle;
    const checkElements = elementCheck(hyperparameters.species);
    this.#check = isLongRange(hyperparameters)
      ? (structure, index) => {
          checkElements(structure, index);
          checkPeriodic(structure, index);
        }
      : checkElements;
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
  select(columns: ArrayLike<number>): this {
    const ascending = validate(
      columnsSchema,
      Array.from(columns).sort((a, b) => a - b),
      'columns',
    );
    validate(integerBetween(0, this.features - 1), ascending.at(-1), 'columns');
    const { columns: own, ...hyperparameters } = this.hyperparameters;
    const Same = this.constructor as new (hyperparameters: object) => this;
    return new Same({
      ...hyperparameters,
      columns: own ? ascending.map((column) => own[column]) : ascending,
    });
  }

  /** Size of the result for these structures. */
  shape(
    structures: readonly Pick<StructureLike, 'species'>[],
    options: PrecisionOptions = {},
  ): Shape {
    const rows = structures.reduce((sum, { species }) => sum + species.length, 0);
    const columns = this.features;
    return { rows, columns, bytes: bytesOfNumbers(rows * columns, options) };
  }

  /**
   * The features of every atom of every structure. Runs off the event loop; progress counts atoms.
   *
   * @throws InvalidInputError when a structure is not valid or holds an element that `species` lacks.
   * @throws MemoryLimitError when a new result would be larger than `memoryLimit`.
   */
  async compute<P extends Precision = 'float64'>(
    structures: readonly StructureLike[],
    options: AsyncOptions & OutputOptions<P> = {},
  ): Promise<Features<P>> {
    const batch = await toBatchInTurns(structures, this.#check, options.signal);
    // A large array makes V8 collect garbage, so it gets a turn of its own.
    const result = this.#allocate(structures, options);
    await giveTurnIfDue();
    await callAsync(
      (call) => native().computeValues(this.#rows, batch, result.values, call),
      options,
    );
    return result;
  }

  /** The same on the calling thread, which waits for it. See {@link compute}. */
  computeSync<P extends Precision = 'float64'>(
    structures: readonly StructureLike[],
    options: SyncOptions & OutputOptions<P> = {},
  ): Features<P> {
    const result = this.#allocate(structures, options);
    const batch = toBatch(structures, this.#check);
    callSync((call) => native().computeValues(this.#rows, batch, result.values, call), options);
    return result;
  }

  /**
   * The vector–Jacobian product: from ∂L/∂features the derivatives of the loss L with respect to positions and
   * strain, at about the cost of one more forward pass. ∂features/∂r never exists.
   *
   * @param gradient ∂L/∂features, A × F; not to be changed before the promise is settled.
   */
  async vjp(
    structures: readonly StructureLike[],
    gradient: Float64Array,
    options: AsyncOptions = {},
  ): Promise<StructureGradient> {
    this.#checkGradient(structures, gradient);
    const batch = await toBatchInTurns(structures, this.#check, options.signal);
    const result = allocateGradient(batch);
    const { positions, strain } = result;
    await callAsync(
      (call) => native().computeVjp(this.#rows, batch, gradient, positions, strain, call),
      options,
    );
    return result;
  }

  /** The same on the calling thread, which waits for it. See {@link vjp}. */
  vjpSync(
    structures: readonly StructureLike[],
    gradient: Float64Array,
    options: SyncOptions = {},
  ): StructureGradient {
    this.#checkGradient(structures, gradient);
    const batch = toBatch(structures, this.#check);
    const result = allocateGradient(batch);
    const { positions, strain } = result;
    callSync(
      (call) => native().computeVjp(this.#rows, batch, gradient, positions, strain, call),
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
    const batch = await toBatchInTurns(structures, this.#check, options.signal);
    const handle = await callAsync(
      (call) => native().createJacobian(this.#rows, batch, call),
      options,
    );
    return Jacobian.create(handle, batch.species.length, this.features);
  }

  #allocate<P extends Precision>(
    structures: readonly StructureLike[],
    options: OutputOptions<P>,
  ): Features<P> {
    const { rows, columns } = this.shape(structures);
    const values = allocateOutput(rows * columns, `${rows} × ${columns} features`, options);
    return { values, rows, columns };
  }

  #checkGradient(structures: readonly StructureLike[], gradient: Float64Array): void {
    const { rows, columns } = this.shape(structures);
    if (gradient.length === rows * columns) return;
    throw new InvalidInputError(`expected ${rows} × ${columns} numbers, got ${gradient.length}`, {
      path: 'gradient',
    });
  }
}

/** Throws an InvalidInputError naming an element that is not among these. */
function elementCheck(species: readonly number[]): StructureCheck {
  const known = new Uint8Array(maxAtomicNumber + 1);
  for (const number of species) known[number] = 1;
  return ({ species: elements }, index) => {
    // A plain loop: this runs over every atom of every call.
    let atom = 0;
    while (atom < elements.length && known[elements[atom]!]) atom++;
    if (atom === elements.length) return;
    const names = species.map((number) => chemicalSymbols[number]).join(', ');
    throw new InvalidInputError(
      `element ${chemicalSymbols[elements[atom]!]} of atom ${atom} (counted from 0) is not among those of the representation: ${names}`,
      { path: `structures[${index}].species` },
    );
  };
}

/** Throws an InvalidInputError for a structure that is not periodic along three vectors. */
const checkPeriodic: StructureCheck = ({ pbc, volume }, index) => {
  if (pbc.every(Boolean) && volume > 0) return;
  throw new InvalidInputError(
    'a long-range density needs a structure that is periodic along three vectors; give molecules and surfaces a cell with empty space around them and pbc: true',
    { path: `structures[${index}].pbc` },
  );
};

const allocateGradient = (batch: StructureBatch): StructureGradient => ({
  positions: new Float64Array(batch.positions.length),
  strain: new Float64Array(batch.cells.length),
});
