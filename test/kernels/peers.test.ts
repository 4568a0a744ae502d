// Kernels of DScribe and scikit-learn, number for number.

import { readFileSync } from 'node:fs';
import path from 'node:path';

import {
  GaussianProcess,
  kernelDiagonal,
  kernelMatrix,
  normalizeKernel,
  structureKernel,
} from '../../ts';
import type { KernelHyperparameters, Matrix, Samples } from '../../ts';

type Rows = readonly (readonly number[])[];

const fixture = JSON.parse(
  readFileSync(path.join(__dirname, '../reference/data/kernels.json'), 'utf8'),
) as {
  readonly noise: number;
  readonly gamma: number;
  readonly structures: readonly Rows[];
  readonly others: readonly Rows[];
  readonly targets: readonly number[];
  readonly ofStructures: readonly ({ readonly kernel: KernelHyperparameters } & Record<
    'average' | 'rematch',
    { readonly own: Rows; readonly between: Rows }
  >)[];
  readonly ofRows: readonly {
    readonly kernel: KernelHyperparameters;
    readonly values: Rows;
    readonly predictions: readonly number[];
  }[];
  readonly process: {
    readonly kernel: KernelHyperparameters;
    readonly predictions: readonly number[];
    readonly deviations: readonly number[];
    readonly logMarginalLikelihood: number;
  };
};

/** All environments of some structures, and where those of each begin. */
function environments(structures: readonly Rows[]): { samples: Samples; offsets: Int32Array } {
  const rows = structures.flat();
  const offsets = structures.reduce((ends, { length }) => [...ends, ends.at(-1)! + length], [0]);
  const samples = {
    values: Float64Array.from(rows.flat()),
    rows: rows.length,
    columns: rows[0]!.length,
  };
  return { samples, offsets: Int32Array.from(offsets) };
}

function expectClose(actual: Float64Array, expected: readonly number[], tolerance = 1e-12) {
  expect(actual).toHaveLength(expected.length);
  expected.forEach((wanted, i) => expect(Math.abs(actual[i]! - wanted)).toBeLessThan(tolerance));
}

const x = environments(fixture.structures);
const y = environments(fixture.others);
const targets: Matrix = {
  values: Float64Array.from(fixture.targets),
  shape: [fixture.targets.length, 1],
};

describe.each(fixture.ofStructures)('DScribe, $kernel.type $kernel.zeta', ({ kernel, ...peer }) => {
  test.each(['average', 'rematch'] as const)('%s', async (name) => {
    const options = {
      aggregate: name === 'average' ? 'mean' : name,
      gamma: fixture.gamma,
    } as const;
    const of = (a: typeof x, b?: typeof x) =>
      structureKernel(a.samples, a.offsets, b?.samples, b?.offsets, kernel, options);
    // Sinkhorn's iteration ends at another relative error than DScribe's.
    const tolerance = name === 'average' ? 1e-12 : 1e-8;
    const own = await of(x);
    expectClose(normalizeKernel(own).values, peer[name].own.flat(), tolerance);
    const diagonal = ({ values, shape }: Matrix) =>
      Float64Array.from({ length: shape[0] }, (_, i) => values[i * (shape[0] + 1)]!);
    const roots = { rows: diagonal(own), columns: diagonal(await of(y)) };
    const between = normalizeKernel(await of(x, y), roots);
    expectClose(between.values, peer[name].between.flat(), tolerance);
  });
});

describe.each(fixture.ofRows)('scikit-learn, $kernel.type $kernel.smoothness', (peer) => {
  test('kernel matrix, kernel ridge regression', async () => {
    const { values } = await kernelMatrix(x.samples, y.samples, peer.kernel);
    expectClose(values, peer.values.flat());
    const own = await kernelMatrix(x.samples, undefined, peer.kernel);
    const process = await GaussianProcess.fit(own, targets, { noise: fixture.noise });
    const predictions = await process.predict(
      await kernelMatrix(y.samples, x.samples, peer.kernel),
    );
    expectClose(predictions.values, peer.predictions, 1e-10);
  });
});

test('scikit-learn, Gaussian process: mean, standard deviation, likelihood', async () => {
  const { kernel, predictions, deviations, logMarginalLikelihood } = fixture.process;
  const own = await kernelMatrix(x.samples, undefined, kernel);
  const process = await GaussianProcess.fit(own, targets, { noise: fixture.noise });
  const between = await kernelMatrix(y.samples, x.samples, kernel);
  expectClose((await process.predict(between)).values, predictions, 1e-10);
  const variances = await process.variance(between, kernelDiagonal(y.samples, kernel));
  expectClose(variances.map(Math.sqrt), deviations, 1e-10);
  expect(process.logMarginalLikelihood()).toBeCloseTo(logMarginalLikelihood, 9);
});
