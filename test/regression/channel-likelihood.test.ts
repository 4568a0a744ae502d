import { Bispectrum, GaussianProcess, PowerSpectrum, structureKernel } from '../../ts';
import { ChannelLikelihood } from '../../ts/regression/channel-likelihood';
import { toBatch } from '../../ts/structures/batch';
import { clusters, given, representation, weightsOf } from './charged-clusters';

const { structures, labels } = clusters(12);
const featuresOf = (weights: Float64Array) =>
  new PowerSpectrum({ ...representation, channels: given(weights) }).computeSync(structures);
const offsets = Int32Array.from({ length: 13 }, (_, k) => 4 * k);
const y = Float64Array.from(labels);
/** Labels that count differently. */
const counted = { values: y, weights: y.map((_, a) => 0.3 + (a % 4)) };
/** A positive definite kernel of something else. */
const other = {
  values: Float64Array.from({ length: 144 }, (_, k) =>
    Math.exp(-0.3 * Math.abs(Math.floor(k / 12) - (k % 12))),
  ),
  shape: [12, 12] as const,
};

describe.each([
  { zeta: 2, aggregate: 'mean', sameElement: false, given: { values: y } },
  { zeta: 1, aggregate: 'sum', sameElement: true, given: counted },
  { zeta: 3, aggregate: 'sum', sameElement: false, given: counted },
] as const)('likelihood of channels: ζ = $zeta, $aggregate', ({ given: known, ...kernel }) => {
  const countOf = (a: number) => ('weights' in known ? known.weights[a]! : 1);
  const channels = 2;
  const settings = { ...representation, channels: { type: 'random', count: channels } } as const;
  const create = (soap: PowerSpectrum | Bispectrum) =>
    ChannelLikelihood.create(soap, channels, toBatch(structures), { ...kernel, offsets });

  test.each([
    ['power spectrum', () => new PowerSpectrum(settings)],
    ['bispectrum', () => new Bispectrum(settings)],
  ])('slopes are those of the value: %s', async (_, make) => {
    const likelihood = await create(make());
    const weights = weightsOf(channels);
    const at = (u: Float64Array, ridge = 0.1, weight = 0.5) =>
      likelihood.at(u, known, ridge, { kernel: other, weight });
    const slope = await at(weights);
    const step = 1e-5;
    for (let k = 0; k < weights.length; k++) {
      const moved = (by: number) => weights.map((u, i) => (i === k ? u + by : u));
      const [up, down] = [await at(moved(step)), await at(moved(-step))];
      expect(Math.abs(slope.weights[k]! - (up.value - down.value) / (2 * step))).toBeLessThan(1e-6);
    }
    const slopeOf = async (f: (by: number) => ReturnType<typeof at>) =>
      ((await f(step)).value - (await f(-step)).value) / (2 * step);
    expect(slope.ridge).toBeCloseTo(await slopeOf((by) => at(weights, 0.1 + by)), 5);
    expect(slope.other).toBeCloseTo(await slopeOf((by) => at(weights, 0.1, 0.5 + by)), 5);
    expect(Math.max(...slope.weights.map(Math.abs))).toBeGreaterThan(1e-2);
  });

  test('the regression has the most likely ridge, within bounds', async () => {
    const likelihood = await create(new PowerSpectrum(settings));
    const weights = weightsOf(channels);
    const valueAt = async (ridge: number) => (await likelihood.at(weights, known, ridge)).value;
    const free = await likelihood.regression(weights, known, [1e-6, 10]);
    expect(free.value).toBeCloseTo(await valueAt(free.ridge), 8);
    for (let exponent = -6; exponent <= 1; exponent += 0.5) {
      expect(await valueAt(10 ** exponent)).toBeGreaterThan(free.value - 1e-4);
    }
    const held = await likelihood.regression(weights, known, [0.1, 0.1]);
    expect(held.ridge).toBeCloseTo(0.1, 12);
    expect(held.value).toBeCloseTo(await valueAt(0.1), 8);
    // (K + λ W⁻¹) α = y, s² = yᵀ α / N.
    for (let a = 0; a < 12; a++) {
      const row = held.kernel.values.subarray(12 * a, 12 * (a + 1));
      const ofRidge = (0.1 / countOf(a)) * held.alpha[a]!;
      const sum = row.reduce((part, k, b) => part + k * held.alpha[b]!, ofRidge);
      expect(sum).toBeCloseTo(y[a]!, 8);
    }
    const product = held.alpha.reduce((sum, w, a) => sum + w * y[a]!, 0);
    expect(held.variance).toBeCloseTo(product / 12, 10);
  });

  test('the Jacobian is that of predictions whose references stay', async () => {
    const likelihood = await create(new PowerSpectrum(settings));
    const weights = weightsOf(channels);
    const { alpha } = await likelihood.regression(weights, known, [0.1, 0.1]);
    const jacobian = await likelihood.jacobian(weights, alpha);
    expect(jacobian.shape).toEqual([12, weights.length]);
    const references = featuresOf(weights);
    const elements = toBatch(structures).species;
    const { aggregate, zeta, sameElement } = kernel;
    const predictionsAt = async (u: Float64Array) => {
      const { values } = await structureKernel(
        featuresOf(u),
        offsets,
        references,
        offsets,
        { type: 'dot-product', zeta },
        { aggregate, ...(sameElement && { speciesX: elements, speciesY: elements }) },
      );
      return Array.from({ length: 12 }, (_, a) =>
        alpha.reduce((sum, w, b) => sum + w * values[12 * a + b]!, 0),
      );
    };
    const step = 1e-5;
    for (let k = 0; k < weights.length; k++) {
      const moved = (by: number) => weights.map((u, i) => (i === k ? u + by : u));
      const [up, down] = [await predictionsAt(moved(step)), await predictionsAt(moved(-step))];
      up.forEach((f, a) => {
        const slope = (f - down[a]!) / (2 * step);
        expect(Math.abs(jacobian.values[a * weights.length + k]! - slope)).toBeLessThan(1e-6);
      });
    }
    expect(Math.max(...jacobian.values.map(Math.abs))).toBeGreaterThan(1e-2);
  });

  test('is that of a Gaussian process with the most likely variance', async () => {
    const weights = weightsOf(channels);
    const { value } = await (await create(new PowerSpectrum(settings))).at(weights, known, 0.1);
    const x = featuresOf(weights);
    const { aggregate, zeta, sameElement } = kernel;
    const { values } = await structureKernel(
      x,
      offsets,
      undefined,
      undefined,
      { type: 'dot-product', zeta },
      { aggregate, ...(sameElement && { speciesX: toBatch(structures).species }) },
    );
    const targets = { values: y, shape: [12, 1] as const };
    const counts = y.map((_, a) => countOf(a));
    const found = await Promise.all(
      [0.9, 1, 1.1].map(async (factor) => {
        const unit = await GaussianProcess.fit({ values, shape: [12, 12] }, targets, {
          noise: Math.sqrt(0.1),
          weights: counts,
        });
        const fit = unit.weights.values.reduce((sum, w, i) => sum + w * y[i]!, 0) / 12;
        const variance = factor * fit;
        const process = await GaussianProcess.fit(
          { values: values.map((k) => variance * k), shape: [12, 12] },
          targets,
          { noise: Math.sqrt(0.1 * variance), weights: counts },
        );
        return -process.logMarginalLikelihood();
      }),
    );
    expect(value).toBeCloseTo(found[1]!, 8);
    expect(found[0]).toBeGreaterThan(found[1]!);
    expect(found[2]).toBeGreaterThan(found[1]!);
  });
});

test('any number of threads gives the same bits', async () => {
  const soap = new PowerSpectrum({ ...representation, channels: { type: 'random', count: 2 } });
  const many = clusters(150, 3);
  const likelihood = await ChannelLikelihood.create(soap, 2, toBatch(many.structures), {
    zeta: 2,
    aggregate: 'mean',
    sameElement: false,
    offsets: Int32Array.from({ length: 151 }, (_, k) => 4 * k),
  });
  const values = Float64Array.from(many.labels);
  const labelsOfMany = { values, weights: values.map((_, s) => 1 + (s % 5)) };
  const at = (threads: number) =>
    likelihood.at(weightsOf(2), labelsOfMany, 0.1, undefined, { threads });
  const one = await at(1);
  const regressAt = async (threads: number) => {
    const run = { threads };
    const regression = await likelihood.regression(weightsOf(2), labelsOfMany, [1e-8, 1], run);
    const jacobian = await likelihood.jacobian(weightsOf(2), regression.alpha, run);
    return { regression, jacobian };
  };
  const both = await regressAt(1);
  for (const threads of [2, 3]) {
    expect(await at(threads)).toEqual(one);
    expect(await regressAt(threads)).toEqual(both);
  }
});
