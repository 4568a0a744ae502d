import type { Matrix } from '../../common/matrix';
import { giveTurnIfDue, inTurns } from '../../common/turns';
import { kernelDiagonal, kernelMatrix, structureKernel, sumKernel } from '../../kernels';
import type { Samples } from '../../kernels';
import type { AsyncOptions } from '../../native/call';
import type { PropertyOwner } from '../../structures/property';
import type { Aggregate, ResolvedPropertyConfig, ResolvedTerm } from './config';
import { structureOf, tellingCopies } from './copies';
import type { Distinct } from './copies';
import { rowsOf } from './feature-groups';
import type { FeatureGroup } from './feature-groups';
import type { Part } from './irreps';
import { referenceSamples } from './references';
import type { References } from './references';
import { turns } from './terms';

/** What kernels of a model have in common. */
export interface KernelSettings {
  readonly terms: readonly ResolvedTerm[];
  readonly per: PropertyOwner;
  readonly aggregate: Aggregate;
  /** Of REMatch. */
  readonly gamma?: number | undefined;
  readonly centres: ResolvedPropertyConfig['centres'];
}

/** Kernels of the samples of a group with the references. */
export interface PartRows {
  readonly kernel: Matrix;
  /** Which samples the rows are for; undefined where each sample has its own. */
  readonly distinct: Distinct | undefined;
}

/**
 * The kernel of one part of a property between samples and references, a weighted sum of terms. Each sample and each
 * reference has 2λ + 1 rows and columns.
 */
export class PartKernel {
  readonly part: Part;
  readonly #settings: KernelSettings;
  /** Atomic numbers of the reference environments, and where they are structures. */
  readonly #species: Int32Array;
  readonly #offsets: Int32Array | undefined;
  /** For each term. */
  readonly #references: readonly Samples[];

