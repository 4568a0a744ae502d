import { randomUUID } from 'node:crypto';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { writeFileAtomic } from '../../common/atomic-file';
import { pathOf } from '../../common/files';
import type { FilePath } from '../../common/files';
import type { Structure } from '../../structures/structure';
import { checkMap } from './check';
import type { MapData, MapProperty } from './data';

/**
 * A map as an object of the format of chemiscope (G. Fraux, R. K. Cersonsky, M. Ceriotti, J. Open Source Softw. 5, 2117,
 * 2020). Numbered classes are integers. Classes with names are texts, which chemiscope shows as symbols; beside them stand
 * their numbers, for colours. Values that there are not are NaN, which {@link writeChemiscope} writes as chemiscope reads it.
 *
 * @throws InvalidInputError naming what is wrong.
 */
export function toChemiscope(data: MapData): object {
  checkMap(data);
  const { title, description, structures, per, atoms, axes, properties, color, path } = data;
  const { surroundings = 4 } = data;
  const shown = properties.find(({ name }) => name === color);
  const named = numberNames([...axes, ...properties]);
  return {
    meta: { name: title, ...(description && { description }) },
    structures: structures.map(atomsOf),
    properties: Object.fromEntries(
      [...axes, ...properties].flatMap((each) => propertiesOf(each, per, named)),
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
        ...(shown && {
          color: { property: named.get(shown) ?? shown.name },
          palette: 'viridis',
          ...(named.has(shown) && { symbol: shown.name }),
        }),
        // It joins all points in their order, and not those of each atom.
        joinPoints: Boolean(path) && per === 'structure',
      },
      structure: [{ unitCell: structures.some(({ volume }) => volume > 0), bonds: true }],
    },
  };
}

/** Writes the file that chemiscope opens, gzip if its name ends in .gz. */
export async function writeChemiscope(file: FilePath, data: MapData): Promise<void> {
  const path = pathOf(file);
  // JSON has no NaN; chemiscope reads it bare, as Python writes it.
  const mark = randomUUID();
  const json = JSON.stringify(toChemiscope(data), (_, value: unknown) =>
    typeof value === 'number' && !Number.isFinite(value) ? mark : value,
  );
  const text = Buffer.from(json.replaceAll(`"${mark}"`, 'NaN'));
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

/** What the numbers of classes with names are called. */
function numberNames(all: readonly MapProperty[]): Map<MapProperty, string> {
  const taken = new Set(all.map(({ name }) => name));
  const found = new Map<MapProperty, string>();
  for (const property of all) {
    if (!property.classes || !property.names) continue;
    let name = `${property.name} (number)`;
    while (taken.has(name)) name += ' (number)';
    taken.add(name);
    found.set(property, name);
  }
  return found;
}

function propertiesOf(
  property: MapProperty,
  target: MapData['per'],
  numberNamed: ReadonlyMap<MapProperty, string>,
): [string, object][] {
  const { name, unit, names, values } = property;
  const numbers = { target, values: Array.from(values), ...(unit && { units: unit }) };
  const numberName = numberNamed.get(property);
  if (numberName === undefined) return [[name, numbers]];
  const texts = Array.from(values, (value) => names![value] ?? 'none');
  return [
    [name, { target, values: texts }],
    [numberName, numbers],
  ];
}
