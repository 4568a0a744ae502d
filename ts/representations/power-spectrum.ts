import { checkMemory } from '../common/memory';
import type { MemoryOptions } from '../common/memory';
import { validate } from '../common/validation';
import { InvalidInputError } from '../errors';
import { callAsync, callSync } from '../native/call';
import type { AsyncOptions, SyncOptions } from '../native/call';
import type { RepresentationHandle } from '../native/contract';
import { native } from '../native/load';
import { toBatch } from '../structures/batch';
import type { StructureBatch } from '../structures/batch';
import { chemicalSymbols, maxAtomicNumber } from '../structures/elements';
import type { StructureLike } from '../structures/structure';
import { powerSpectrumSchema, requireSpecies } from './hyperparameters';
import type { PowerSpectrumHyperparameters, ResolvedPowerSpectrum } from './hyperparameters';
import { Jacobian } from './jacobian';
import { powerSpectrumLabels } from './labels';
import type { PowerSpectrumLabel } from './labels';
import { normalizeRows, pullBackNormalization } from './normalization';

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
export interface Features {
  /** A × F, row-major; row i is atom i of the structures laid end to end. */
  readonly values: Float64Array;
  readonly rows: number;
  readonly columns: number;
}

/** Where features go. */
export interface OutputOptions extends MemoryOptions {
  /**
   * Array to fill instead of a new one, A × F or longer; `values` is then a view of it. New memory is slow to
   * touch for the first time: who computes features batch by batch should give the same array every time.
   */
  readonly out?: Float64Array | undefined;
}

/** Derivatives of a loss with respect to what structures are made of. */
export interface StructureGradient {
  /** ∂L/∂r, A × 3. */
  readonly positions: Float64Array;
  /** ∂L/∂ε, S × 3 × 3: entry (a, b) = Σ r_a ∂L/∂r_b, for r → r (1 + ε) of positions and cell. */
  readonly strain: Float64Array;
}

/**
 * The SOAP power spectrum p^{αα'}_{nn'l} = (2l+1)^{−1/2} Σ_m c^α_nlm c^{α'}_n'lm of atomic environments:
 * invariant to rotations, translations and the order of atoms.
 *
 * (αn, α'n') and (α'n', αn) are equal; one is stored, times √2, so that the dot product of two rows is the
 * full contraction. Method: Bartók, Kondor and Csányi, Phys. Rev. B 87, 184115 (2013). What the numbers mean
 * to the last sign and factor is in docs/conventions.md.
 *
 * @example
 * const soap = new PowerSpectrum({ cutoff: { radius: 5 }, species: ['H', 'O'] });
 * const { values, columns } = await soap.compute(await readStructures('water.xyz'));
 */
export class PowerSpectrum {
  /** Hyperparameters with all defaults filled in. */
  readonly hyperparameters: ResolvedPowerSpectrum;
  /** The engine's object; for the stages that build on this one. */
  readonly handle: RepresentationHandle;
  /** Number of features F of an environment. */
  readonly features: number;

  /** @throws InvalidInputError naming the path of what is wrong; NumericalError for a basis that is too large. */
  constructor(hyperparameters: PowerSpectrumHyperparameters) {
    const resolved = requireSpecies(validate(powerSpectrumSchema, hyperparameters));
    this.hyperparameters = resolved;
    const { cutoff, density, basis, species } = resolved;
    this.handle = callSync(() =>
      native().createPowerSpectrum({
        cutoff: cutoff.radius,
        width: cutoff.smoothing.width,
        ...(density.scaling && { scaling: density.scaling }),
        gaussianWidth: density.width,
        centerWeight: density.centerWeight,
        maxAngular: basis.maxAngular,
        radialCount: basis.radial.count,
        accuracy: basis.accuracy,
        species: Int32Array.from(species),
      }),
    );
    this.features = native().featureCount(this.handle);
  }

  /** What each column is. */
  get labels(): PowerSpectrumLabel[] {
    const { species, basis } = this.hyperparameters;
    return powerSpectrumLabels(species, basis.maxAngular, basis.radial.count);
  }

  /** Size of the result for these structures. */
  shape(structures: readonly Pick<StructureLike, 'species'>[]): Shape {
    const rows = structures.reduce((sum, { species }) => sum + species.length, 0);
    return { rows, columns: this.features, bytes: 8 * rows * this.features };
  }

