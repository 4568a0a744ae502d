import {
  kernelDiagonal,
  kernelMatrix,
  kernelMatrixSync,
  normalizeKernel,
  structureKernelSync,
  sumKernelSync,
} from '../../ts';
import type { KernelHyperparameters, Samples } from '../../ts';
import { randomNumbers } from '../../ts/common/random';
import { failing } from '../failing';

const random = randomNumbers(7);
const samples = (rows: number, columns: number): Samples => ({
  values: Float64Array.from({ length: rows * columns }, () => random() - 0.3),
  rows,
  columns,
});
const elements = (rows: number) =>
  Int32Array.from({ length: rows }, () => [1, 6, 8][Math.floor(3 * random())]!);

const kernels: KernelHyperparameters[] = [
  { type: 'dot-product' },
  { type: 'dot-product', zeta: 1, normalize: false },
  { type: 'gaussian', width: 1.3 },
  { type: 'gaussian', width: 0.4, normalize: true },
  { type: 'laplacian', width: 3 },
  { type: 'matern', width: 2, smoothness: 0.5 },
  { type: 'matern', width: 2 },
  { type: 'matern', width: 2, smoothness: 2.5 },
];

/** The formulas as they stand in books. */
function reference(kernel: KernelHyperparameters, a: Float64Array, b: Float64Array): number {
  const unit = (p: Float64Array) => {
    const length = Math.hypot(...p);
    return p.map((x) => x / length);
  };
  const normalize = kernel.normalize ?? kernel.type === 'dot-product';
  const [p, q] = normalize ? [unit(a), unit(b)] : [a, b];
  const dot = p.reduce((sum, x, f) => sum + x * q[f]!, 0);
  const euclidean = Math.hypot(...p.map((x, f) => x - q[f]!));
  switch (kernel.type) {
    case 'dot-product':
      return dot ** (kernel.zeta ?? 2);
    case 'gaussian':
      return Math.exp(-(euclidean ** 2) / (2 * kernel.width ** 2));
    case 'laplacian':
      return Math.exp(-p.reduce((sum, x, f) => sum + Math.abs(x - q[f]!), 0) / kernel.width);
    case 'matern': {
      const nu = kernel.smoothness ?? 1.5;
      const d = (Math.sqrt(2 * nu) * euclidean) / kernel.width;
      const polynomial = { 0.5: 1, 1.5: 1 + d, 2.5: 1 + d + (d * d) / 3 }[nu];
      return polynomial * Math.exp(-d);
    }
  }
}

const row = ({ values, columns }: Samples, i: number) =>
  values.subarray(i * columns, (i + 1) * columns);

function expectMatrix(
  values: Float64Array,
  expected: (i: number, j: number) => number,
  width: number,
) {
  let largest = 0;
  values.forEach((value, at) => {
    const wanted = expected(Math.floor(at / width), at % width);
    largest = Math.max(largest, Math.abs(value - wanted));
  });
  // The square of a distance loses digits where rows are almost alike.
  expect(largest).toBeLessThan(1e-7);
}

