import {
  kernelDiagonal,
  KernelPrincipalComponents,
  kernelMatrix,
  PrincipalComponents,
} from '../../ts';
import type { CovariateOptions, KernelHyperparameters, Matrix } from '../../ts';
import { aligned, difference, matrixOf, random, reference } from './maps';
import type { MapCase } from './maps';

type Components = PrincipalComponents | KernelPrincipalComponents;

const samples = matrixOf(reference.samples);
const fresh = matrixOf(reference.fresh);
const targets = matrixOf(reference.targets);
const kernels: Record<'gaussian' | 'dot-product', KernelHyperparameters> = {
  gaussian: { type: 'gaussian', width: 2 },
  'dot-product': { type: 'dot-product', zeta: 3 },
};

/** Sum of squares of columns about their means. */
function variance({ values, shape: [rows, columns] }: Matrix): number {
  const means = new Float64Array(columns);
  values.forEach((x, at) => (means[at % columns]! += x / rows));
  return values.reduce((sum, x, at) => sum + (x - means[at % columns]!) ** 2, 0);
}

/** Trace of a centred kernel matrix. */
function kernelVariance({ values, shape: [size] }: Matrix): number {
  let trace = 0;
  for (let i = 0; i < size; i++) trace += values[i * size + i]!;
  return trace - values.reduce((sum, k) => sum + k, 0) / size;
}

const name = ({ method, kernel, mixing }: MapCase, index: number) =>
  `${[method, kernel, mixing].filter((part) => part !== undefined).join(', ')} (${index})`;
const cases = reference.cases.map((each, index) => [name(each, index), each] as const);

test.each(cases)('the same as the reference: %s', async (_, each) => {
  const { method, mixing, regularization = 0 } = each;
  const theirs = matrixOf(each.coordinates);
  const count = theirs.shape[1];
  const isKernel = method.startsWith('kernel');
  const kernel = kernels[each.kernel ?? 'gaussian'];
  const total = isKernel
    ? kernelVariance(await kernelMatrix(rows(samples), undefined, kernel))
    : variance(samples);
  const options = {
    count,
    ...(mixing !== undefined && { targets, mixing, regularization: regularization / total }),
  };
  const found = isKernel
    ? await KernelPrincipalComponents.fit(samples, kernel, options)
    : await PrincipalComponents.fit(samples, options);
  const coordinates = await found.project(samples);
  // Signs of principal components are those of scikit-learn; those of covariates are by another rule.
  const turn = mixing === undefined ? (matrix: Matrix) => matrix : aligned;
  expect(difference(turn(coordinates, theirs), theirs)).toBeLessThan(1e-8);
  const others = matrixOf(each.fresh);
  expect(difference(turn(await found.project(fresh), others), others)).toBeLessThan(1e-8);
  if (each.explained) {
    each.explained.forEach((part, k) => expect(found.explained[k]).toBeCloseTo(part, 12));
  }
  each.eigenvalues?.forEach((value, k) => expect(found.eigenvalues[k]! / value).toBeCloseTo(1, 10));
  if (each.predicted) {
    const predicted = found.predict(await found.project(fresh));
    expect(difference(predicted, matrixOf(each.predicted))).toBeLessThan(1e-8);
  }
  if (each.reconstructed && 'reconstruct' in found) {
    const { values, shape } = found.reconstruct(await found.project(fresh));
    const shift = method === 'pca' ? 0 : 1; // theirs are of centred samples
    const centred = values.map((x, at) => x - shift * found.mean[at % shape[1]]!);
    const expected = matrixOf(each.reconstructed);
    expect(difference({ values: centred, shape }, expected)).toBeLessThan(1e-8);
  }
});

const rows = ({ values, shape }: Matrix) => ({ values, rows: shape[0], columns: shape[1] });

test('samples that come in blocks have the components of all, whatever their mean', async () => {
  const x = random(3000, 40, 3, 0.95);
  const moved = { values: x.values.map((value) => value + 1e4), shape: x.shape };
  const whole = await PrincipalComponents.fit(x, { count: 4 });
  const part = (first: number, last: number) => ({
    x: { values: moved.values.subarray(40 * first, 40 * last), shape: [last - first, 40] as const },
  });
  const blocks = await PrincipalComponents.fitBlocks(
    [part(0, 7), part(7, 1500), part(1500, 3000)],
    {
      count: 4,
    },
  );
  expect(blocks.samples).toBe(3000);
  expect(difference(blocks.axes, whole.axes)).toBeLessThan(1e-9);
  const coordinates = await whole.project(x);
  expect(difference(await blocks.project(moved), coordinates)).toBeLessThan(1e-9);
});

