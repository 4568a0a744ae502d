import type { AnyEnvironmentRepresentation, EnvironmentHyperparameters } from '../../ts';
import { farthestPointsSync, InvalidInputError } from '../../ts';
import { createEnvironmentRepresentation as createRepresentation } from '../../ts/representations/environments';
import { someStructures } from '../properties/structures';

const environment = {
  cutoff: { radius: 3, smoothing: { width: 0.7 } },
  basis: { maxAngular: 3, radial: { count: 4 } },
  species: [1, 8],
};

const representations: Readonly<Record<string, EnvironmentHyperparameters>> = {
  'power spectrum': { ...environment },
  'power spectrum of one element': { ...environment, species: [14] },
  'power spectrum of mixed densities': {
    ...environment,
    coupling: { type: 'same-element' },
  },
  'radial spectrum': {
    type: 'radial-spectrum',
    cutoff: environment.cutoff,
    basis: { radial: { count: 9 } },
    species: [1, 8],
  },
  bispectrum: {
    type: 'bispectrum',
    ...environment,
    basis: { maxAngular: 2, radial: { count: 2 } },
  },
  'atomic cluster expansion': { type: 'ace', ...environment, maxOrder: 4, maxDegree: 7 },
  'equivariant power spectrum': {
    type: 'equivariant-power-spectrum',
    ...environment,
    ranks: [0, 1],
    parity: 'both',
  },
  'spherical expansion': { type: 'spherical-expansion', ...environment },
};

/** About a third of the columns; of tensors, whole ones. */
function someColumns(representation: AnyEnvironmentRepresentation): number[] {
  const taken = (k: number): boolean => Math.sin(1 + 5 * k) > 0.3;
  if (!('blocks' in representation)) {
    return representation.labels.flatMap((_, k) => (taken(k) ? [k] : []));
  }
  return representation.blocks.flatMap(({ column, lambda, functions }) =>
    Array.from({ length: (2 * lambda + 1) * functions }, (_, k) => k).flatMap((k) =>
      taken(column + (k % functions)) ? [column + k] : [],
    ),
  );
}

const pick = (values: Float64Array, width: number, columns: readonly number[]): Float64Array =>
  Float64Array.from({ length: (values.length / width) * columns.length }, (_, k) => {
    const row = Math.floor(k / columns.length);
    return values[row * width + columns[k % columns.length]!]!;
  });

function expectClose(found: Float64Array, expected: Float64Array): void {
  const largest = expected.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
  const error = expected.reduce((most, x, k) => Math.max(most, Math.abs(x - found[k]!)), 0);
  expect(found).toHaveLength(expected.length);
  expect(error).toBeLessThanOrEqual(1e-12 * largest);
}

describe.each(Object.entries(representations))('selected columns of a %s', (_, given) => {
  const full = createRepresentation(given);
  const columns = someColumns(full);
  const few: AnyEnvironmentRepresentation = full.select([...columns].reverse());
  const structures = someStructures(5, full.hyperparameters.species);
  const atoms = structures.reduce((sum, { length }) => sum + length, 0);
  const width = full.features;

  test('have the shape and the labels of the columns', () => {
    expect(few.features).toBe(columns.length);
    expect(few.hyperparameters.columns).toEqual(columns);
    expect(few.labels).toEqual(columns.map((column) => full.labels[column]));
    expect(few.shape(structures)).toMatchObject({ rows: atoms, columns: columns.length });
  });

  test('have their values', () => {
    const { values } = full.computeSync(structures);
    expectClose(few.computeSync(structures).values, pick(values, width, columns));
  });

  test('have their derivatives', async () => {
    const gradient = Float64Array.from({ length: atoms * columns.length }, (_, k) => Math.sin(k));
    const scattered = new Float64Array(atoms * width);
    gradient.forEach((x, k) => {
      const at = columns[k % columns.length]!;
      scattered[Math.floor(k / columns.length) * width + at] = x;
    });
    const found = few.vjpSync(structures, gradient);
    const expected = full.vjpSync(structures, scattered);
    expectClose(found.positions, expected.positions);
    expectClose(found.strain, expected.strain);
    const rows = (await full.jacobian(structures)).computeSync();
    expectClose((await few.jacobian(structures)).computeSync(), pick(rows, width, columns));
  });

  test('are the same from their JSON form, and of a selection', () => {
    const json = JSON.parse(JSON.stringify(few.hyperparameters)) as EnvironmentHyperparameters;
    expect(createRepresentation(json).labels).toEqual(few.labels);
    if (few.labels.some((label) => 'mu' in label && label.lambda > 0)) return;
    const fewer = few.select([0, 2, few.features - 1]);
    expect(fewer.hyperparameters.columns).toEqual([columns[0], columns[2], columns.at(-1)]);
    expect(fewer.labels).toEqual([0, 2, few.features - 1].map((column) => few.labels[column]));
  });
});

test('rows are divided by the norm of what is selected', () => {
  const full = createRepresentation(environment);
  const few = createRepresentation({ ...environment, normalize: true, columns: [3, 7, 50] });
  const structures = someStructures(5, [1, 8]);
  const row = pick(full.computeSync(structures).values, full.features, [3, 7, 50]).subarray(0, 3);
  const norm = Math.hypot(...row);
  expectClose(
    few.computeSync(structures).values.subarray(0, 3),
    row.map((x) => x / norm),
  );
});

test('columns of farthest points span the others', () => {
  const full = createRepresentation(environment);
  const structures = someStructures(5, [1, 8]);
  const { values, rows, columns } = full.computeSync(structures);
  const { indices } = farthestPointsSync({ values, shape: [rows, columns] }, 10, {
    axis: 'columns',
  });
  expect(full.select(indices).features).toBe(10);
});

test.each([
  [{ columns: [2, 1] }, /columns: expected ascending, distinct/],
  [{ columns: [] }, /columns: expected at least one/],
  [{ columns: [1.5] }, /columns\[0\]: expected an integer/],
  [{ columns: [144] }, /columns: expected indices of the 144 columns, got 144/],
  [{ columns: [144], coupling: { type: 'same-element' } }, /columns: expected indices of the \d+ /],
  [
    { type: 'equivariant-power-spectrum', ranks: [1], columns: [0] },
    /columns: expected all components μ = −λ … λ of a tensor or none, got some of one of rank 1/,
  ],
] as const)('%j is refused', (given, message) => {
  const make = () => createRepresentation({ ...environment, ...given });
  expect(make).toThrow(InvalidInputError);
  expect(make).toThrow(message);
});

test('a column that is not there cannot be selected', () => {
  const full = createRepresentation(environment);
  for (const columns of [[full.features], [1, 1], []]) {
    expect(() => full.select(columns)).toThrow(InvalidInputError);
  }
});
