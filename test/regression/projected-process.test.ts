import { GaussianProcess, ProjectedPosterior, ProjectedProcess } from '../../ts';
import { failing } from '../failing';
import {
  matrix,
  at,
  transposed,
  product,
  rowsOf,
  columnsOf,
  inverse,
  all,
  kernel,
  labels,
  noise,
  weights,
  expectClose,
  known,
  unknown,
} from './processes';

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

  test('does calls on it one after the other, and those after one that fails', async () => {
    const { process: expected } = await make();
    const process = await ProjectedProcess.create(pointKernel, { groups: 3, targets: 2 });
    const factor = process.posteriorFactor(); // there is no solution yet
    const adding = [0, 1, 2].map((group) => {
      const own = known.filter((i) => i % 3 === group);
      const options = { group, weights: Float64Array.from(own, (i) => weights[i]!) };
      return process.add(rowsOf(rows, own), rowsOf(labels, own), options);
    });
    const solving = [[], [1], []].map((without) => process.solve({ noise, without }));
    const solved = process.posteriorFactor();
    const members = process.members({ noise, without: [[0], [1]] });
    await expect(factor).rejects.toThrow(/not been solved/);
    await Promise.all(adding);
    for (const [k, without] of [[], [1], []].entries()) {
      expect(await solving[k]).toEqual(await expected.solve({ noise, without }));
    }
    expect(await solved).toEqual(await expected.posteriorFactor());
    expect(await members).toEqual(await expected.members({ noise, without: [[0], [1]] }));
  });

  test('is as it was after a call that was aborted before it began', async () => {
    const kernels = matrix(100, points.length, (i, j) => at(pointKernel, i % points.length, j));
    const energies = matrix(100, 1, (i) => Math.sin(i));
    const create = () => ProjectedProcess.create(pointKernel);
    const process = await create();
    const early = process.add(kernels, energies, { signal: AbortSignal.abort() });
    await expect(early).rejects.toThrow(failing({ code: 'ABORTED' }));
    await process.add(kernels, energies);
    const expected = await create();
    await expected.add(kernels, energies);
    expect(await process.solve({ noise })).toEqual(await expected.solve({ noise }));
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
