import { reducedFormula } from '../../analysis/composition';
import { chemicalSymbols, elementsIn } from '../../structures/elements';
import type { Structure } from '../../structures/structure';
import type { MapData, MapProperty } from './data';
import { covalentRadius, elementColour } from './elements';

/** What the page of a map knows, as JSON. Positions are in hundredths of Å. */
export function payloadOf(data: MapData): object {
  const { structures, atoms, axes, properties, color, path, surroundings = 4 } = data;
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
      elementsIn(structures).map((number) => [
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

/** Numbers with so many digits of their range; null where there is none. */
function plain({ name, unit, classes, names, values }: MapProperty, digits: number): object {
  const lost = classes ? 0 : digitsInCommon(values);
  const precision = Math.min(17, digits + lost);
  const numbers = Array.from(values, (x) =>
    Number.isFinite(x) ? Number(x.toPrecision(precision)) : null,
  );
  return {
    name,
    ...(unit && { unit }),
    ...(classes && { classes }),
    ...(names && { names }),
    // That are shown, if more than usual.
    ...(lost > 1 && { digits: Math.min(17, shownDigits + lost) }),
    values: numbers,
  };
}

const shownDigits = 4;

/** How many digits of all numbers say nothing, since they hardly differ: of −2000000.00 and −1999999.89 seven. */
function digitsInCommon(values: ArrayLike<number>): number {
  let [least, most] = [Infinity, -Infinity];
  for (let i = 0; i < values.length; i++) {
    const x = values[i]!;
    if (!Number.isFinite(x)) continue;
    least = Math.min(least, x);
    most = Math.max(most, x);
  }
  const ratio = Math.max(Math.abs(least), Math.abs(most)) / (most - least);
  return ratio > 1 && Number.isFinite(ratio) ? Math.floor(Math.log10(ratio)) : 0;
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
