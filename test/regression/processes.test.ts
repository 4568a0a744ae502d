import { GaussianProcess, kernelMatrixSync, ProjectedPosterior, ProjectedProcess } from '../../ts';
import type { Matrix } from '../../ts';
import { randomNumbers } from '../../ts/common/random';
import { failing } from '../failing';

const random = randomNumbers(3);
const matrix = (rows: number, columns: number, of: (i: number, j: number) => number): Matrix => ({
  values: Float64Array.from({ length: rows * columns }, (_, at) =>
    of(Math.floor(at / columns), at % columns),
  ),
  shape: [rows, columns],
});
const at = ({ values, shape }: Matrix, i: number, j: number) => values[i * shape[1] + j]!;
const transposed = (a: Matrix) => matrix(a.shape[1], a.shape[0], (i, j) => at(a, j, i));
const product = (a: Matrix, b: Matrix) =>
  matrix(a.shape[0], b.shape[1], (i, j) => {
    let sum = 0;
    for (let k = 0; k < a.shape[1]; k++) sum += at(a, i, k) * at(b, k, j);
    return sum;
  });
const rowsOf = (a: Matrix, rows: readonly number[]) =>
  matrix(rows.length, a.shape[1], (i, j) => at(a, rows[i]!, j));
const columnsOf = (a: Matrix, columns: readonly number[]) =>
  transposed(rowsOf(transposed(a), columns));

/** Inverse and ln |A| of a positive definite matrix, by Gauss and Jordan. */
function inverse(a: Matrix): { inverse: Matrix; logDeterminant: number } {
  const [n] = a.shape;
  const rows = Array.from({ length: n }, (_, i) => [
    ...Array.from({ length: n }, (_, j) => at(a, i, j)),
    ...Array.from({ length: n }, (_, j) => Number(i === j)),
  ]);
  let logDeterminant = 0;
  for (let k = 0; k < n; k++) {
    const pivot = rows[k]![k]!;
    logDeterminant += Math.log(pivot);
    rows[k] = rows[k]!.map((x) => x / pivot);
    for (let i = 0; i < n; i++) {
      if (i === k) continue;
      const factor = rows[i]![k]!;
      rows[i] = rows[i]!.map((x, j) => x - factor * rows[k]![j]!);
    }
  }
  return { inverse: matrix(n, n, (i, j) => rows[i]![n + j]!), logDeterminant };
}

const inputs = matrix(60, 3, () => 4 * random() - 2);
const samples = { values: inputs.values, rows: 60, columns: 3 };
const kernelOf = (width: number) =>
  kernelMatrixSync(samples, undefined, { type: 'gaussian', width });
const all = kernelOf(1.2);
const targets = matrix(60, 2, (i, t) =>
  t === 0
    ? Math.sin(at(inputs, i, 0)) + at(inputs, i, 1)
    : Math.cos(at(inputs, i, 2)) + 0.1 * random(),
);
const [known, unknown] = [[...Array(45).keys()], Array.from({ length: 15 }, (_, i) => 45 + i)];
const kernel = columnsOf(rowsOf(all, known), known);
const labels = rowsOf(targets, known);
const noise = 0.1;
const weights = Float64Array.from(known, (i) => 0.5 + (i % 3));
const withNoise = matrix(
  45,
  45,
  (i, j) => at(kernel, i, j) + (i === j ? noise ** 2 / weights[i]! : 0),
);

const expectClose = (a: ArrayLike<number>, b: ArrayLike<number>, digits = 8) => {
  expect(a.length).toBe(b.length);
  const errors = Array.from(a, (x, i) => Math.abs(x - b[i]!) / Math.max(1, Math.abs(b[i]!)));
  expect(Math.max(...errors)).toBeLessThan(10 ** -digits);
};

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
    const gradient = await process.logMarginalLikelihoodGradient([derivative], { noise });
    const slope = async (a: [number, number], b: [number, number], step: number) =>
      ((await likelihood(...a)).value - (await likelihood(...b)).value) / (2 * step);
    expectClose(gradient.kernel, [await slope([1.2 + h, noise], [1.2 - h, noise], h)], 5);
    expectClose([gradient.noise], [await slope([1.2, noise + 1e-5], [1.2, noise - 1e-5], 1e-5)], 5);
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