  /**
   * The features of every atom of every structure. Runs off the event loop; progress counts atoms.
   *
   * @throws InvalidInputError when a structure is not valid or holds an element that `species` lacks.
   * @throws MemoryLimitError when a new result would be larger than `memoryLimit`.
   */
  async compute(
    structures: readonly StructureLike[],
    options: AsyncOptions & OutputOptions = {},
  ): Promise<Features> {
    const { batch, result } = this.#prepare(structures, options);
    await callAsync(
      (call) => native().computeValues(this.handle, batch, result.values, call),
      options,
    );
    return this.#finish(result);
  }

  /** The same on the calling thread, which waits for it. See {@link compute}. */
  computeSync(
    structures: readonly StructureLike[],
    options: SyncOptions & OutputOptions = {},
  ): Features {
    const { batch, result } = this.#prepare(structures, options);
    callSync((call) => native().computeValues(this.handle, batch, result.values, call), options);
    return this.#finish(result);
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
    const batch = this.#batch(structures);
    const inner = this.hyperparameters.normalize
      ? pullBackNormalization(
          await this.#unnormalized(batch, options),
          this.#checkGradient(batch, gradient),
          this.features,
        )
      : this.#checkGradient(batch, gradient);
    const result = allocateGradient(batch);
    const { positions, strain } = result;
    await callAsync(
      (call) => native().computeVjp(this.handle, batch, inner, positions, strain, call),
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
    const batch = this.#batch(structures);
    let inner = this.#checkGradient(batch, gradient);
    if (this.hyperparameters.normalize) {
      const values = new Float64Array(batch.species.length * this.features);
      callSync((call) => native().computeValues(this.handle, batch, values, call), options);
      inner = pullBackNormalization(values, inner, this.features);
    }
    const result = allocateGradient(batch);
    const { positions, strain } = result;
    callSync(
      (call) => native().computeVjp(this.handle, batch, inner, positions, strain, call),
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
    if (this.hyperparameters.normalize) {
      throw new InvalidInputError(
        'the Jacobian is that of features that are not normalised; leave `normalize` false',
        { path: 'normalize' },
      );
    }
    const batch = this.#batch(structures);
    const handle = await callAsync(
      (call) => native().createJacobian(this.handle, batch, call),
      options,
    );
    return new Jacobian(handle, batch.species.length, this.features);
  }

  #batch(structures: readonly StructureLike[]): StructureBatch {
    const batch = toBatch(structures);
    const known = new Uint8Array(maxAtomicNumber + 1);
    for (const number of this.hyperparameters.species) known[number] = 1;
    let unknown = 0;
    while (unknown < batch.species.length && known[batch.species[unknown]!]) unknown++;
    if (unknown < batch.species.length) {
      const structure = batch.offsets.findIndex((offset) => offset > unknown) - 1;
      const names = this.hyperparameters.species.map((number) => chemicalSymbols[number]);
      throw new InvalidInputError(
        `element ${chemicalSymbols[batch.species[unknown]!]} of atom ${unknown - batch.offsets[structure]!} (counted from 0) is not among those of the representation: ${names.join(', ')}`,
        { path: `structures[${structure}].species` },
      );
    }
    return batch;
  }

  #prepare(structures: readonly StructureLike[], { memoryLimit, out }: OutputOptions) {
    const { rows, columns, bytes } = this.shape(structures);
    if (out === undefined) checkMemory(bytes, memoryLimit, `${rows} × ${columns} features`);
    if (out !== undefined && out.length < rows * columns) {
      throw new InvalidInputError(
        `expected at least ${rows} × ${columns} numbers, got ${out.length}`,
        { path: 'out' },
      );
    }
    const batch = this.#batch(structures);
    const values = out ? out.subarray(0, rows * columns) : new Float64Array(rows * columns);
    return { batch, result: { values, rows, columns } };
  }

  #finish(result: Features): Features {
    if (this.hyperparameters.normalize) normalizeRows(result.values, this.features);
    return result;
  }

  async #unnormalized(batch: StructureBatch, options: AsyncOptions): Promise<Float64Array> {
    const values = new Float64Array(batch.species.length * this.features);
    const { threads, signal } = options;
    await callAsync((call) => native().computeValues(this.handle, batch, values, call), {
      threads,
      signal,
    });
    return values;
  }

  #checkGradient(batch: StructureBatch, gradient: Float64Array): Float64Array {
    const expected = batch.species.length * this.features;
    if (gradient.length === expected) return gradient;
    throw new InvalidInputError(
      `expected ${batch.species.length} × ${this.features} numbers, got ${gradient.length}`,
      { path: 'gradient' },
    );
  }
}

const allocateGradient = (batch: StructureBatch): StructureGradient => ({
  positions: new Float64Array(batch.positions.length),
  strain: new Float64Array(batch.cells.length),
});