  /** @throws InvalidInputError where references do not fit the terms. */
  constructor(settings: KernelSettings, part: Part, references: References) {
    this.part = part;
    this.#settings = settings;
    const rows = environmentsOfPart(references.species, part);
    this.#species = rows
      ? Int32Array.from(rows, (i) => references.species[i]!)
      : references.species;
    this.#offsets = references.offsets;
    this.#references = settings.terms.map((term, index) =>
      referenceSamples(references, index, term, part, rows),
    );
  }

  /** Components 2λ + 1 of a sample. */
  get components(): number {
    return 2 * this.part.lambda + 1;
  }

  /** Number of columns: components of environments, or of structures. */
  get size(): number {
    return this.components * (this.#offsets ? this.#offsets.length - 1 : this.#species.length);
  }

  /** K between references, symmetric. */
  ofReferences(options: AsyncOptions): Promise<Matrix> {
    const offsets = this.#offsets;
    const speciesX = this.#meeting(this.#species);
    return this.#sum(this.size, (index, { kernel }) => {
      const references = this.#references[index]!;
      return offsets
        ? structureKernel(references, offsets, undefined, undefined, kernel, {
            ...this.#options(options),
            speciesX,
          })
        : kernelMatrix(references, undefined, kernel, { ...quiet(options), speciesX });
    });
  }

  /** Rows of K for the samples of a group, those that are copies of others left out. */
  async rows(group: FeatureGroup, options: AsyncOptions): Promise<PartRows> {
    const { per } = this.#settings;
    return per === 'atom'
      ? this.#rowsOfAtoms(group, options)
      : { kernel: await this.#rowsOfStructures(group, options), distinct: undefined };
  }

  /** Which samples of a group are no copies of others; undefined where all count, and of properties of structures. */
  async distinct(group: FeatureGroup, options: AsyncOptions): Promise<Distinct | undefined> {
    if (this.#settings.per === 'structure') return undefined;
    return (await this.#ofAtoms(group, options)).distinct;
  }

  async #ofAtoms(group: FeatureGroup, { signal }: AsyncOptions) {
    const { speciesX, atoms } = this.#centres(group);
    const all = this.#settings.terms.map((_, index) => this.#samples(group, index, atoms));
    // What turns with the structure is not the same for atoms that symmetry maps onto each other.
    if (turns(this.part)) return { all, speciesX, distinct: undefined };
    const of = structureOf(group);
    const structures = atoms ? Int32Array.from(atoms, (i) => of[i]!) : of;
    return { all, speciesX, distinct: await inTurns(tellingCopies(all, structures), signal) };
  }

  async #rowsOfAtoms(group: FeatureGroup, options: AsyncOptions): Promise<PartRows> {
    const { all, speciesX, distinct } = await this.#ofAtoms(group, options);
    const samples = distinct ? all.map((x) => rowsOf(x, distinct.rows)) : all;
    const species = {
      speciesX: distinct ? distinct.rows.map((row) => speciesX[row]!) : speciesX,
      speciesY: this.#species,
    };
    const kernel = await this.#sum(this.components * species.speciesX.length, (index, { kernel }) =>
      kernelMatrix(samples[index]!, this.#references[index], kernel, {
        ...quiet(options),
        ...species,
      }),
    );
    return { kernel, distinct };
  }

  #rowsOfStructures(group: FeatureGroup, options: AsyncOptions): Promise<Matrix> {
    const { aggregate } = this.#settings;
    const species = {
      speciesX: this.#meeting(group.species),
      speciesY: this.#meeting(this.#species),
    };
    return this.#sum(this.components * group.structures.length, (index, { kernel }) => {
      const [x, references] = [this.#samples(group, index, undefined), this.#references[index]!];
      return this.#offsets
        ? structureKernel(x, group.offsets, references, this.#offsets, kernel, {
            ...this.#options(options),
            ...species,
          })
        : sumKernel(x, group.offsets, references, kernel, {
            ...quiet(options),
            ...species,
            aggregate: aggregate === 'mean' ? 'mean' : 'sum',
          });
    });
  }

  /** k(A, A) of each component of each sample of a group, in the order of the rows. */
  async diagonal(group: FeatureGroup, options: AsyncOptions): Promise<Float64Array> {
    const { terms, per } = this.#settings;
    const { atoms } = this.#centres(group);
    let sum: Float64Array | undefined;
    for (const [index, { kernel, weight }] of terms.entries()) {
      const x = this.#samples(group, index, atoms);
      const own =
        per === 'atom'
          ? kernelDiagonal(x, kernel)
          : await this.#ownOfStructures(x, group, terms[index]!, options);
      sum ??= new Float64Array(own.length);
      own.forEach((k, i) => (sum![i]! += weight * k));
    }
    return sum!;
  }

  /** The elements of centres as kernels take them: none where centres of all meet. */
  #meeting(species: Int32Array): Int32Array | undefined {
    return this.#settings.centres === 'any' ? undefined : species;
  }

  /** Elements of the samples of a property of atoms, and which atoms of the group they are where not all. */
  #centres({ species }: FeatureGroup) {
    const atoms = environmentsOfPart(species, this.part);
    return { atoms, speciesX: atoms ? Int32Array.from(atoms, (i) => species[i]!) : species };
  }

  #samples(group: FeatureGroup, term: number, atoms: readonly number[] | undefined): Samples {
    const all = group.samples(term, this.part);
    return atoms ? rowsOf(all, atoms) : all;
  }

  /** The diagonals of the kernels of structures with themselves. */
  async #ownOfStructures(
    x: Samples,
    { structures, offsets, species }: FeatureGroup,
    { kernel }: ResolvedTerm,
    options: AsyncOptions,
  ): Promise<Float64Array> {
    const { components } = this;
    const own = new Float64Array(components * structures.length);
    for (let s = 0; s < structures.length; s++) {
      const [from, to] = [offsets[s]!, offsets[s + 1]!];
      const atoms = Array.from({ length: to - from }, (_, i) => from + i);
      const { values } = await structureKernel(
        rowsOf(x, atoms),
        Int32Array.of(0, to - from),
        undefined,
        undefined,
        kernel,
        { ...this.#options(options), speciesX: this.#meeting(species.slice(from, to)) },
      );
      for (let mu = 0; mu < components; mu++) {
        own[s * components + mu] = values[mu * (components + 1)]!;
      }
    }
    return own;
  }

  async #sum(
    rows: number,
    kernelOf: (index: number, term: ResolvedTerm) => Promise<Matrix>,
  ): Promise<Matrix> {
    const { size } = this;
    if (rows === 0) return { values: new Float64Array(0), shape: [0, size] };
    let result: Float64Array | undefined;
    for (const [index, term] of this.#settings.terms.entries()) {
      const { values } = await kernelOf(index, term);
      if (result === undefined && term.weight === 1) {
        result = values;
        continue;
      }
      result ??= new Float64Array(rows * size);
      for (let i = 0; i < values.length; i++) result[i]! += term.weight * values[i]!;
      await giveTurnIfDue();
    }
    return { values: result!, shape: [rows, size] };
  }

  #options(options: AsyncOptions) {
    const { aggregate, gamma } = this.#settings;
    return { ...quiet(options), aggregate, gamma } as const;
  }
}

/** Which environments a part is about; undefined for all. */
function environmentsOfPart(species: Int32Array, { centre }: Part): number[] | undefined {
  if (centre === undefined) return undefined;
  const rows: number[] = [];
  species.forEach((number, i) => {
    if (number === centre) rows.push(i);
  });
  return rows;
}

/** Options of a step whose progress is not that of the whole. */
const quiet = ({ threads, signal }: AsyncOptions) => ({ threads, signal });
