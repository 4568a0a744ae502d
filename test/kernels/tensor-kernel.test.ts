import { EquivariantPowerSpectrum, kernelDiagonal, kernelMatrix, sumKernel } from '../../ts';
import type { Samples, Structure } from '../../ts';
import { failing } from '../failing';
import { rotation, someStructures, transformed } from '../properties/structures';

const zeta = 2;
const kernel = { type: 'dot-product', zeta } as const;

/** Tensor features of rank λ with the scalars that they are normalised with. */
async function tensorsOf(structures: readonly Structure[], lambda: number): Promise<Samples> {
  const hyperparameters = { species: [1, 6, 8], basis: { maxAngular: 3, radial: { count: 3 } } };
  const of = async (rank: number) => {
    const { values, rows, columns } = await new EquivariantPowerSpectrum({
      ...hyperparameters,
      ranks: [rank],
    }).compute(structures);
    return { values: Float64Array.from(values), rows, columns };
  };
  return { ...(await of(lambda)), tensor: { lambda, scalars: await of(0) } };
}

const [structure] = someStructures(4, [1, 6, 8]) as [Structure];

test.each([1, 2])('blocks for λ = %d are the products of tensors, by formula', async (lambda) => {
  const x = await tensorsOf([structure], lambda);
  const { values, shape } = await kernelMatrix(x, undefined, kernel);
  const components = 2 * lambda + 1;
  const width = x.columns / components;
  const scalars = x.tensor!.scalars;
  const p = (i: number) => scalars.values.subarray(i * scalars.columns, (i + 1) * scalars.columns);
  const dot = (a: Float64Array, b: Float64Array) => a.reduce((sum, v, f) => sum + v * b[f]!, 0);
  const row = (i: number, mu: number) =>
    x.values.subarray(i * x.columns + mu * width, i * x.columns + (mu + 1) * width);
  expect(shape).toEqual([components * x.rows, components * x.rows]);
  kernelDiagonal(x, kernel).forEach((own, row) =>
    expect(own).toBeCloseTo(values[row * shape[1] + row]!, 12),
  );
  for (const [i, mu, j, nu] of [
    [0, 0, 1, 2],
    [2, 1, 2, 1],
    [3, 2, 0, 0],
  ] as const) {
    const norms = Math.hypot(...p(i)) * Math.hypot(...p(j));
    const wanted = (dot(row(i, mu), row(j, nu)) / norms) * (dot(p(i), p(j)) / norms) ** zeta;
    const found = values[(i * components + mu) * shape[1] + j * components + nu]!;
    expect(Math.abs(found - wanted)).toBeLessThan(1e-12);
    expect(values[(j * components + nu) * shape[1] + i * components + mu]).toBe(found);
  }
});

test('blocks turn with the environments: their squares stay', async () => {
  const turned = transformed(structure, rotation(3));
  const [x, y] = [await tensorsOf([structure], 2), await tensorsOf([turned], 2)];
  const [same, both] = [await kernelMatrix(x, undefined, kernel), await kernelMatrix(x, y, kernel)];
  const atoms = x.rows;
  for (let i = 0; i < atoms; i++) {
    for (let j = 0; j < atoms; j++) {
      const square = ({ values }: { values: Float64Array }) => {
        let sum = 0;
        for (let mu = 0; mu < 5; mu++)
          for (let nu = 0; nu < 5; nu++) sum += values[(i * 5 + mu) * 5 * atoms + j * 5 + nu]! ** 2;
        return sum;
      };
      expect(square(both)).toBeCloseTo(square(same), 10);
    }
  }
});

test('a structure has the sum of the rows of its environments', async () => {
  const x = await tensorsOf([structure], 1);
  const sum = await sumKernel(x, Int32Array.of(0, x.rows), x, kernel);
  const all = await kernelMatrix(x, undefined, kernel);
  const width = all.shape[1];
  for (let mu = 0; mu < 3; mu++) {
    for (let column = 0; column < width; column++) {
      let wanted = 0;
      for (let i = 0; i < x.rows; i++) wanted += all.values[(3 * i + mu) * width + column]!;
      expect(sum.values[mu * width + column]).toBeCloseTo(wanted, 11);
    }
  }
});

test('says what is wrong with tensors', async () => {
  const x = await tensorsOf([structure], 1);
  const scalars = { ...x.tensor!.scalars, rows: 1, values: x.tensor!.scalars.values.slice(0, 1) };
  await expect(
    kernelMatrix({ ...x, tensor: { lambda: 1, scalars } }, undefined, kernel),
  ).rejects.toEqual(failing({ code: 'INVALID_INPUT' }));
  await expect(kernelMatrix(x, x.tensor!.scalars, kernel)).rejects.toEqual(
    failing({ code: 'INVALID_INPUT', path: 'y' }),
  );
});
