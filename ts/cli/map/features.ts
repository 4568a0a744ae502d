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

/** Points of a map in the space of features, and which atoms they are. */
export interface MapPoints {
  readonly features: Matrix;
  readonly atoms?: { readonly structure: Int32Array; readonly atom: Int32Array };
}

export interface MapPointsOptions extends AsyncOptions {
  readonly per: PointsOf;
  /** Atoms of these elements only, as atomic numbers. */
  readonly elements?: readonly number[] | undefined;
  readonly memoryLimit?: number | undefined;
}

/** Of structures that are featurized together. */
const groupAtoms = 4096;

/** Features of the atoms of structures, or their means over the atoms of each. */
export async function mapPoints(
  structures: readonly Structure[],
  representation: AnyRepresentation,
  { per, elements, memoryLimit, ...run }: MapPointsOptions,
): Promise<MapPoints> {
  const { onProgress, ...rest } = run;
  const columns = representation.features;
  const isWanted = (species: number) => elements === undefined || elements.includes(species);
  const chosen = structures.map(({ species }) =>
    Array.from(species.keys()).filter((atom) => isWanted(species[atom]!)),
  );
  const rows =
    per === 'structure' ? structures.length : chosen.reduce((sum, { length }) => sum + length, 0);
  checkElements(chosen, elements, per);
  checkMemory(8 * rows * columns, memoryLimit, `${rows} × ${columns} features`);
  const values = new Float64Array(rows * columns);
  const which = { structure: new Int32Array(rows), atom: new Int32Array(rows) };
  let [row, done] = [0, 0];
  const total = structures.reduce((sum, { length }) => sum + length, 0);
  for (const indices of groupsOf([...structures.keys()], structures, groupAtoms)) {
    const group = indices.map((s) => structures[s]!);
    const computed = await representation.compute(group, rest);
    const ofAtoms = representation.source.level === undefined;
    let offset = 0;
    group.forEach(({ length }, index) => {
      const structure = indices[index]!;
      const atoms = chosen[structure]!;
      const from = (atom: number) =>
        computed.values.subarray((offset + atom) * columns, (offset + atom + 1) * columns);
      if (!ofAtoms) {
        values.set(
          computed.values.subarray(index * columns, (index + 1) * columns),
          row++ * columns,
        );
      } else if (per === 'structure') {
        const mean = values.subarray(row * columns, ++row * columns);
        for (const atom of atoms) from(atom).forEach((x, f) => (mean[f]! += x / atoms.length));
      } else {
        for (const atom of atoms) {
          values.set(from(atom), row * columns);
          which.structure[row] = structure;
          which.atom[row++] = atom;
        }
      }
      offset += length;
    });
    done += offset;
    onProgress?.(done, total);
  }
  return {
    features: { values, shape: [rows, columns] },
    ...(per === 'atom' && { atoms: which }),
  };
}

/** @throws InvalidInputError for an element that is nowhere, or missing in a structure that is a point. */
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