test('many features: the search for eigenvectors finds those of all', async () => {
  const x = random(600, 500, 4, 0.98);
  const { axes, eigenvalues, explained } = await PrincipalComponents.fit(x, { count: 3 });
  const coordinates = await (await PrincipalComponents.fit(x, { count: 3 })).project(x);
  for (let k = 0; k < 3; k++) {
    // Along an eigenvector the scatter has the eigenvalue, and no coordinates correlate.
    for (let l = 0; l < 3; l++) {
      let product = 0;
      for (let i = 0; i < 600; i++) {
        product += coordinates.values[3 * i + k]! * coordinates.values[3 * i + l]!;
      }
      expect(product / eigenvalues[0]!).toBeCloseTo(
        k === l ? eigenvalues[k]! / eigenvalues[0]! : 0,
        9,
      );
    }
  }
  expect(explained.reduce((sum, part) => sum + part, 0)).toBeLessThan(1);
  const column = Array.from({ length: 500 }, (_, f) => axes.values[3 * f]!);
  expect(Math.max(...column)).toBe(Math.max(...column.map(Math.abs)));
});

describe('fewer samples than features', () => {
  const x = random(30, 200, 4, 0.97);
  const moved = { values: x.values.map((value) => value + 1e4), shape: x.shape };
  const y = random(30, 2, 5);

  test.each([undefined, 0.3])(
    'have the axes of the scatter, from their dot products: mixing %p',
    async (mixing) => {
      const options = { count: 4, ...(mixing !== undefined && { mixing }) };
      const labels = mixing === undefined ? {} : { targets: y };
      const few = await PrincipalComponents.fit(x, { ...options, ...labels });
      const sums = await PrincipalComponents.fitBlocks([{ x, ...labels }], options);
      for (const key of ['eigenvalues', 'explained', 'mean'] as const) {
        few[key].forEach((value, k) => expect(value).toBeCloseTo(sums[key][k]!, 10));
      }
      expect(difference(few.axes, sums.axes)).toBeLessThan(1e-8);
      const coordinates = await sums.project(x);
      expect(difference(await few.project(x), coordinates)).toBeLessThan(1e-8);
      expect(difference(few.reconstruct(coordinates), sums.reconstruct(coordinates))).toBeLessThan(
        1e-8,
      );
      if (mixing !== undefined) {
        expect(difference(few.predict(coordinates), sums.predict(coordinates))).toBeLessThan(1e-8);
      }
      const far = await PrincipalComponents.fit(moved, { ...options, ...labels });
      expect(difference(await far.project(moved), coordinates)).toBeLessThan(1e-8);
    },
  );

  test('need no memory for features squared', async () => {
    const wide = random(6, 20_000);
    const found = await PrincipalComponents.fit(wide, { count: 5, memoryLimit: 4e6 });
    const { values } = found.reconstruct(await found.project(wide));
    expect(difference({ values, shape: wide.shape }, wide)).toBeLessThan(1e-10);
    await expect(PrincipalComponents.fit(wide, { memoryLimit: 1e5 })).rejects.toThrow(
      'dot products of 6 samples of 20000 features take',
    );
    await expect(PrincipalComponents.fitBlocks([{ x: wide }])).rejects.toThrow(
      'sums of 20000 × 20000 features take',
    );
  });

  test('samples that differ by rounding only have no variance', async () => {
    const one = random(1, 200, 6).values;
    const copies = (rows: number, columns: number): Matrix => ({
      values: Float64Array.from(
        { length: rows * columns },
        (_, at) => one[at % columns]! * (1 + (at % 3) * 2e-16),
      ),
      shape: [rows, columns],
    });
    const none = 'there is no variance: all samples are the same';
    await expect(PrincipalComponents.fit(copies(7, 200))).rejects.toThrow(none);
    await expect(PrincipalComponents.fit(copies(7, 3))).rejects.toThrow(none);
    for (const kernel of Object.values(kernels)) {
      await expect(KernelPrincipalComponents.fit(copies(7, 5), kernel)).rejects.toThrow(none);
    }
  });

  test('a number that is none is named', async () => {
    const bad = { values: x.values.with(207, NaN), shape: x.shape };
    await expect(PrincipalComponents.fit(bad)).rejects.toThrow(
      'x: row 1, column 7: expected a finite number',
    );
    const targets = { values: y.values.with(5, Infinity), shape: y.shape };
    await expect(PrincipalComponents.fit(x, { targets })).rejects.toThrow(
      'targets: row 2, column 1: expected a finite number',
    );
  });

  test('are done feature by feature, and may be aborted', async () => {
    const wide = random(8, 3000);
    const seen: number[] = [];
    const onProgress = (done: number, total: number) => {
      expect(total).toBe(3000);
      seen.push(done);
    };
    await PrincipalComponents.fit(wide, { onProgress });
    expect(seen).toEqual([...seen].sort((a, b) => a - b));
    expect(seen.at(-1)).toBe(3000);
    const signal = AbortSignal.abort();
    await expect(PrincipalComponents.fit(wide, { signal })).rejects.toThrow('aborted');
  });
});

