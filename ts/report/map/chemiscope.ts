import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { writeFileAtomic } from '../../common/atomic-file';
import type { Structure } from '../../structures/structure';
import { checkMap } from './check';
import type { MapData, MapProperty } from './data';

/**
 * A map as an object of the format of chemiscope (G. Fraux, R. K. Cersonsky, M. Ceriotti, J. Open Source Softw. 5, 2117,
 * 2020). Properties without a value for every point are left out: chemiscope has no place for them.
 *
 * @throws InvalidInputError naming what is wrong.
 */
export function toChemiscope(data: MapData): object {
  checkMap(data);
  const { title, description, structures, per, atoms, axes, properties, color, path } = data;
  const { surroundings = 4 } = data;
  const whole = properties.filter(({ values }) => Array.from(values).every(Number.isFinite));
  const shown = color !== undefined && whole.some(({ name }) => name === color) ? color : undefined;
  return {
    meta: { name: title, ...(description && { description }) },
    structures: structures.map(atomsOf),
    properties: Object.fromEntries(
      [...axes, ...whole].map((each) => [each.name, propertyOf(each, per)]),
    ),
    ...(atoms && {
      environments: Array.from(atoms.atom, (center, i) => ({
        structure: atoms.structure[i]!,
        center,
        cutoff: surroundings,
      })),
    }),
    settings: {
      target: per,
      map: {
        x: { property: axes[0]!.name },
        y: { property: axes[1]!.name },
        ...(shown !== undefined && { color: { property: shown }, palette: 'viridis' }),
        joinPoints: path ?? false,
      },
      structure: [{ unitCell: structures.some(({ volume }) => volume > 0), bonds: true }],
    },
  };
}

/** Writes the file that chemiscope opens, gzip if its name ends in .gz. */
export async function writeChemiscope(path: string, data: MapData): Promise<void> {
  const text = Buffer.from(JSON.stringify(toChemiscope(data)));
  await writeFileAtomic(path, [path.endsWith('.gz') ? await promisify(gzip)(text) : text]);
}

function atomsOf(structure: Structure): object {
  const { length, symbols, positions, cell, volume } = structure;
  const along = (d: number) => Array.from({ length }, (_, i) => positions[3 * i + d]!);
  return {
    size: length,
    names: symbols,
    x: along(0),
    y: along(1),
    z: along(2),
    ...(volume > 0 && { cell: [...cell] }),
  };
}

function propertyOf({ unit, classes, names, values }: MapProperty, target: MapData['per']): object {
  const named = (value: number) => names?.[value] ?? (value < 0 ? 'none' : String(value));
  return {
    target,
    values: classes ? Array.from(values, named) : Array.from(values),
    ...(unit && { units: unit }),
  };
}
