import {
  kernelMatrixGradient,
  kernelMatrixSync,
  structureKernelSync,
  weightedKernelMatrix,
} from '../../ts';
import type {
  KernelHyperparameters,
  KernelTerm,
  Matrix,
  Samples,
  WeightedKernelOptions,
} from '../../ts';
import { randomNumbers } from '../../ts/common/random';
import { failing } from '../failing';

const random = randomNumbers(11);
/** Positive, as power spectra have it that their dot products are. */
const samples = (rows: number, columns: number): Samples => ({
  values: Float64Array.from({ length: rows * columns }, () => random()),
  rows,
  columns,
});
const [x, y] = [samples(30, 9), samples(21, 9)];
const speciesX = Int32Array.from({ length: 30 }, (_, i) => [1, 6][i % 2]!);
const speciesY = Int32Array.from({ length: 21 }, (_, i) => [1, 6][i % 2]!);
const coupling = { species: [1, 6], values: Float64Array.of(1, 0.3, 0.3, 1) };
const offsetsX = Int32Array.of(0, 3, 17, 30);

const kernels: KernelHyperparameters[] = [
  { type: 'dot-product', zeta: 2 },
  { type: 'dot-product', zeta: 1.5, normalize: false },
  { type: 'gaussian', width: 1.3 },
  { type: 'gaussian', width: 0.4, normalize: true },
  { type: 'laplacian', width: 3 },
  { type: 'matern', width: 2, smoothness: 0.5 },
  { type: 'matern', width: 2, smoothness: 1.5 },
  { type: 'matern', width: 2, smoothness: 2.5 },
];

const settings: [string, Partial<KernelTerm>, WeightedKernelOptions][] = [
  ['environments', { y }, { speciesX, speciesY, coupling }],
  ['environments with themselves', {}, { speciesX }],
  ['sums over structures', {}, { offsetsX, speciesX }],
  ['means over structures', {}, { offsetsX, aggregate: 'mean' }],
];

function expectClose({ values: actual }: Matrix, expected: (at: number) => number, limit: number) {
  const largest = actual.reduce(
    (most, value, at) => Math.max(most, Math.abs(value - expected(at)) / (1 + Math.abs(value))),
    0,
  );
  expect(largest).toBeLessThan(limit);
}

describe.each(kernels)('slopes of $type $zeta $width $smoothness', (kernel) => {
  test.each(settings)('between %s', async (_, sides, options) => {
    const step = 1e-5;
    const name = kernel.type === 'dot-product' ? 'zeta' : 'width';
    const start = kernel.type === 'dot-product' ? kernel.zeta! : kernel.width;
    const at = (value: number, weight = 0.7) =>
      weightedKernelMatrix(
        [{ x, ...sides, kernel: { ...kernel, [name]: value }, weight }],
        options,
      );
    const { kernel: values, terms } = await kernelMatrixGradient(
      [{ x, ...sides, kernel, weight: 0.7 }],
      options,
    );
    const expected = await at(start);
    expectClose(values, (i) => expected.values[i]!, 1e-15);
    const [more, less] = [await at(start + step), await at(start - step)];
    const slope = terms[0]![name]!;
    expect(slope.shape).toEqual(expected.shape);
    expect(slope.values.some((k) => Math.abs(k) > 1e-3)).toBe(true);
    expectClose(slope, (i) => (more.values[i]! - less.values[i]!) / (2 * step), 1e-8);
    const [heavy, light] = [await at(start, 0.8), await at(start, 0.6)];
    expectClose(terms[0]!.weight!, (i) => (heavy.values[i]! - light.values[i]!) / 0.2, 1e-12);
  });
});

test('a sum of kernels over several representations', async () => {
  const other = samples(30, 4);
  const gaussian = { type: 'gaussian', width: 0.8 } as const;
  const terms: KernelTerm[] = [
    { x, kernel: { type: 'dot-product' }, weight: 2 },
    { x: other, kernel: gaussian, weight: 0.3 },
  ];
  const of = [
    structureKernelSync(x, offsetsX, undefined, undefined, { type: 'dot-product' }),
    structureKernelSync(other, offsetsX, undefined, undefined, gaussian),
  ];
  const done: number[][] = [];
  const { kernel, terms: slopes } = await kernelMatrixGradient(terms, {
    offsetsX,
    onProgress: (...progress) => done.push(progress),
  });
  expectClose(kernel, (at) => 2 * of[0]!.values[at]! + 0.3 * of[1]!.values[at]!, 1e-15);
  expectClose(slopes[1]!.weight!, (at) => of[1]!.values[at]!, 1e-15);
  expect(slopes.map((slope) => Object.keys(slope))).toEqual([
    ['weight', 'zeta'],
    ['weight', 'width'],
  ]);
  expect(done).toEqual([
    [1, 2],
    [2, 2],
  ]);
});

test('slopes have the same bits for any number of threads', async () => {
  const terms = [{ x, y, kernel: { type: 'matern', width: 2 } }] as const;
  const [one, three] = await Promise.all(
    [1, 3].map((threads) => kernelMatrixGradient(terms, { threads })),
  );
  expect(three).toEqual(one);
});

test('rows without features have no slope', async () => {
  const zero: Samples = { values: new Float64Array(4), rows: 2, columns: 2 };
  for (const kernel of kernels) {
    const { terms } = await kernelMatrixGradient([{ x: zero, kernel }]);
    const slope = terms[0]!.zeta ?? terms[0]!.width!;
    expect([...slope.values]).toEqual([0, 0, 0, 0]);
  }
});

const opposite: Samples = { values: Float64Array.of(1, -1), rows: 2, columns: 1 };

test('whole powers of negative dot products exist', () => {
  const { values } = kernelMatrixSync(opposite, undefined, { type: 'dot-product', zeta: 3 });
  expect([...values]).toEqual([1, -1, -1, 1]);
});

test('slopes that are left out are not needed', async () => {
  const terms: KernelTerm[] = [{ x: opposite, kernel: { type: 'dot-product' } }];
  const { terms: slopes } = await kernelMatrixGradient(terms, { without: ['zeta'] });
  expect(slopes.map((slope) => Object.keys(slope))).toEqual([['weight']]);
});

test.each([
  ['no terms', [], /terms: expected at least one kernel/],
  [
    'other environments',
    [
      { x, kernel: { type: 'dot-product' } },
      { x: y, kernel: { type: 'dot-product' } },
    ],
    /terms\[1\]: expected 30 environments as in terms\[0\], got 21/,
  ],
  [
    'a negative weight',
    [{ x, kernel: { type: 'dot-product' }, weight: -1 }],
    /terms\[0\]\.weight: expected a number > 0, got -1/,
  ],
  [
    'a slope of powers of negative numbers',
    [{ x: opposite, kernel: { type: 'dot-product' } }],
    /kernel\.zeta: .*negative/,
  ],
  [
    'a broken power of negative numbers',
    [{ x: opposite, kernel: { type: 'dot-product', zeta: 1.5 } }],
    /kernel\.zeta: .*negative/,
  ],
] as [string, KernelTerm[], RegExp][])('says what is wrong: %s', async (_, terms, message) => {
  await expect(kernelMatrixGradient(terms)).rejects.toThrow(
    failing({ code: 'INVALID_INPUT', message: expect.stringMatching(message) }),
  );
});
