import { calibrationOf } from '../analysis';
import type { Parity } from '../models';
import type { ErrorPair } from '../report';
import { errorUnit, formatError, potentialQuantities, titleOf } from '../report/quantities';

/** Columns side by side: the first to the left, the others to the right. */
export function alignColumns(rows: readonly (readonly string[])[]): string[] {
  const widths: number[] = [];
  for (const row of rows) {
    row.forEach((cell, column) => (widths[column] = Math.max(widths[column] ?? 0, cell.length)));
  }
  return rows.map((row) =>
    row
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!),
      )
      .join('  ')
      .trimEnd(),
  );
}

/** `a.xyz, b.xyz`; of more than three files the first two, and how many others. */
export function nameFiles(files: readonly string[]): string {
  if (files.length <= 3) return files.join(', ');
  return `${files.slice(0, 2).join(', ')} and ${files.length - 2} others`;
}

/** Names and what they are, one below the other. */
export function listFacts(
  facts: readonly (readonly [name: string, value: string | number])[],
): string[] {
  const width = Math.max(...facts.map(([name]) => name.length));
  return facts.map(([name, value]) => `${name.padEnd(width)}  ${value}`);
}

/** Errors of a potential, each where it is known. */
type PotentialErrors = {
  readonly [key in 'energy' | 'forces' | 'stress']?: ErrorPair | undefined;
};

/** Lines of a table of errors; a quantity that no set has is left out. */
export function errorTable(
  sets: readonly (readonly [name: string, errors: PotentialErrors])[],
): string[] {
  const shown = potentialQuantities.filter(({ key }) =>
    sets.some(([, errors]) => errors[key as keyof PotentialErrors]),
  );
  const head = shown.flatMap((quantity) => [`${titleOf(quantity)} MAE`, 'RMSE']);
  const units = shown.map(errorUnit).flatMap((unit) => [unit ?? '', unit ?? '']);
  const rows = sets.map(([name, errors]) => [
    name,
    ...shown.flatMap((quantity) => {
      const pair = errors[quantity.key as keyof PotentialErrors];
      return pair
        ? [formatError(quantity, pair.mae), formatError(quantity, pair.rmse)]
        : ['–', '–'];
    }),
  ]);
  return alignColumns([['', ...head], ['', ...units], ...rows]);
}

/** Errors as JSON output has them: mae and rmse in eV/atom, eV/Å and eV/Å^3. */
export function errorsForJson({ energy, forces, stress }: PotentialErrors) {
  const pair = ({ mae, rmse }: ErrorPair) => ({ mae, rmse });
  return {
    ...(energy && { energy: pair(energy) }),
    ...(forces && { forces: pair(forces) }),
    ...(stress && { stress: pair(stress) }),
  };
}

/** Sparse points in all and by element. */
export function countSparsePoints(perSpecies: Readonly<Record<string, number>>): number {
  return Object.values(perSpecies).reduce((sum, count) => sum + count, 0);
}

/** `H 120, O 80`. */
export function listCounts(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts)
    .map(([name, count]) => `${name} ${count}`)
    .join(', ');
}

/** Bytes in the largest unit that leaves a number above one. */
export function formatBytes(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  const power = Math.min(units.length - 1, Math.floor(Math.log10(Math.max(1, bytes)) / 3));
  const value = bytes / 1000 ** power;
  return `${power === 0 || value >= 100 ? Math.round(value) : value.toPrecision(3)} ${units[power]}`;
}

/** Seconds for people: `8.2 s`, `3 min 20 s`. */
export function formatSeconds(seconds: number): string {
  if (seconds < 100) return `${seconds.toPrecision(seconds < 1 ? 2 : 3)} s`;
  return `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
}

/** How well uncertainties agree with errors, as JSON output has it; nothing where they are not known. */
export function calibrationForJson(parity: Parity | undefined) {
  const found = parity && calibrationOf(parity);
  if (!found) return {};
  const { within, area, logLikelihood, factor } = found;
  return { calibration: { within, area, logLikelihood, factor } };
}