describe.each(kernels)('$type $zeta $width $smoothness', (kernel) => {
  const [x, y] = [samples(130, 37), samples(211, 37)];
  const [speciesX, speciesY] = [elements(130), elements(211)];

  test('is that of the formulas', () => {
    const { values, shape } = kernelMatrixSync(x, y, kernel);
    expect(shape).toEqual([130, 211]);
    expectMatrix(values, (i, j) => reference(kernel, row(x, i), row(y, j)), 211);
  });

  test('is zero between elements, or times their coupling', () => {
    const { values } = kernelMatrixSync(x, y, kernel, { speciesX, speciesY });
    const same = (i: number, j: number) => Number(speciesX[i] === speciesY[j]);
    expectMatrix(values, (i, j) => same(i, j) * reference(kernel, row(x, i), row(y, j)), 211);
    const coupling = {
      species: [8, 6, 1],
      values: Float64Array.of(1, 0.5, 0, 0.5, 1, 0.2, 0, 0.2, 0.9),
    };
    const coupled = kernelMatrixSync(x, y, kernel, { speciesX, speciesY, coupling });
    const kappa = (i: number, j: number) =>
      coupling.values[
        3 * coupling.species.indexOf(speciesX[i]!) + coupling.species.indexOf(speciesY[j]!)
      ]!;
    expectMatrix(
      coupled.values,
      (i, j) => kappa(i, j) * reference(kernel, row(x, i), row(y, j)),
      211,
    );
  });

  test('with itself is symmetric, and the same as with a copy', () => {
    const options = { speciesX, speciesY: speciesX };
    const own = kernelMatrixSync(x, undefined, kernel, { speciesX }).values;
    const copy = kernelMatrixSync(x, x, kernel, options).values;
    expectMatrix(own, (i, j) => copy[i * 130 + j]!, 130);
    const mirrored = own.map((_, at) => own[(at % 130) * 130 + Math.floor(at / 130)]!);
    expect(Buffer.from(mirrored.buffer).equals(Buffer.from(own.buffer))).toBe(true);
    const diagonal = kernelDiagonal(x, kernel);
    for (let i = 0; i < 130; i++) expect(own[131 * i]).toBeCloseTo(diagonal[i]!, 6);
  });

  test('has the same bits for any number of threads', async () => {
    const one = kernelMatrixSync(x, y, kernel, { threads: 1, speciesX, speciesY });
    const three = await kernelMatrix(x, y, kernel, { threads: 3, speciesX, speciesY });
    expect(Buffer.from(three.values.buffer).equals(Buffer.from(one.values.buffer))).toBe(true);
  });

  test('of one element, over several blocks of columns, is the same', async () => {
    const bytes = (values: Float64Array) => Buffer.from(values.buffer);
    const own = kernelMatrixSync(y, undefined, kernel, { threads: 1 }).values;
    const copy = kernelMatrixSync(y, y, kernel).values;
    expectMatrix(own, (i, j) => copy[i * 211 + j]!, 211);
    const mirrored = own.map((_, at) => own[(at % 211) * 211 + Math.floor(at / 211)]!);
    expect(bytes(mirrored).equals(bytes(own))).toBe(true);
    const three = await kernelMatrix(y, undefined, kernel, { threads: 3 });
    expect(bytes(three.values).equals(bytes(own))).toBe(true);
    const oneElement = kernelMatrixSync(y, undefined, kernel, {
      speciesX: new Int32Array(211).fill(6),
    });
    expect(bytes(oneElement.values).equals(bytes(own))).toBe(true);
  });

  test.each(['sum', 'mean'] as const)('%s over structures', (aggregate) => {
    const [offsetsX, offsetsY] = [Int32Array.of(0, 3, 50, 130), Int32Array.of(0, 200, 201, 211)];
    const options = { aggregate, speciesX, speciesY };
    const environments = kernelMatrixSync(x, y, kernel, { speciesX, speciesY }).values;
    const share = (offsets: Int32Array, s: number) =>
      aggregate === 'mean' ? 1 / (offsets[s + 1]! - offsets[s]!) : 1;
    const overRows = sumKernelSync(x, offsetsX, y, kernel, options).values;
    expectMatrix(
      overRows,
      (s, j) => {
        let sum = 0;
        for (let i = offsetsX[s]!; i < offsetsX[s + 1]!; i++) sum += environments[i * 211 + j]!;
        return sum * share(offsetsX, s);
      },
      211,
    );
    const structures = structureKernelSync(x, offsetsX, y, offsetsY, kernel, options).values;
    expectMatrix(
      structures,
      (s, t) => {
        let sum = 0;
        for (let j = offsetsY[t]!; j < offsetsY[t + 1]!; j++) sum += overRows[s * 211 + j]!;
        return sum * share(offsetsY, t);
      },
      3,
    );
    const own = structureKernelSync(x, offsetsX, undefined, undefined, kernel, options).values;
    const copy = structureKernelSync(x, offsetsX, x, offsetsX, kernel, {
      ...options,
      speciesY: speciesX,
    }).values;
    expectMatrix(own, (s, t) => copy[3 * s + t]!, 3);
  });
});

describe('matches', () => {
  const x = samples(11, 5);
  const offsets = Int32Array.of(0, 3, 6, 11);
  const kernel: KernelHyperparameters = { type: 'gaussian', width: 0.7 };
  const environments = kernelMatrixSync(x, undefined, kernel).values;
  const k = (i: number, j: number) => environments[11 * i + j]!;

  test('the best one is the largest sum over all pairings', () => {
    const { values } = structureKernelSync(x, offsets, undefined, undefined, kernel, {
      aggregate: 'best-match',
    });
    const best = (rows: number[], columns: number[]): number =>
      rows.length === 0
        ? 0
        : Math.max(
            ...columns.map(
              (j) =>
                k(rows[0]!, j) +
                best(
                  rows.slice(1),
                  columns.filter((other) => other !== j),
                ),
            ),
          );
    const [a, b, c] = [
      [0, 1, 2],
      [3, 4, 5],
      [6, 7, 8, 9, 10],
    ];
    expect(values[1]).toBeCloseTo(best(a, b) / 3, 12);
    expect(values[2]).toBeCloseTo(best(a, c) / 5, 12);
    expect(values[5]).toBeCloseTo(best(b, c) / 5, 12);
    expect(values[6]).toBe(values[2]);
    expect(values[0]).toBeCloseTo(1, 12);
  });

  test('the regularised one goes to the best for a small entropy, to the mean for a large one', () => {
    const of = (aggregate: 'rematch' | 'best-match' | 'mean', gamma?: number) =>
      structureKernelSync(x, offsets, undefined, undefined, kernel, { aggregate, gamma })
        .values[1]!;
    expect(of('rematch', 0.01)).toBeCloseTo(of('best-match'), 2);
    expect(of('rematch', 1e4)).toBeCloseTo(of('mean'), 4);
  });

  test('the regularised one knows no gamma that is too small', () => {
    const two = { ...x, values: x.values.subarray(0, 5 * x.columns), rows: 5 };
    const of = (aggregate: 'rematch' | 'best-match', gamma?: number) =>
      structureKernelSync(
        two,
        Int32Array.of(0, 2, 5),
        undefined,
        undefined,
        { type: 'dot-product', zeta: 1 },
        { aggregate, gamma },
      ).values;
    for (const gamma of [1e-3, 1e-4, 1e-6]) {
      for (const value of of('rematch', gamma)) expect(value).not.toBeNaN();
      expect(of('rematch', gamma)[0]).toBeCloseTo(of('best-match')[0]!, 2);
    }
  });

  test('does not depend on the order of environments', () => {
    const permuted = [1, 2, 0, 5, 3, 4, 10, 9, 8, 7, 6];
    const other = {
      ...x,
      values: Float64Array.from(permuted.flatMap((i) => [...row(x, i)])),
    };
    for (const aggregate of ['rematch', 'best-match', 'sum'] as const) {
      const { values } = structureKernelSync(x, offsets, other, offsets, kernel, { aggregate });
      const own = structureKernelSync(x, offsets, undefined, undefined, kernel, { aggregate });
      expectMatrix(values, (s, t) => own.values[3 * s + t]!, 3);
    }
  });
});

