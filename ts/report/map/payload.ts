import { reducedFormula } from '../../analysis/composition';
import { chemicalSymbols } from '../../structures/elements';
import type { Structure } from '../../structures/structure';
import type { MapData, MapProperty } from './data';
import { covalentRadius, elementColour } from './elements';

/** What the page of a map knows, as JSON. Positions are in hundredths of Å. */
export function payloadOf(data: MapData): object {
  const { structures, atoms, axes, properties, color, path, surroundings = 4 } = data;
  const species = new Set(structures.flatMap((structure) => [...new Set(structure.species)]));
  return {
    ...(atoms && { points: { structure: [...atoms.structure], atom: [...atoms.atom] } }),
    axes: axes.map((axis) => plain(axis, 6)),
    properties: properties.map((property) => plain(property, 7)),
    color,
    path: path ?? false,
    surroundings,
    start: 0,
    structures: structures.map(drawing),
    elements: Object.fromEntries(
      [...species].map((number) => [
        number,
        {
          symbol: chemicalSymbols[number],
          colour: elementColour(number),
          radius: covalentRadius(number),
        },
      ]),
    ),
  };
}

/** Numbers with so many digits; null where there is none. */
function plain({ name, unit, classes, names, values }: MapProperty, digits: number): object {
  const numbers = Array.from(values, (x) =>
    Number.isFinite(x) ? Number(x.toPrecision(digits)) : null,
  );
  return {
    name,
    ...(unit && { unit }),
    ...(classes && { classes }),
    ...(names && { names }),
    values: numbers,
  };
}

function drawing(structure: Structure, index: number): object {
  const { species, positions, cell, pbc, volume } = structure;
  return {
    name: nameOf(structure, index),
    species: [...species],
    positions: Array.from(positions, (x) => Math.round(100 * x)),
    ...(volume > 0 && { cell: Array.from(cell, (x) => Number(x.toFixed(3))), pbc }),
  };
}

/** What a structure calls itself, else its formula, with its number. */
export function nameOf(structure: Structure, index: number): string {
  const { info } = structure;
  const own = ['name', 'NAME', 'label', 'identifier'].map((key) => info[key]);
  const name = own.find((value) => typeof value === 'string' || typeof value === 'number');
  return `${name === undefined ? reducedFormula(structure) : String(name)} (structure ${index})`;
}
