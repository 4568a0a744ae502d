import { jsonParts } from '../../ts/common/json';

test.each([
  {},
  { list: [] },
  { nothing: undefined, text: 'a "b"', number: null },
  { nested: { list: [1, 2] }, list: [[1], { a: 'é' }, null] },
  { long: Array.from({ length: 2500 }, (_, k) => ({ k })), last: true },
])('the parts of JSON are what JSON.stringify gives in one', (value) => {
  expect([...jsonParts(value)].join('')).toBe(JSON.stringify(value));
});

test('no part of a long list is long', () => {
  const parts = [...jsonParts({ long: new Array<number>(100_000).fill(12) })];
  expect(Math.max(...parts.map(({ length }) => length))).toBeLessThan(5000);
});
