import { Structure } from '../../../ts';
import { portionsOf } from '../../../ts/models/property/portions';

const water = new Structure({
  species: ['O', 'H', 'H'],
  positions: new Float64Array(9).map((_, i) => i),
});
const portions = (
  per: 'structure' | 'atom',
  shape: number[],
  values: readonly number[],
  isTensor = true,
) =>
  Object.fromEntries(
    portionsOf({ name: 'x', per, shape }, isTensor, [water, water], Float64Array.from(values)),
  );
const count = (length: number) => Array.from({ length }, (_, i) => i + 1);

test('a number for each structure is whole', () => {
  expect(portions('structure', [], [1, 2])).toEqual({ '': [0, 1] });
});

test('properties of atoms are divided by element, components together', () => {
  expect(portions('atom', [], count(6))).toEqual({ H: [1, 2, 4, 5], O: [0, 3] });
  const { O } = portions('atom', [3], count(18));
  expect(O).toEqual([0, 1, 2, 9, 10, 11]);
});

test('vectors have x, y and z; numbers without direction are counted', () => {
  expect(portions('structure', [3], count(6))).toEqual({ x: [0, 3], y: [1, 4], z: [2, 5] });
  expect(Object.keys(portions('structure', [3], count(6), false))).toEqual(['1', '2', '3']);
});

test('components that are the same by symmetry are there once', () => {
  const symmetric = [1, 4, 5, 4, 2, 6, 5, 6, 3];
  const both = [...symmetric, ...symmetric.map((value) => 2 * value)];
  const found = portions('structure', [3, 3], both);
  expect(Object.keys(found)).toEqual(['xx', 'yy', 'zz', 'xy', 'xz', 'yz']);
  expect(found.xz).toEqual([2, 11]);
  const other = [...symmetric, ...count(9)];
  expect(Object.keys(portions('structure', [3, 3], other))).toHaveLength(9);
  // Equal by chance, and not by symmetry.
  expect(Object.keys(portions('structure', [3], [1, 1, 1, 2, 2, 2]))).toEqual(['x', 'y', 'z']);
});

test('too many components are not told apart', () => {
  expect(Object.keys(portions('structure', [3, 3, 3], count(54)))).toEqual(['']);
  expect(Object.keys(portions('structure', [20], count(40)))).toEqual(['']);
});