describe('projected process', () => {
  const points = [0, 5, 9, 14, 20, 27, 33, 38, 41];
  const pointKernel = columnsOf(rowsOf(all, points), points);
  const rows = columnsOf(rowsOf(all, known), points);
  const make = async (without: readonly number[] = [], threads = 1) => {
    const process = await ProjectedProcess.create(pointKernel, { groups: 3, targets: 2, threads });
    for (const group of [0, 1, 2]) {
      const own = known.filter((i) => i % 3 === group);
      await process.add(rowsOf(rows, own), rowsOf(labels, own), {
        group,
        threads,
        weights: Float64Array.from(own, (i) => weights[i]!),
      });
    }
    return { process, solution: await process.solve({ noise, without, threads }) };
  };
  /** (K_MM + σ⁻² K_NMᵀ W K_NM)⁻¹ σ⁻² K_NMᵀ W y. */
  const expected = (fitted: readonly number[]) => {
    const k = rowsOf(rows, fitted);
    const weighted = matrix(
      points.length,
      fitted.length,
      (m, i) => at(k, i, m) * weights[fitted[i]!]!,
    );
    const square = product(weighted, k);
    const system = matrix(
      points.length,
      points.length,
      (i, j) => at(pointKernel, i, j) + at(square, i, j) / noise ** 2,
    );
    const right = product(weighted, rowsOf(labels, fitted));
    const { inverse: inverted } = inverse(system);
    return {
      inverted,
      weights: product(inverted, { ...right, values: right.values.map((x) => x / noise ** 2) }),
    };
  };

  test.each([[[]], [[1]], [[0, 2]]])(
    'has the weights of the formula without groups %j',
    async (without: number[]) => {
      const { solution } = await make(without);
      const fitted = known.filter((i) => !without.includes(i % 3));
      const { weights: wanted } = expected(fitted);
      expectClose(product(rows, solution.weights).values, product(rows, wanted).values, 7);
      for (const group of [0, 1, 2]) {
        const own = known.filter((i) => i % 3 === group);
        const predicted = product(rowsOf(rows, own), wanted);
        for (const t of [0, 1]) {
          const total = own.reduce((sum, i) => sum + weights[i]!, 0);
          const square = own.reduce(
            (sum, i, r) => sum + weights[i]! * (at(predicted, r, t) - at(labels, i, t)) ** 2,
            0,
          );
          expect(at(solution.errors, group, t)).toBeCloseTo(Math.sqrt(square / total), 7);
        }
      }
    },
  );

  test('members of a committee are solutions without their groups', async () => {
    const { process, solution } = await make();
    const without = [[1], [0, 2], []];
    const { values, shape } = await process.members({ noise, without });
    expect(shape).toEqual([points.length, 6]);
    for (const [i, groups] of without.entries()) {
      const alone = (await make(groups)).solution.weights;
      for (let m = 0; m < points.length; m++) {
        for (const t of [0, 1]) expect(values[m * 6 + 2 * i + t]).toBe(at(alone, m, t));
      }
    }
    // The posterior still is that of the last solution.
    const { process: other } = await make();
    expect(await process.posteriorFactor()).toEqual(await other.posteriorFactor());
    expect(solution.weights.shape).toEqual([points.length, 2]);
    await expect(process.members({ noise, without: [[3]] })).rejects.toEqual(
      failing({ code: 'INVALID_INPUT', path: 'without' }),
    );
  });

  test('has the variances of the formula, also when made again', async () => {
    const { process } = await make();
    const posterior = await ProjectedPosterior.create(pointKernel, await process.posteriorFactor());
    const k = columnsOf(rowsOf(all, unknown), points);
    const variance = await posterior.variance(k, new Float64Array(15).fill(1));
    const { inverted } = expected(known);
    const prior = product(product(k, inverse(pointKernel).inverse), transposed(k));
    const left = product(product(k, inverted), transposed(k));
    expectClose(
      variance,
      unknown.map((_, i) => 1 - at(prior, i, i) + at(left, i, i)),
      5,
    );
  });

  test('with all samples as points is the full process', async () => {
    const process = await ProjectedProcess.create(kernel, { targets: 2 });
    await process.add(kernel, labels, { weights });
    const { weights: solved } = await process.solve({ noise });
    const full = await GaussianProcess.fit(kernel, labels, { noise, weights });
    const k = columnsOf(rowsOf(all, unknown), known);
    expectClose(product(k, solved).values, (await full.predict(k)).values, 5);
  });

  test('copies among the points do no harm', async () => {
    const twice = [...points, ...points];
    const process = await ProjectedProcess.create(columnsOf(rowsOf(all, twice), twice), {
      targets: 2,
    });
    await process.add(columnsOf(rowsOf(all, known), twice), labels, { weights });
    const { weights: solved } = await process.solve({ noise });
    const predicted = product(columnsOf(rowsOf(all, unknown), twice), solved);
    const wanted = product(columnsOf(rowsOf(all, unknown), points), expected(known).weights);
    expectClose(predicted.values, wanted.values, 4);
  });

  test('is the same for any number of threads', async () => {
    const solutions = await Promise.all([1, 2, 3].map((threads) => make([], threads)));
    const bytes = solutions.map(({ solution }) =>
      Buffer.from(solution.weights.values.buffer).toString('base64'),
    );
    expect(new Set(bytes).size).toBe(1);
  });
});

