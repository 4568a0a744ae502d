import { GaussianProcess } from '../../ts';
import type { Matrix } from '../../ts';
import {
  matrix,
  at,
  transposed,
  product,
  rowsOf,
  columnsOf,
  inverse,
  kernelOf,
  all,
  kernel,
  labels,
  noise,
  weights,
  withNoise,
  expectClose,
  known,
  unknown,
} from './processes';

describe('Gaussian process', () => {
  const solved = inverse(withNoise);

  test('has the weights, predictions and variances of the formulas', async () => {
    const process = await GaussianProcess.fit(kernel, labels, { noise, weights });
    expectClose(process.weights.values, product(solved.inverse, labels).values);
    const rows = columnsOf(rowsOf(all, unknown), known);
    const predictions = await process.predict(rows);
    expectClose(predictions.values, product(rows, product(solved.inverse, labels)).values);
    const own = new Float64Array(15).fill(1);
    const explained = product(product(rows, solved.inverse), transposed(rows));
    const variances = await process.variance(rows, own);
    expectClose(
      variances,
      Array.from(own, (k, i) => k - at(explained, i, i)),
    );
  });

  test('leaves one out as if it had been fitted without it', async () => {
    const process = await GaussianProcess.fit(kernel, labels, { noise, weights });
    const { predictions, variances } = await process.leaveOneOut();
    for (const left of [0, 17, 44]) {
      const others = known.filter((i) => i !== left);
      const without = await GaussianProcess.fit(
        columnsOf(rowsOf(kernel, others), others),
        rowsOf(labels, others),
        { noise, weights: Float64Array.from(others, (i) => weights[i]!) },
      );
      const row = columnsOf(rowsOf(kernel, [left]), others);
      const predicted = await without.predict(row);
      expectClose(predicted.values, [at(predictions, left, 0), at(predictions, left, 1)]);
      const [variance] = await without.variance(row, Float64Array.of(1));
      expectClose([variances[left]!], [variance! + noise ** 2 / weights[left]!]);
    }
  });

  test('leaves groups out as if it had been fitted without them', async () => {
    const process = await GaussianProcess.fit(kernel, labels, { noise, weights });
    const first = Int32Array.of(0, 4, 4, 30, 45);
    const predictions = await process.leaveGroupsOut(first);
    for (const [from, to] of [
      [0, 4],
      [4, 30],
      [30, 45],
    ]) {
      const left = known.filter((i) => i >= from! && i < to!);
      const others = known.filter((i) => i < from! || i >= to!);
      const without = await GaussianProcess.fit(
        columnsOf(rowsOf(kernel, others), others),
        rowsOf(labels, others),
        { noise, weights: Float64Array.from(others, (i) => weights[i]!) },
      );
      const predicted = await without.predict(columnsOf(rowsOf(kernel, left), others));
      expectClose(rowsOf(predictions, left).values, predicted.values);
    }
    const single = await process.leaveGroupsOut(Int32Array.from([...known, 45]));
    expectClose(single.values, (await process.leaveOneOut()).predictions.values);
  });

  test.each([[[0, 4, 40]], [[1, 45]], [[0, 9, 5, 45]], [[]]])(
    'refuses groups that are not all samples in order: %j',
    async (first) => {
      const process = await GaussianProcess.fit(kernel, labels, { noise, weights });
      await expect(process.leaveGroupsOut(Int32Array.from(first))).rejects.toThrow(
        'first: expected first samples of groups, from 0 to 45',
      );
    },
  );

  test('has the likelihood of the formula, and its slopes', async () => {
    const likelihood = async (width: number, sigma: number) => {
      const process = await GaussianProcess.fit(
        columnsOf(rowsOf(kernelOf(width), known), known),
        labels,
        { noise: sigma, weights },
      );
      return { process, value: process.logMarginalLikelihood() };
    };
    const { process, value } = await likelihood(1.2, noise);
    const data = product(transposed(labels), product(solved.inverse, labels));
    const trace = at(data, 0, 0) + at(data, 1, 1);
    const expected = -trace / 2 - solved.logDeterminant - 45 * Math.log(2 * Math.PI);
    expectClose([value], [expected]);

    const h = 1e-4;
    const derivative = matrix(45, 45, (i, j) => {
      const [more, less] = [kernelOf(1.2 + h), kernelOf(1.2 - h)];
      return (at(more, i, j) - at(less, i, j)) / (2 * h);
    });
    const gradient = await process.logMarginalLikelihoodGradient([derivative]);
    expect(process.noise).toBe(noise);
    const slope = async (a: [number, number], b: [number, number], step: number) =>
      ((await likelihood(...a)).value - (await likelihood(...b)).value) / (2 * step);
    expectClose(gradient.kernel, [await slope([1.2 + h, noise], [1.2 - h, noise], h)], 5);
    expectClose([gradient.noise], [await slope([1.2, noise + 1e-5], [1.2, noise - 1e-5], 1e-5)], 5);
  });

  test('a kernel that is not finite is named, wherever it is given', async () => {
    const holed = ({ values, shape }: Matrix, x: number): Matrix => ({
      values: values.with(shape[1] + 3, x),
      shape,
    });
    const rows = columnsOf(rowsOf(all, unknown), known);
    const process = await GaussianProcess.fit(kernel, labels, { noise });
    const own = new Float64Array(15).fill(1);
    for (const x of [NaN, Infinity, -Infinity]) {
      const message = `kernel: row 1, column 3: expected a finite number, got ${x}`;
      const fit = GaussianProcess.fit(holed(kernel, x), labels, { noise });
      await expect(fit).rejects.toThrow(message);
      await expect(process.predict(holed(rows, x))).rejects.toThrow(message);
      await expect(process.variance(holed(rows, x), own)).rejects.toThrow(message);
    }
  });

  test('equal samples are no harm while there is noise; constant targets neither', async () => {
    const ones = matrix(3, 3, () => 1);
    const process = await GaussianProcess.fit(
      ones,
      matrix(3, 1, () => 2),
      { noise },
    );
    const predicted = await process.predict(matrix(1, 3, () => 1));
    expect(predicted.values[0]).toBeCloseTo(2 * (3 / (3 + noise ** 2)), 12);
  });

  test('is the same for any number of threads, also where blocks are many', async () => {
    const size = 500;
    const big = matrix(size, size, (i, j) => Math.exp(-(((i - j) / 40) ** 2)));
    const y = matrix(size, 1, (i) => Math.sin(i / 30));
    const fits = await Promise.all(
      [1, 2, 3].map((threads) => GaussianProcess.fit(big, y, { noise: 0.05, threads })),
    );
    const bytes = fits.map((fit) => Buffer.from(fit.weights.values.buffer).toString('base64'));
    expect(new Set(bytes).size).toBe(1);
    expectClose(
      product(big, fits[0]!.weights).values.map(
        (x, i) => x + 0.05 ** 2 * fits[0]!.weights.values[i]!,
      ),
      y.values,
      7,
    );
  });
});
