import { evenly } from '../../common/arrays';
import { randomNumbers, someOf } from '../../common/random';
import { InvalidInputError } from '../../errors';
import type { MapData, MapProperty } from '../../report';

/**
 * A map of some of its points at most, in their order, with the structures that these need: drawn at random, but of a path
 * evenly along it, where points are atoms whole frames.
 */
export function shownOf(data: MapData, most: number, seed: number): MapData {
  const { atoms, axes, properties, structures, path, facts = [] } = data;
  const count = axes[0]!.values.length;
  if (count <= most) return data;
  const points = path
    ? alongPath(count, atoms, most)
    : [...someOf(count, most, randomNumbers(seed))];
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
    facts: [
      ...facts,
      {
        label: path ? 'Shown, evenly along the path' : 'Shown, drawn at random',
        value: points.length,
      },
    ],
  };
}

function alongPath(count: number, atoms: MapData['atoms'], most: number): readonly number[] {
  if (!atoms) return evenly(count, most);
  const frames = new Set(atoms.structure).size;
  const each = count / frames;
  if (2 * each > most) {
    throw new InvalidInputError(
      `expected at least two frames of ${each} atoms each, ${2 * each}, got ${most}`,
      { path: '--show' },
    );
  }
  return evenly(frames, Math.floor(most / each)).flatMap((frame) =>
    Array.from({ length: each }, (_, atom) => frame * each + atom),
  );
}