test.each([
  [
    'a label that is NaN',
    () =>
      GaussianProcess.fit(
        kernel,
        matrix(45, 1, (i) => (i === 7 ? NaN : 0)),
        { noise },
      ),
    /targets: row 7, column 0: expected a finite number, got NaN/,
  ],
  [
    'a kernel that is NaN',
    () =>
      GaussianProcess.fit(
        matrix(45, 45, (i, j) => (i === 3 && j === 5 ? NaN : at(kernel, i, j))),
        labels,
        { noise },
      ),
    /kernel: row 3, column 5: expected a finite number, got NaN/,
  ],
  [
    'a new kernel that is NaN',
    async () => {
      const process = await GaussianProcess.fit(kernel, labels, { noise });
      return process.predict(matrix(2, 45, (i) => (i === 1 ? NaN : 0)));
    },
    /kernel: row 1, column 0: expected a finite number, got NaN/,
  ],
  [
    'a matrix that is not symmetric',
    () =>
      GaussianProcess.fit(
        matrix(45, 45, (i, j) => at(kernel, i, j) + (i === 9 && j === 4 ? 0.5 : 0)),
        labels,
        { noise },
      ),
    /kernel: expected a symmetric matrix, got .* in row 9, column 4 and .* in row 4, column 9/,
  ],
  [
    'points whose matrix is not symmetric',
    () => ProjectedProcess.create(matrix(2, 2, (i, j) => (i > j ? 0.5 : 1))),
    /pointKernel: expected a symmetric matrix/,
  ],
  [
    'too few labels',
    () =>
      GaussianProcess.fit(
        kernel,
        matrix(44, 1, () => 0),
        { noise },
      ),
    /targets\.shape\[0\]: expected 45, got 44/,
  ],
  [
    'no noise',
    () => GaussianProcess.fit(kernel, labels, { noise: 0 }),
    /noise: expected a number > 0, got 0/,
  ],
  [
    'a weight of zero',
    () => GaussianProcess.fit(kernel, labels, { noise, weights: new Float64Array(45) }),
    /weights\[0\]: expected a number > 0/,
  ],
  [
    'a matrix that is not square',
    () => ProjectedProcess.create(rowsOf(kernel, [0, 1])),
    /pointKernel\.shape\[0\]: expected 45, got 2/,
  ],
] as const)('says what is wrong: %s', async (_, call, message) => {
  await expect(call()).rejects.toThrow(
    failing({ code: 'INVALID_INPUT', message: expect.stringMatching(message) }),
  );
});

test('a matrix that is no kernel is refused', async () => {
  const wrong = matrix(3, 3, (i, j) => (i === j ? 1 : 2));
  await expect(
    GaussianProcess.fit(
      wrong,
      matrix(3, 1, () => 1),
      { noise },
    ),
  ).rejects.toThrow(failing({ code: 'NUMERICAL', message: expect.stringMatching(/larger noise/) }));
  await expect(ProjectedProcess.create(wrong)).rejects.toThrow(failing({ code: 'NUMERICAL' }));
});
