import { propertyLabels, Structure } from '../../ts';
import type { AtomArray, InfoValue } from '../../ts';
import { failing } from '../failing';

const molecule = (
  info: Record<string, InfoValue>,
  arrays: Record<string, AtomArray> = {},
  atoms = 2,
) =>
  new Structure({
    species: Array.from({ length: atoms }, () => 'H'),
    positions: Array.from({ length: 3 * atoms }, (_, i) => i),
    info,
    arrays,
  });
const numbers = (count: number, shape: number[]) => ({
  data: Float64Array.from({ length: count }, (_, i) => i),
  shape,
});

test.each([
  ['a number', 3.5, []],
  ['one number in an array', numbers(1, [1]), []],
  ['a vector', numbers(3, [3]), [3]],
  ['a matrix', numbers(9, [3, 3]), [3, 3]],
  ['nine numbers', numbers(9, [9]), [3, 3]],
  ['twenty-seven numbers', numbers(27, [27]), [3, 3, 3]],
  ['other numbers', numbers(4, [4]), [4]],
])('of structures: %s', (_, value, shape) => {
  const labels = propertyLabels([molecule({ x: value }), molecule({ x: value })], 'x');
  expect(labels).toMatchObject({ name: 'x', per: 'structure', shape });
  const sample = typeof value === 'number' ? [value] : [...value.data];
  expect([...labels.values]).toEqual([...sample, ...sample]);
});

test.each([
  ['numbers', numbers(2, [2]), []],
  ['vectors', numbers(6, [2, 3]), [3]],
  ['matrices', numbers(18, [2, 9]), [3, 3]],
])('of atoms: %s', (_, value, shape) => {
  const labels = propertyLabels([molecule({}, { x: value })], 'x');
  expect(labels).toMatchObject({ name: 'x', per: 'atom', shape, values: value.data });
});

test.each([
  ['no structure has it', [molecule({ y: 1 })], /target: no structure has x; there is y/],
  ['one lacks it', [molecule({ x: 1 }), molecule({})], /structures\[1\].*got nothing/],
  [
    'another shape',
    [molecule({ x: 1 }), molecule({ x: numbers(3, [3]) })],
    /expected a number, as/,
  ],
  ['not a number', [molecule({ x: 'high' })], /got "high"/],
  ['not finite', [molecule({ x: 1 }), molecule({ x: NaN })], /structures\[1\].*finite.*NaN/],
  [
    'not finite for an atom',
    [molecule({}, { x: { data: Float64Array.of(0, Infinity), shape: [2] } })],
    /Infinity for atom 1/,
  ],
] as const)('says what is wrong: %s', (_, structures, message) => {
  expect(() => propertyLabels(structures, 'x')).toThrow(
    failing({ code: 'INVALID_INPUT', message: expect.stringMatching(message) }),
  );
});
