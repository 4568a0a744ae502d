import { InvalidInputError } from '../../errors';
import { z } from 'zod';

import { numbers, positive, validateMembers } from '../../common/validation';
import { Structure } from '../../structures/structure';
import { factSchema } from '../check';
import type { MapData, MapProperty } from './data';

const text = z.string();

/** Numbers and names are looked at one by one, once the members are known to be there. */
const propertySchema = z.strictObject({
  name: z.unknown().optional(),
  unit: text.optional(),
  classes: z.boolean().optional(),
  names: z.record(z.union([text, z.number()]), text).optional(),
  values: z.unknown().optional(),
} satisfies Readonly<Record<keyof MapProperty, z.ZodType>>);

const mapSchema = z.strictObject({
  title: text,
  description: text.optional(),
  structures: z.array(
    z.custom((value) => Structure.is(value), {
      error: 'expected a Structure, such as Structure.from makes of a plain object',
    }),
  ),
  per: z.enum(['structure', 'atom']),
  atoms: z.strictObject({ structure: numbers, atom: numbers }).optional(),
  axes: z.array(propertySchema),
  properties: z.array(propertySchema),
  color: text.optional(),
  path: z.boolean().optional(),
  surroundings: positive('Å').optional(),
  facts: z.array(factSchema).optional(),
} satisfies Readonly<Record<keyof MapData, z.ZodType>>);

/**
 * @returns the number of points.
 * @throws InvalidInputError unless every point is one, with a finite number along every axis and a value of every property,
 * and names tell all of them apart.
 */
export function checkMap(data: MapData): number {
  validateMembers(mapSchema, data, 'data');
  const { structures, axes, properties, color } = data;
  const points = checkPoints(data);
  if (points === 0)
    throw new InvalidInputError('expected at least one point', { path: 'structures' });
  if (axes.length < 2) {
    throw new InvalidInputError(`expected at least two axes, got ${axes.length}`, { path: 'axes' });
  }
  const seen = new Map<string, string>();
  for (const [list, path] of [
    [axes, 'axes'],
    [properties, 'properties'],
  ] as const) {
    list.forEach((property, index) => {
      const at = `${path}[${index}]`;
      checkProperty(property, points, at);
      const before = seen.get(property.name);
      if (before !== undefined) {
        throw new InvalidInputError(
          `expected a name of its own, got ${property.name}, the name of ${before}`,
          { path: `${at}.name` },
        );
      }
      seen.set(property.name, at);
    });
  }
  axes.forEach(({ name, values }, index) => {
    const bad = Array.from(values).findIndex((x) => !Number.isFinite(x));
    if (bad < 0) return;
    throw new InvalidInputError(
      `expected a finite number, got ${values[bad]}: ${name} is to place every point`,
      {
        path: `axes[${index}].values[${bad}]`,
      },
    );
  });
  const names = properties.map(({ name }) => name);
  if (color !== undefined && !names.includes(color)) {
    throw new InvalidInputError(`there is no ${color}; there is ${names.join(', ') || 'nothing'}`, {
      path: 'color',
    });
  }
  if (structures.length > 0) return points;
  throw new InvalidInputError('expected at least one structure', { path: 'structures' });
}

/** Which atoms points are, if they are atoms. */
function checkPoints({ structures, per, atoms }: MapData): number {
  if ((per === 'atom') !== (atoms !== undefined)) {
    throw new InvalidInputError(
      'expected which atoms the points are, for points that are atoms only',
      { path: 'atoms' },
    );
  }
  if (!atoms) return structures.length;
  const { structure, atom } = atoms;
  if (structure.length !== atom.length) {
    throw new InvalidInputError(
      `expected as many as atoms.atom has, ${atom.length}, got ${structure.length}`,
      { path: 'atoms.structure' },
    );
  }
  for (let point = 0; point < atom.length; point++) {
    const inside = structures[structure[point]!];
    if (!inside) {
      throw new InvalidInputError(
        `expected one of the ${structures.length} structures, got ${structure[point]}`,
        { path: `atoms.structure[${point}]` },
      );
    }
    if (inside.species[atom[point]!] === undefined) {
      throw new InvalidInputError(
        `expected one of the ${inside.length} atoms of structure ${structure[point]}, got ${atom[point]}`,
        { path: `atoms.atom[${point}]` },
      );
    }
  }
  return atom.length;
}

function checkProperty(
  { name, values, classes, names }: MapProperty,
  points: number,
  path: string,
): void {
  if (typeof name !== 'string' || name === '') {
    throw new InvalidInputError(`expected a name, got ${JSON.stringify(name)}`, {
      path: `${path}.name`,
    });
  }
  // Callers without TypeScript may pass anything.
  const { length = 0 } = (values ?? {}) as Partial<ArrayLike<number>>;
  if (length !== points) {
    throw new InvalidInputError(`expected ${points} values of ${name}, got ${length}`, {
      path: `${path}.values`,
    });
  }
  if (!classes) return;
  for (let point = 0; point < points; point++) {
    const value = values[point]!;
    if (Number.isNaN(value)) continue;
    if (!Number.isInteger(value)) {
      throw new InvalidInputError(
        `expected the whole number of a class, −1 or NaN for none, got ${value}`,
        { path: `${path}.values[${point}]` },
      );
    }
    if (names && value >= 0 && names[value] === undefined) {
      throw new InvalidInputError(`expected a name of class ${value} of ${name}`, {
        path: `${path}.names`,
      });
    }
  }
}
