import { MemoryLimitError } from '../../errors';
import type { Precision } from '../../representations';
import type { AnyRepresentation } from '../../representations/create';
import { formatBytes } from '../text';
import type { Survey } from './survey';

/** What rows stand for. */
export type RowsOf = 'structure' | 'atom';

/** What featurizing will take, known before anything is computed. */
export interface Plan {
  readonly per: RowsOf;
  readonly rows: number;
  readonly columns: number;
  /** Most atoms whose features are computed at a time; a larger structure goes alone. */
  readonly groupAtoms: number;
  /** Length of the array that holds the features of any group, rows × columns. */
  readonly groupNumbers: number;
  /** How features are held before they are written. */
  readonly inMemory: Precision;
  /** Bytes of the features in the file; labels come on top. */
  readonly fileBytes: number;
  /** Estimate of what the process takes at most, in bytes. */
  readonly memoryBytes: number;
}

/** Features that are in memory at a time, in bytes of double precision; a large structure may need more. */
const groupBytes = 16e6;

/** Node.js, the engine, and what reading leaves to the garbage collector. */
const programBytes = 120e6;

/** Of a label, as an object and as text. */
const labelBytes = 500;

/** Of a pair in a neighbour list. */
const pairBytes = 40;

/** Of condensed matter, in atoms/Å³; for structures that have no volume. */
const usualDensity = 0.1;

/** Structures, and pieces of large ones, whose sums the engine keeps at a time when rows are those of structures. */
const sumsAtOnce = { structures: 1024, pieces: 65 };

export function planOf(
  { atoms, atomsPerStructure, largest }: Survey,
  { features: columns, source, hyperparameters }: AnyRepresentation,
  { per, precision }: { readonly per: RowsOf; readonly precision: Precision },
): Plan {
  const sumsInEngine = source.level !== undefined;
  const structures = atomsPerStructure.length;
  const rows = per === 'atom' ? atoms : structures;
  const groupAtoms = Math.max(1, Math.floor(groupBytes / (8 * columns)));
  const atomsAtOnce = Math.min(atoms, Math.max(groupAtoms, largest.atoms));
  // No structure is without atoms: a group has at most as many structures.
  const groupNumbers = (sumsInEngine ? Math.min(groupAtoms, structures) : atomsAtOnce) * columns;
  // Means are those of rows in double precision, rounded when they are stored like any other number.
  const inMemory = per === 'atom' || sumsInEngine ? precision : 'float64';

  const sphere = (4 / 3) * Math.PI * longestCutoff(hyperparameters) ** 3;
  const neighbours =
    largest.density === undefined
      ? Math.min(largest.atoms - 1, usualDensity * sphere)
      : largest.density * sphere;
  const sums = sumsInEngine
    ? Math.min(structures, groupAtoms, sumsAtOnce.structures) + sumsAtOnce.pieces
    : 0;
  const means = per === 'structure' && !sumsInEngine ? Math.min(structures, groupAtoms) : 0;
  const memoryBytes =
    programBytes +
    bytesOf[inMemory] * groupNumbers +
    8 * columns * (sums + means) +
    labelBytes * columns +
    pairBytes * neighbours * atomsAtOnce;
  return {
    per,
    rows,
    columns,
    groupAtoms,
    groupNumbers,
    inMemory,
    fileBytes: bytesOf[precision] * rows * columns,
    memoryBytes: Math.round(memoryBytes),
  };
}

/** One line for people. */
export function describePlan({ rows, columns, fileBytes, memoryBytes }: Plan): string {
  return `${rows} × ${columns} features: a file of ${formatBytes(fileBytes)}, about ${formatBytes(memoryBytes)} of memory`;
}

/** @throws MemoryLimitError when the estimate is beyond the limit in bytes. */
export function checkPlan({ memoryBytes: bytes }: Plan, limit: number | undefined): void {
  if (limit === undefined || bytes <= limit) return;
  throw new MemoryLimitError(
    `this takes about ${formatBytes(bytes)} of memory, more than the limit of ${formatBytes(limit)}: ` +
      'take fewer features (a smaller basis or `columns`), smaller structures or --precision float32, or raise --memory-limit',
    { bytes, limit },
  );
}

const bytesOf = { float64: 8, float32: 4 } as const;

/** In Å; neighbours are found within it. */
function longestCutoff(hyperparameters: AnyRepresentation['hyperparameters']): number {
  if (hyperparameters.type === 'structure-average') return longestCutoff(hyperparameters.of);
  if (hyperparameters.type !== 'concatenation') return hyperparameters.cutoff.radius;
  return Math.max(
    ...hyperparameters.parts.map(({ representation }) => representation.cutoff.radius),
  );
}
