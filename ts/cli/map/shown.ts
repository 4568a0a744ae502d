import { randomNumbers, someOf } from '../../common/random';
import type { MapData, MapProperty } from '../../report';

/** A map of some of its points at most, drawn at random and in their order, with the structures that these need. */
export function shownOf(data: MapData, most: number, seed: number): MapData {
  const { atoms, axes, properties, structures, facts = [] } = data;
  const count = axes[0]!.values.length;
  if (count <= most) return data;
  const points = someOf(count, most, randomNumbers(seed));
  const pick = (property: MapProperty): MapProperty => ({
    ...property,
    values: Float64Array.from(points, (point) => property.values[point]!),
  });
  const needed = atoms ? [...new Set(Array.from(points, (p) => atoms.structure[p]!))] : [...points];
  const place = new Map(needed.map((structure, index) => [structure, index]));
  return {
    ...data,
    structures: needed.map((structure) => structures[structure]!),
    ...(atoms && {
      atoms: {
        structure: Int32Array.from(points, (point) => place.get(atoms.structure[point]!)!),
        atom: Int32Array.from(points, (point) => atoms.atom[point]!),
      },
    }),
    axes: axes.map(pick),
    properties: properties.map(pick),
    facts: [...facts, { label: 'Shown, drawn at random', value: most }],
  };
}
