import { chemicalSymbols } from '../../structures/elements';
import { componentsOf } from '../../structures/property';
import type { Structure } from '../../structures/structure';
import type { CheckedPropertyConfig } from './config';
import { rankOf } from './irreps';
import type { PropertyTarget } from './parts';

/** More components than this are not told apart: 3 × 3 × 3 numbers have ten by symmetry. */
const mostComponents = 10;

/** Components whose difference is smaller than this, relative to the whole, are the same by symmetry. */
const negligible = 1e-3;

/**
 * Divides the numbers of a property into portions that are worth being looked at apart: those of atoms by element, those
 * of structures by component, of which those that are the same by the symmetry of the tensor are there once.
 *
 * @param values row-major, of these structures.
 * @returns indices by chemical symbol, by `x`, `y`, `z` and their products, or by number from 1; under an empty name all
 *   of a single number and of numbers that are too many.
 */
export function portionsOf(
  { per, shape }: PropertyTarget,
  tensor: CheckedPropertyConfig['tensor'],
  structures: readonly Structure[],
  values: Float64Array,
): ReadonlyMap<string, readonly number[]> {
  if (per === 'atom') return byElement(structures, componentsOf(shape));
  const components = distinctComponents(shape, tensor, values);
  if (components.length === 1 || components.length > mostComponents) {
    return new Map([['', [...values.keys()]]]);
  }
  const all = componentsOf(shape);
  const samples = [...Array(values.length / all).keys()];
  return new Map(
    components.map(({ name, index }) => [name, samples.map((sample) => sample * all + index)]),
  );
}

function byElement(structures: readonly Structure[], components: number) {
  const portions = new Map<number, number[]>();
  let at = 0;
  for (const { species } of structures) {
    for (const number of species) {
      let own = portions.get(number);
      if (!own) portions.set(number, (own = []));
      for (let c = 0; c < components; c++) own.push(at++);
    }
  }
  return new Map(
    [...portions]
      .sort(([a], [b]) => a - b)
      .map(([number, own]) => [chemicalSymbols[number]!, own] as const),
  );
}

interface Component {
  readonly name: string;
  readonly index: number;
}

function distinctComponents(
  shape: readonly number[],
  tensor: CheckedPropertyConfig['tensor'],
  values: Float64Array,
): Component[] {
  const count = componentsOf(shape);
  if (count === 1) return [{ name: '', index: 0 }];
  const rank = rankOf(shape, tensor);
  if (rank === undefined) {
    return Array.from({ length: count }, (_, index) => ({ name: String(index + 1), index }));
  }
  const square = values.reduce((sum, y) => sum + y * y, 0) / count;
  const isSame = (a: number, b: number) => {
    let difference = 0;
    for (let at = 0; at < values.length; at += count) {
      difference += (values[at + a]! - values[at + b]!) ** 2;
    }
    return difference <= negligible ** 2 * square;
  };
  const distinct: Component[] = [];
  for (let index = 0; index < count; index++) {
    const name = index
      .toString(3)
      .padStart(rank, '0')
      .replace(/./g, (digit) => 'xyz'[Number(digit)]!);
    const letters = [...name].sort().join('');
    const isThere = distinct.some(
      (other) => [...other.name].sort().join('') === letters && isSame(other.index, index),
    );
    if (!isThere) distinct.push({ name, index });
  }
  // The diagonal first: xx, yy, zz, then xy, xz, yz.
  return distinct.sort((a, b) => new Set(a.name).size - new Set(b.name).size || a.index - b.index);
}
