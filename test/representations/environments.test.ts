import { createRepresentation, StructureAverage } from '../../ts';
import type { Environment, RepresentationHyperparameters } from '../../ts';
import { failing } from '../failing';
import { someStructures } from '../properties/structures';

const species = [1, 8];
const basis = { maxAngular: 2, radial: { count: 3 } };
const common = { cutoff: { radius: 2.5 }, basis, species };
const structures = [...someStructures(7, species), ...someStructures(30, species)];
const [first] = structures;
const all = structures.flatMap(({ length }, s) =>
  Array.from({ length }, (_, atom): Environment => [s, atom]),
);
// Every third, in an order that is not that of the atoms.
const some = all.filter((_, i) => i % 3 === 0).reverse();

const representations: Record<string, RepresentationHyperparameters> = {
  'a power spectrum': { ...common, normalize: true },
  'a radial spectrum': { ...common, type: 'radial-spectrum', basis: { radial: { count: 3 } } },
  'a λ-SOAP': { ...common, type: 'equivariant-power-spectrum', ranks: [0, 1] },
  'a concatenation': {
    type: 'concatenation',
    parts: [
      { weight: 0.5, representation: common },
      { weight: 2, representation: { ...common, type: 'bispectrum', cutoff: { radius: 3.5 } } },
    ],
  },
};

describe.each(Object.entries(representations))('chosen environments of %s', (_, parameters) => {
  const representation = createRepresentation(parameters);
  const { values, columns } = representation.computeSync(structures);
  const rows = new Map(all.map((environment, i) => [String(environment), i]));
  const expected = Float64Array.from(
    some.flatMap((environment) => {
      const row = rows.get(String(environment))!;
      return Array.from(values.subarray(row * columns, (row + 1) * columns));
    }),
  );

  test.each([1, 2])('have the rows that they have among all, on %s threads', async (threads) => {
    const options = { environments: some, threads };
    const found = representation.computeSync(structures, options);
    expect(found).toEqual({
      values: expected,
      rows: some.length,
      columns,
      shape: [some.length, columns],
    });
    expect(await representation.compute(structures, options)).toEqual(found);
    const single = representation.computeSync(structures, { ...options, precision: 'float32' });
    expect(single.values).toEqual(Float32Array.from(expected));
  });

  test('fill the array that is given', () => {
    const out = new Float64Array(expected.length + 1);
    const found = representation.computeSync(structures, { environments: some, out });
    expect(found.values.buffer).toBe(out.buffer);
    expect(found.values).toEqual(expected);
  });
});

test('results beyond the caches have the same rows', () => {
  const representation = createRepresentation({ ...common, basis: { maxAngular: 6 } });
  const copies = Math.ceil(2 ** 21 / representation.features);
  const many = Array.from({ length: copies }, () => first!);
  const environments = many.map((_, s): Environment => [copies - 1 - s, s % first!.length]);
  const expected = representation.computeSync([first!]).values;
  const { values, columns } = representation.computeSync(many, { environments });
  expect(values.byteLength).toBeGreaterThan(2 ** 23);
  const rows = new Float64Array(values.length);
  for (const [row, [, atom]] of environments.entries()) {
    rows.set(expected.subarray(atom * columns, (atom + 1) * columns), row * columns);
  }
  // Millions of numbers, which toEqual would take seconds for.
  expect(Buffer.from(values.buffer).equals(Buffer.from(rows.buffer))).toBe(true);
});

describe('environments', () => {
  const representation = createRepresentation(common);
  const choose = (environments: readonly Environment[]) => () =>
    representation.computeSync(structures, { environments });

  test('may be none', () => {
    expect(choose([])()).toMatchObject({ rows: 0, values: new Float64Array(0) });
    const ofNothing = representation.computeSync([], { environments: [] });
    expect(ofNothing).toMatchObject({ rows: 0, values: new Float64Array(0) });
  });

  const count = first!.length;
  const among = `expected one of ${count} atoms of structure 0, counted from 0, got`;
  test.each<[string, Environment[], string]>([
    [
      'an atom too many',
      [
        [0, 0],
        [0, count],
      ],
      `environments[1]: ${among} [0, ${count}]`,
    ],
    ['an atom before the first', [[0, -1]], `environments[0]: ${among} [0, -1]`],
    ['half an atom', [[0, 0.5]], `environments[0]: ${among} [0, 0.5]`],
    [
      'a structure too many',
      [[structures.length, 0]],
      `environments[0]: expected one of ${structures.length} structures, counted from 0, got [${structures.length}, 0]`,
    ],
    [
      'one that comes twice',
      [
        [1, 0],
        [0, 1],
        [1, 0],
      ],
      'environments[2]: atom 0 of structure 1 is asked for twice, first in row 0',
    ],
  ])('refuses %s', (_, environments, message) => {
    expect(choose(environments)).toThrow(failing({ name: 'InvalidInputError', message }));
  });

  test('are not what rows of structures are made for', async () => {
    const average = new StructureAverage({ of: common });
    const made = average.compute(structures, { environments: some });
    await expect(made).rejects.toThrow(failing({ path: 'environments' }));
  });
});
