import { InvalidInputError } from '../../errors';
import type { MapData } from './data';

/** @throws InvalidInputError unless there is a number of every property for every point. */
export function checkMap({ structures, per, atoms, axes, properties, color }: MapData): number {
  const points = atoms ? atoms.atom.length : structures.length;
  if (points === 0)
    throw new InvalidInputError('expected at least one point', { path: 'structures' });
  if ((per === 'atom') !== (atoms !== undefined)) {
    throw new InvalidInputError(
      'expected which atoms the points are, for points that are atoms only',
      {
        path: 'atoms',
      },
    );
  }
  if (axes.length < 2) {
    throw new InvalidInputError(`expected at least two axes, got ${axes.length}`, { path: 'axes' });
  }
  for (const [path, list] of Object.entries({ axes, properties })) {
    list.forEach(({ name, values }, index) => {
      if (values.length === points) return;
      throw new InvalidInputError(`expected ${points} values of ${name}, got ${values.length}`, {
        path: `${path}[${index}].values`,
      });
    });
  }
  const names = properties.map(({ name }) => name);
  if (color !== undefined && !names.includes(color)) {
    throw new InvalidInputError(`there is no ${color}; there is ${names.join(', ') || 'nothing'}`, {
      path: 'color',
    });
  }
  return points;
}
