// How wide error bars are where nothing, or next to nothing, is held out to compare them with.

import { GaussianProcess, PropertyModel, structureKernel } from '../../../ts';
import type { PropertyConfig } from '../../../ts';
import { atomicNumber } from '../../../ts/structures/elements';
import { config, test_, training } from './molecules';

/** Root of the mean of (error / uncertainty)²: 1 where uncertainties are right. */
async function ratio(model: PropertyModel): Promise<number> {
  const { parity, uncertainties } = await model.evaluate(test_, { uncertainty: true });
  const components = parity.reference.length / uncertainties!.length;
  const squares = parity.reference.map(
    (y, i) => ((y - parity.predicted[i]!) / uncertainties![Math.floor(i / components)]!) ** 2,
  );
  return Math.sqrt(squares.reduce((sum, x) => sum + x, 0) / squares.length);
}

const note = /fewer than 10 held-out labels .* may be off/;

test.each(['energy_like', 'mu', 'alpha'])(
  'of %s they are right within a factor, and a note says so',
  async (target) => {
    const train = (count: number, given: PropertyConfig) =>
      PropertyModel.train(training.slice(0, count), target, { config: given });
    for (const [count, fraction] of [
      [4, 0.2],
      [6, 0.2],
      [20, 0],
    ] as const) {
      const model = await train(count, { ...config, noise: 0.01, validation: { fraction } });
      expect(model.summary.notes.join()).toMatch(note);
      const found = await ratio(model);
      expect(found).toBeGreaterThan(0.05);
      expect(found).toBeLessThan(5);
    }
    expect((await train(60, config)).summary.notes.join()).not.toMatch(note);
  },
);

test('follow from the marginal likelihood, yᵀ (K + σ²)⁻¹ y by the labels that the baseline leaves', async () => {
  const structures = training.slice(0, 10);
  const noise = 0.05;
  const { parts } = await PropertyModel.train(structures, 'energy_like', {
    config: { ...config, regression: { type: 'full' }, noise, aggregate: 'sum' },
  });
  const { references, fitted, baseline } = parts;
  const { species, offsets, features } = references;
  const values = Float64Array.from(features.get('features.0')!);
  const samples = { values, rows: species.length, columns: values.length / species.length };
  const kernel = await structureKernel(
    samples,
    offsets!,
    undefined,
    undefined,
    { type: 'dot-product', zeta: 2 },
    { speciesX: species },
  );
  const ofElement = new Map(Object.entries(baseline[0]!).map(([s, y]) => [atomicNumber(s), y]));
  const labels = Float64Array.from(structures, ({ info, species: own }) => {
    const taken = own.reduce((sum, number) => sum + ofElement.get(number)!, 0);
    return ((info.energy_like as number) - taken) / fitted[0]!.scale;
  });
  const process = await GaussianProcess.fit(kernel, { values: labels, shape: [10, 1] }, { noise });
  const square = process.weights.values.reduce((sum, w, i) => sum + w * labels[i]!, 0);
  expect(parts.amplitude / (square / 9)).toBeCloseTo(1, 5);
});