test('results are the same bit for bit on any number of threads', async () => {
  const x = random(900, 450, 8, 0.99);
  const y = random(900, 2, 9);
  const fit = async (threads: number) => {
    const kernel: KernelHyperparameters = { type: 'gaussian', width: 3 };
    const options = { targets: y, threads };
    const pcovr = await PrincipalComponents.fit(x, options);
    const dense = await KernelPrincipalComponents.fit(x, kernel, options);
    const sparse = await KernelPrincipalComponents.fit(x, kernel, { ...options, landmarks: 60 });
    return [
      pcovr.axes.values,
      (await dense.project(x, { threads })).values,
      (await sparse.project(x, { threads })).values,
    ];
  };
  expect(await fit(3)).toEqual(await fit(1));
});

describe('sparse kernel components', () => {
  const kernel = kernels.gaussian;

  test.each([undefined, 0.4])(
    'with all samples as landmarks are the full ones, mixing %p',
    async (mixing) => {
      const options = {
        count: 3,
        ...(mixing !== undefined && { targets, mixing, regularization: 1e-3 }),
      };
      const full = await KernelPrincipalComponents.fit(samples, kernel, options);
      const sparse = await KernelPrincipalComponents.fit(samples, kernel, {
        ...options,
        landmarks: samples,
      });
      const theirs = await full.project(fresh);
      const ours = await sparse.project(fresh);
      expect(difference(aligned(ours, theirs), theirs)).toBeLessThan(1e-6);
      full.explained.forEach((part, k) => expect(sparse.explained[k]).toBeCloseTo(part, 6));
      if (mixing !== undefined) {
        expect(difference(sparse.predict(ours), full.predict(theirs))).toBeLessThan(1e-6);
      }
    },
  );

  test('blocks of any size add up to the same', async () => {
    const x = random(700, 5, 6, 0.7);
    const landmarks = random(40, 5, 7, 0.7);
    const y = random(700, 1, 8);
    const part = (first: number, last: number) => ({
      x: { values: x.values.subarray(5 * first, 5 * last), rows: last - first, columns: 5 },
      targets: { values: y.values.subarray(first, last), shape: [last - first, 1] as const },
    });
    async function* stream() {
      for (let first = 0; first < 700; first += 100)
        yield await Promise.resolve(part(first, first + 100));
    }
    const streamed = await KernelPrincipalComponents.fitBlocks(stream(), landmarks, kernel);
    const whole = await KernelPrincipalComponents.fitBlocks([part(0, 700)], landmarks, kernel);
    const theirs = await whole.project(x);
    expect(difference(await streamed.project(x), theirs)).toBeLessThan(1e-8);
  });

  test('novelty is 0 at a landmark and 1 far from all', async () => {
    const sparse = await KernelPrincipalComponents.fit(samples, kernel, { landmarks: 20 });
    const [near] = await sparse.novelty(sparse.support!);
    expect(near).toBeLessThan(1e-6);
    const far = { values: new Float64Array(6).fill(1e3), rows: 1, columns: 6 };
    expect((await sparse.novelty(far))[0]).toBeCloseTo(1, 12);
    const own = kernelDiagonal(far, kernel);
    expect(own[0]).toBe(1);
  });
});

