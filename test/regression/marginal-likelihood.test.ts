import { readFileSync } from 'node:fs';
import path from 'node:path';

import {
  GaussianProcess,
  kernelMatrixGradient,
  maximizeLogMarginalLikelihood,
  weightedKernelMatrix,
} from '../../ts';
import type { KernelHyperparameters, LikelihoodOptions, Matrix, Samples } from '../../ts';
import { randomNumbers } from '../../ts/common/random';
import { failing } from '../failing';

interface Term {
  readonly weight: number;
  readonly kernel: KernelHyperparameters;
}

const fixture = JSON.parse(
  readFileSync(path.join(__dirname, '../reference/data/gaussian_process.json'), 'utf8'),
) as {
  readonly features: readonly (readonly number[])[];
  readonly targets: readonly number[];
  readonly test: readonly (readonly number[])[];
  readonly cases: readonly {
    readonly noise: number;
    readonly noiseIsFixed: boolean;
    readonly terms: readonly Term[];
    readonly logMarginalLikelihood: number;
    readonly gradient: readonly number[];
    readonly maximum: {
      readonly noise: number;
      readonly terms: readonly Term[];
      readonly logMarginalLikelihood: number;
      readonly predictions: readonly number[];
    };
  }[];
};

const samplesOf = (rows: readonly (readonly number[])[]): Samples => ({
  values: Float64Array.from(rows.flat()),
  rows: rows.length,
  columns: rows[0]!.length,
});
const column = (values: readonly number[]): Matrix => ({
  values: Float64Array.from(values),
  shape: [values.length, 1],
});
const x = samplesOf(fixture.features);
const targets = column(fixture.targets);
const widthOf = (kernel: KernelHyperparameters) =>
  kernel.type === 'dot-product' ? undefined : kernel.width;

describe.each(fixture.cases)('scikit-learn, $terms.0.kernel.type $terms.length', (expected) => {
  const { noise, noiseIsFixed, maximum } = expected;
  const terms = expected.terms.map((term) => ({ x, ...term }));

  test('has the same likelihood and slopes', async () => {
    const { kernel, terms: slopes } = await kernelMatrixGradient(terms);
    const process = await GaussianProcess.fit(kernel, targets, { noise });
    expect(process.logMarginalLikelihood()).toBeCloseTo(expected.logMarginalLikelihood, 8);
    const gradient = await process.logMarginalLikelihoodGradient(
      slopes.flatMap(({ weight, width }) => [weight!, ...(width ? [width] : [])]),
    );
    const logarithmic = [...gradient.kernel];
    const values = terms.flatMap(({ weight, kernel: of }) => [weight, widthOf(of) ?? []].flat());
    const actual = logarithmic.map((slope, index) => slope * values[index]!);
    if (!noiseIsFixed) actual.unshift(gradient.noise * noise);
    expect(actual).toHaveLength(expected.gradient.length);
    actual.forEach((slope, index) => expect(slope).toBeCloseTo(expected.gradient[index]!, 7));
  });

  test('has the same maximum and predictions', async () => {
    const found = await maximizeLogMarginalLikelihood(terms, targets, {
      noise,
      bounds: { zeta: 'fixed', ...(noiseIsFixed && { noise: 'fixed' }) },
      tolerance: 1e-6,
    });
    expect(found.converged).toBe(true);
    expect(found.trace[0]).toBeCloseTo(expected.logMarginalLikelihood, 8);
    expect(found.trace.at(-1)).toBe(found.logMarginalLikelihood);
    expect([...found.trace].sort((a, b) => a - b)).toEqual(found.trace);
    expect(found.logMarginalLikelihood).toBeCloseTo(maximum.logMarginalLikelihood, 7);
    const relative = (a: number, b: number) => expect(Math.abs(a / b - 1)).toBeLessThan(1e-4);
    relative(found.noise, maximum.noise);
    found.terms.forEach(({ weight, kernel }, index) => {
      relative(weight, maximum.terms[index]!.weight);
      const width = widthOf(kernel);
      if (width) relative(width, widthOf(maximum.terms[index]!.kernel)!);
    });
    const rows = await weightedKernelMatrix(
      found.terms.map((term) => ({ ...term, x: samplesOf(fixture.test), y: term.x })),
    );
    const { values } = await found.process.predict(rows);
    values.forEach((value, i) => expect(value).toBeCloseTo(maximum.predictions[i]!, 4));
  });
});

const random = randomNumbers(4);
const structures = Int32Array.from({ length: 31 }, (_, s) => 4 * s);
const environments = (columns: number): Samples => ({
  values: Float64Array.from({ length: 120 * columns }, random),
  rows: 120,
  columns,
});

