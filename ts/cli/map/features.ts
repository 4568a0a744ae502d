import type { Matrix } from '../../common/matrix';
import { checkMemory } from '../../common/memory';
import { InvalidInputError } from '../../errors';
import type { AsyncOptions } from '../../native/call';
import { groupsOf } from '../../regression/environments';
import type { AnyRepresentation } from '../../representations';
import { chemicalSymbols } from '../../structures/elements';
import type { Structure } from '../../structures/structure';

/** What a map shows a point for. */
export type PointsOf = 'structure' | 'atom';

/** Which structure and which of its atoms each point is. */
export interface PointAtoms {
  readonly structure: Int32Array;
  readonly atom: Int32Array;
}

export interface MapPointsOptions extends AsyncOptions {
  readonly per: PointsOf;
  /** Atoms of these elements only, as atomic numbers. */
  readonly elements?: readonly number[] | undefined;
  /** Features that take more bytes are not kept: every pass over them computes them again. Default 4 GB. */
  readonly memoryLimit?: number | undefined;
}

/** Of structures that are featurized together. */
const groupAtoms = 4096;
const defaultMemoryLimit = 4e9;

/** Points of a map in the space of features: of the atoms of structures, or their means over the atoms of each. */
export class MapPoints {
  readonly shape: readonly [rows: number, columns: number];
  readonly atoms?: PointAtoms;
  readonly #structures: readonly Structure[];
  readonly #representation: AnyRepresentation;
  readonly #options: MapPointsOptions;
  /** The atoms of each structure that count. */
  readonly #chosen: readonly (readonly number[])[];
  #kept: Matrix | undefined;

  /** @throws InvalidInputError for an element that is nowhere, or missing in a structure that is a point. */
  constructor(
    structures: readonly Structure[],
    representation: AnyRepresentation,
    options: MapPointsOptions,
  ) {
    const { per, elements } = options;
    const isWanted = (species: number) => elements === undefined || elements.includes(species);
    const chosen = structures.map(({ species }) =>
      Array.from(species.keys()).filter((atom) => isWanted(species[atom]!)),
    );
    checkElements(chosen, elements, per);
    if (per === 'atom') this.atoms = listAtoms(chosen);
    const rows = this.atoms ? this.atoms.atom.length : structures.length;
    this.shape = [rows, representation.features];
    this.#structures = structures;
    this.#representation = representation;
    this.#options = options;
    this.#chosen = chosen;
  }

  /** Whether all features are kept, and not computed again for each pass. */
  get fits(): boolean {
    const [rows, columns] = this.shape;
    return 8 * rows * columns <= (this.#options.memoryLimit ?? defaultMemoryLimit);
  }

  /** All rows in order, block by block. */
  async *blocks(): AsyncGenerator<Matrix> {
    if (this.#kept) {
      yield this.#kept;
      return;
    }
    const [rows, columns] = this.shape;
    const kept = this.fits ? new Float64Array(rows * columns) : undefined;
    let at = 0;
    for await (const block of this.#compute()) {
      if (!kept) yield block;
      kept?.set(block.values, at);
      at += block.values.length;
    }
    if (!kept) return;
    this.#kept = { values: kept, shape: this.shape };
    yield this.#kept;
  }

  /** All rows at once. @throws MemoryLimitError */
  async all(remedy: string): Promise<Matrix> {
    const [rows, columns] = this.shape;
    const { memoryLimit = defaultMemoryLimit } = this.#options;
    const what = `${rows} × ${columns} features`;
    checkMemory(8 * rows * columns, memoryLimit, what, remedy, '--memory-limit');
    for await (const block of this.blocks()) return block;
    return { values: new Float64Array(0), shape: this.shape };
  }

  /** Some rows. @param wanted in ascending order. */
  async rows(wanted: ArrayLike<number>): Promise<Matrix> {
    const columns = this.shape[1];
    const values = new Float64Array(wanted.length * columns);
    let first = 0;
    let next = 0;
    for await (const { values: block, shape } of this.blocks()) {
      for (; next < wanted.length && wanted[next]! < first + shape[0]; next++) {
        const from = (wanted[next]! - first) * columns;
        values.set(block.subarray(from, from + columns), next * columns);
      }
      first += shape[0];
    }
    return { values, shape: [wanted.length, columns] };
  }

  /** The features of the points of some structures at a time. */
  async *#compute(): AsyncGenerator<Matrix> {
    const { per, onProgress, threads, signal } = this.#options;
    const structures = this.#structures;
    const representation = this.#representation;
    const columns = representation.features;
    const ofAtoms = representation.source.level === undefined;
    const total = structures.reduce((sum, { length }) => sum + length, 0);
    let done = 0;
    for (const indices of groupsOf([...structures.keys()], structures, groupAtoms)) {
      const group = indices.map((s) => structures[s]!);
      const computed = await representation.compute(group, { threads, signal });
      const chosen = indices.map((s) => this.#chosen[s]!);
      const rows = per === 'atom' ? chosen.reduce((n, { length }) => n + length, 0) : group.length;
      const values = new Float64Array(rows * columns);
      let [row, offset] = [0, 0];
      group.forEach(({ length }, index) => {
        const from = (at: number) => computed.values.subarray(at * columns, (at + 1) * columns);
        const atoms = chosen[index]!;
        if (!ofAtoms) values.set(from(index), row++ * columns);
        else if (per === 'structure') {
          const mean = values.subarray(row * columns, ++row * columns);
          for (const atom of atoms) {
            from(offset + atom).forEach((x, f) => (mean[f]! += x / atoms.length));
          }
        } else for (const atom of atoms) values.set(from(offset + atom), row++ * columns);
        offset += length;
      });
      done += offset;
      onProgress?.(done, total);
      yield { values, shape: [rows, columns] };
    }
  }
}

function listAtoms(chosen: readonly (readonly number[])[]): PointAtoms {
  const points = chosen.reduce((sum, { length }) => sum + length, 0);
  const atoms = { structure: new Int32Array(points), atom: new Int32Array(points) };
  let point = 0;
  for (const [s, own] of chosen.entries()) {
    for (const atom of own) {
      atoms.structure[point] = s;
      atoms.atom[point++] = atom;
    }
  }
  return atoms;
}

function checkElements(
  chosen: readonly (readonly number[])[],
  elements: readonly number[] | undefined,
  per: PointsOf,
): void {
  if (elements === undefined) return;
  const names = elements.map((number) => chemicalSymbols[number]).join(', ');
  if (per === 'structure') {
    const without = chosen.findIndex(({ length }) => length === 0);
    if (without < 0) return;
    throw new InvalidInputError(`structure ${without} has no atoms of ${names}`, {
      path: '--elements',
    });
  }
  if (chosen.some(({ length }) => length > 0)) return;
  throw new InvalidInputError(`no structure has atoms of ${names}`, { path: '--elements' });
}