test('components of a kernel matrix are those of its samples', async () => {
  const kernel = kernels['dot-product'];
  const matrix = await kernelMatrix(rows(samples), undefined, kernel);
  const given = await KernelPrincipalComponents.fitKernel(matrix, { count: 2 });
  const own = await KernelPrincipalComponents.fit(samples, kernel, { count: 2 });
  const between = await kernelMatrix(rows(fresh), rows(samples), kernel);
  const theirs = await own.project(fresh);
  expect(difference(await given.projectKernel(between), theirs)).toBeLessThan(1e-12);
  await expect(given.project(fresh)).rejects.toThrow('use projectKernel');
  await expect(given.novelty(fresh)).rejects.toThrow('use projectKernel');
});

describe('bad input', () => {
  const [x, y] = [random(10, 4), random(10, 1)];
  const nan = { values: x.values.with(6, NaN), shape: x.shape };
  const plane = { values: x.values.map((value, at) => (at % 4 < 2 ? value : 1)), shape: x.shape };

  test.each([
    [
      'count: expected an integer from 1 to 4, got 5',
      () => PrincipalComponents.fit(x, { count: 5 }),
    ],
    ['x: expected at least 2 samples, got 1', () => PrincipalComponents.fit(random(1, 4))],
    ['x: expected at least 2 samples, got 0', () => PrincipalComponents.fitBlocks([])],
    ['mixing: expected targets to mix with', () => PrincipalComponents.fit(x, { mixing: 0.5 })],
    [
      'mixing: expected a number from 0 to 1, got 2',
      () => PrincipalComponents.fit(x, { targets: y, mixing: 2 }),
    ],
    [
      'regularization: expected a number > 0, got 0',
      () => PrincipalComponents.fit(x, { targets: y, regularization: 0 }),
    ],
    [
      'targets.shape[0]: expected 10, got 9',
      () => PrincipalComponents.fit(x, { targets: random(9, 1) }),
    ],
    ['x: row 1, column 2: expected a finite number', () => PrincipalComponents.fit(nan)],
    [
      'targets: expected 1 targets as before, got 0',
      () => PrincipalComponents.fitBlocks([{ x, targets: y }, { x }]),
    ],
    [
      'x.shape[1]: expected 4, got 3',
      () => PrincipalComponents.fitBlocks([{ x }, { x: random(2, 3) }]),
    ],
    [
      'there is no variance: all samples are the same',
      () => PrincipalComponents.fit({ values: new Float64Array(40).fill(2), shape: [10, 4] }),
    ],
    [
      'there are only 1 directions in which samples differ, cannot find 2',
      () =>
        PrincipalComponents.fit({ values: Float64Array.from([0, 1, 1, 1, 5, 1]), shape: [3, 2] }),
    ],
    [
      'landmarks: expected an integer from 1 to 10, got 11',
      () => KernelPrincipalComponents.fit(x, kernels.gaussian, { landmarks: 11 }),
    ],
    [
      'x: expected finite features, got NaN in row 1, column 2',
      () => KernelPrincipalComponents.fit(nan, kernels.gaussian),
    ],
    ['kernel.shape[1]: expected 10, got 4', () => KernelPrincipalComponents.fitKernel(x)],
  ])('%s', async (message, action) => {
    await expect(action()).rejects.toThrow(message);
  });

  test.each<[string, (options: CovariateOptions) => Promise<Components>]>([
    ['samples', (options) => PrincipalComponents.fit(plane, options)],
    [
      'samples with targets',
      (options) => PrincipalComponents.fit(plane, { targets: y, ...options }),
    ],
    [
      'kernels',
      (options) =>
        KernelPrincipalComponents.fit(
          plane,
          { type: 'dot-product', zeta: 1, normalize: false },
          options,
        ),
    ],
  ])('fewer axes than asked for will do, if one says so: %s', async (_, fit) => {
    await expect(fit({ count: 3 })).rejects.toThrow('there are only 2 directions');
    const found = await fit({ count: 3, fewer: true });
    const asMany = await fit({ count: 2 });
    expect(found.explained).toHaveLength(2);
    expect(found.explained).toEqual(asMany.explained);
    expect(await found.project(plane)).toEqual(await asMany.project(plane));
  });

  test('what was found without targets predicts nothing', async () => {
    const found = await PrincipalComponents.fit(x);
    expect(() => found.predict(random(2, 2))).toThrow('found without targets');
    await expect(found.project(random(2, 5))).rejects.toThrow('x.shape[1]: expected 4, got 5');
  });

  test('an aborted fit ends', async () => {
    const signal = AbortSignal.abort();
    await expect(PrincipalComponents.fit(x, { signal })).rejects.toThrow('aborted');
  });
});