test('normalised kernels are 1 with themselves', () => {
  const own = kernelMatrixSync(samples(6, 4), undefined, { type: 'dot-product', normalize: false });
  const { values } = normalizeKernel(own);
  for (let i = 0; i < 6; i++) expect(values[7 * i]).toBeCloseTo(1, 14);
  expect(values[1]).toBeCloseTo(own.values[1]! / Math.sqrt(own.values[0]! * own.values[7]!), 14);
});

test.each([
  [
    'a width of 0',
    () => kernelMatrixSync(samples(2, 2), undefined, { type: 'gaussian', width: 0 }),
    /kernel\.width.*> 0.*got 0/,
  ],
  [
    'other features',
    () => kernelMatrixSync(samples(2, 2), samples(2, 3), { type: 'dot-product' }),
    /y: expected 2 features.*3/,
  ],
  [
    'no numbers',
    () =>
      kernelMatrixSync({ values: Float64Array.of(1, NaN), rows: 2, columns: 1 }, undefined, {
        type: 'dot-product',
      }),
    /x: expected finite.*NaN in row 1, column 0/,
  ],
  [
    'too few species',
    () =>
      kernelMatrixSync(
        samples(2, 2),
        undefined,
        { type: 'dot-product' },
        { speciesX: Int32Array.of(1) },
      ),
    /species of x: expected 2/,
  ],
  [
    'species of one side',
    () =>
      kernelMatrixSync(
        samples(2, 2),
        samples(2, 2),
        { type: 'dot-product' },
        { speciesX: Int32Array.of(1, 1) },
      ),
    /speciesY/,
  ],
  [
    'offsets that go back',
    () =>
      sumKernelSync(samples(2, 2), Int32Array.of(0, 2, 1), samples(2, 2), { type: 'dot-product' }),
    /offsets of x/,
  ],
  [
    'no offsets',
    () =>
      structureKernelSync(samples(2, 2), undefined as never, undefined, undefined, {
        type: 'dot-product',
      }),
    /offsetsX: expected where structures begin and end/,
  ],
  [
    'offsets in a list',
    () => sumKernelSync(samples(2, 2), [0, 2] as never, samples(2, 2), { type: 'dot-product' }),
    /offsets of x: expected an Int32Array/,
  ],
  [
    'species in a list',
    () =>
      kernelMatrixSync(
        samples(2, 2),
        undefined,
        { type: 'dot-product' },
        { speciesX: [1, 1] as never },
      ),
    /species of x: expected 2 atomic numbers in an Int32Array.*got 2 in a list/,
  ],
  [
    'single precision',
    () =>
      kernelMatrixSync({ ...samples(2, 2), values: new Float32Array(4) as never }, undefined, {
        type: 'dot-product',
      }),
    /x: .*in a Float64Array, got 4 in a Float32Array/,
  ],
  [
    'an unknown aggregate',
    () =>
      structureKernelSync(
        samples(2, 2),
        Int32Array.of(0, 2),
        undefined,
        undefined,
        { type: 'dot-product' },
        { aggregate: 'median' as 'sum' },
      ),
    /aggregate: .*"median"/,
  ],
] as const)('says what is wrong: %s', (_, call, message) => {
  expect(call).toThrow(failing({ code: 'INVALID_INPUT', message: expect.stringMatching(message) }));
});