describe('of structures', () => {
  const [a, b] = [environments(5), environments(3)];
  const labels = column(
    Array.from({ length: 30 }, (_, s) => {
      const of = ({ values, columns }: Samples, f: number) =>
        [0, 1, 2, 3].map((i) => values[(4 * s + i) * columns + f]!);
      const cubes = of(a, 0).map((p, i) => (p - 0.6 * of(a, 1)[i]!) ** 3);
      return 5 * cubes.concat(of(b, 2)).reduce((sum, p) => sum + p, 0) - 5 + 0.1 * random();
    }),
  );
  const power = { type: 'dot-product', normalize: false } as const;
  const terms = [
    { x: a, kernel: power },
    { x: b, kernel: { type: 'laplacian', width: 2 } as const, weight: 0.5 },
  ];
  const options: LikelihoodOptions = {
    noise: 0.1,
    offsets: structures,
    aggregate: 'mean',
    weights: Float64Array.from({ length: 30 }, (_, s) => 1 + (s % 2)),
  };

  test('no hyperparameter, ζ among them, has a neighbour that is more likely', async () => {
    const found = await maximizeLogMarginalLikelihood(terms, labels, options);
    expect(found.converged).toBe(true);
    const [first, second] = found.terms;
    const zeta = first!.kernel.type === 'dot-product' ? first!.kernel.zeta : NaN;
    const width = widthOf(second!.kernel)!;
    expect(zeta).toBeGreaterThan(1.01);
    expect(zeta).toBeLessThan(11);
    expect(Number.isInteger(zeta)).toBe(false);
    const likelihood = async (change: {
      noise?: number;
      zeta?: number;
      weight?: number;
      width?: number;
    }) => {
      const kernel = await weightedKernelMatrix(
        [
          { ...first!, kernel: { ...power, zeta: change.zeta ?? zeta } },
          {
            ...second!,
            weight: change.weight ?? second!.weight,
            kernel: { type: 'laplacian', width: change.width ?? width },
          },
        ],
        { offsetsX: structures, aggregate: 'mean' },
      );
      const { weights } = options;
      const noise = change.noise ?? found.noise;
      return (
        await GaussianProcess.fit(kernel, labels, { noise, weights })
      ).logMarginalLikelihood();
    };
    const best = await likelihood({});
    expect(best).toBeCloseTo(found.logMarginalLikelihood, 8);
    for (const scale of [0.95, 1.05]) {
      for (const change of [
        { noise: scale * found.noise },
        { zeta: scale * zeta },
        { weight: scale * second!.weight },
        { width: scale * width },
      ]) {
        expect(await likelihood(change)).toBeLessThan(best - 1e-6);
      }
    }
  });

  test('stays in bounds, and has the same bits for any number of threads', async () => {
    const bounds = { noise: [0.09, 0.11], width: [1.5, 2.5], zeta: [1.5, 2] } as const;
    const [one, two] = await Promise.all(
      [1, 2].map((threads) =>
        maximizeLogMarginalLikelihood(terms, labels, { ...options, bounds, threads }),
      ),
    );
    expect(two!.trace).toEqual(one!.trace);
    expect(two!.terms).toEqual(one!.terms);
    expect(one!.noise).toBeGreaterThanOrEqual(0.09);
    expect(one!.noise).toBeLessThanOrEqual(0.11);
    expect([1.5, 2.5]).toContain(widthOf(one!.terms[1]!.kernel));
  });

  test('says when iterations run out, and how far it is', async () => {
    const done: number[][] = [];
    const found = await maximizeLogMarginalLikelihood(terms, labels, {
      ...options,
      maxIterations: 2,
      onProgress: (...progress) => done.push(progress),
    });
    expect(found.converged).toBe(false);
    expect(found.trace).toHaveLength(3);
    expect(done).toEqual([
      [1, 2],
      [2, 2],
    ]);
  });
});

test('constant labels of zero: nothing is left but the least noise and weight', async () => {
  const found = await maximizeLogMarginalLikelihood(
    [{ x, kernel: { type: 'gaussian', width: 1 } }],
    column(fixture.targets.map(() => 0)),
    { noise: 1, bounds: { noise: [0.01, 1], weight: [0.1, 10] } },
  );
  expect(found.converged).toBe(true);
  expect(found.noise).toBeCloseTo(0.01, 12);
  expect(found.terms[0]!.weight).toBeCloseTo(0.1, 12);
});

const opposite: Samples = { values: Float64Array.of(1, -1, 0.5), rows: 3, columns: 1 };

test('negative dot products: ζ has to be fixed', async () => {
  const labels = column([1, -1, 0.4]);
  const terms = [
    { x: opposite, kernel: { type: 'dot-product', zeta: 1, normalize: false } },
  ] as const;
  await expect(maximizeLogMarginalLikelihood(terms, labels, { noise: 0.1 })).rejects.toThrow(
    failing({ code: 'INVALID_INPUT', message: expect.stringMatching(/zeta/) }),
  );
  const { noise } = await maximizeLogMarginalLikelihood(terms, labels, {
    noise: 0.5,
    bounds: { zeta: 'fixed' },
  });
  expect(noise).toBeLessThan(0.2);
});

const gaussian = { x, kernel: { type: 'gaussian', width: 1 } } as const;

test.each([
  ['no terms', [], { noise: 1 }, /terms: expected at least one/],
  ['a noise of 0', [gaussian], { noise: 0 }, /noise: expected a number > 0, got 0/],
  ['a weight of 0', [{ ...gaussian, weight: 0 }], { noise: 1 }, /terms\[0\]\.weight/],
  [
    'a start out of bounds',
    [gaussian],
    { noise: 1, bounds: { width: [2, 3] } },
    /bounds\.width: expected bounds > 0 around the start of 1, got 2 and 3/,
  ],
  [
    'an unknown hyperparameter',
    [gaussian],
    { noise: 1, bounds: { length: [2, 3] } as LikelihoodOptions['bounds'] },
    /bounds: expected noise, weight, zeta, width, got length/,
  ],
] as [string, (typeof gaussian)[], LikelihoodOptions, RegExp][])(
  'says what is wrong: %s',
  async (_, terms, options, message) => {
    await expect(maximizeLogMarginalLikelihood(terms, targets, options)).rejects.toThrow(
      failing({ code: 'INVALID_INPUT', message: expect.stringMatching(message) }),
    );
  },
);

test('equal samples without noise: an error that says so', async () => {
  const twice = samplesOf([...fixture.features, fixture.features[0]!]);
  const labels = column([...fixture.targets, fixture.targets[0]!]);
  await expect(
    maximizeLogMarginalLikelihood([{ ...gaussian, x: twice }], labels, { noise: 1e-12 }),
  ).rejects.toThrow(failing({ code: 'NUMERICAL', message: expect.stringMatching(/larger noise/) }));
});
