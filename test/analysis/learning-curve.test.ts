import path from 'node:path';

import {
  fitPowerLaw,
  learningCurve,
  Potential,
  properties,
  PropertyModel,
  readStructures,
} from '../../ts';
import type { PropertyConfig, Structure } from '../../ts';
import { failing } from '../failing';

const file = path.resolve(__dirname, '../../data/water-test.xyz');
const representation = { cutoff: { radius: 3 }, basis: { maxAngular: 2, radial: { count: 3 } } };
const property: PropertyConfig = {
  terms: [{ representation }],
  regression: { type: 'sparse', count: 30 },
};
let training: Structure[];
let test_: Structure[];
beforeAll(async () => {
  const all = await readStructures(file);
  [training, test_] = [all.slice(0, 40), all.slice(40)];
});

describe('fitPowerLaw', () => {
  test('finds the law that made the numbers', () => {
    const sizes = [10, 30, 100, 1000];
    const law = fitPowerLaw(
      sizes,
      sizes.map((n) => 3 * n ** -0.7),
    )!;
    expect(law.prefactor).toBeCloseTo(3, 10);
    expect(law.exponent).toBeCloseTo(0.7, 12);
    expect(law.exponentError).toBeLessThan(1e-10);
  });

  test('knows no law of one size, or of errors of zero', () => {
    expect(fitPowerLaw([10, 10], [1, 2])).toBeUndefined();
    expect(fitPowerLaw([10, 20], [1, 0])).toBeUndefined();
    const law = fitPowerLaw([10, 20], [2, 1])!;
    expect(law.exponent).toBeCloseTo(1, 12);
    expect(law.prefactor).toBeCloseTo(20, 10);
    expect(law.exponentError).toBeUndefined();
  });
});

test('a potential that has grown to all structures is the trained one', async () => {
  const config = { representation, sparse: { count: 40 }, noise: { energy: 0.01, forces: 0.1 } };
  const steps = await learningCurve(training, test_, { sizes: [3, 40], config, repeats: 2 });
  const { potential } = await Potential.train(training, { config });
  const { energy, forces } = await potential.evaluate(test_);
  expect(steps.map(({ structures }) => structures)).toEqual([3, 40]);
  const [some, all] = steps;
  expect(all!.errors.energy!.rmse).toBeCloseTo(energy!.rmse, 8);
  expect(all!.errors.forces!.mae).toBeCloseTo(forces!.mae, 8);
  expect(all!.spread.forces!.rmse).toBeLessThan(1e-8);
  expect(some!.spread.forces!.rmse).toBeGreaterThan(1e-6);
  expect(some!.errors.forces!.rmse).toBeGreaterThan(all!.errors.forces!.rmse);
}, 30_000);

test('so is a model of a property', async () => {
  const kind = properties('energy');
  const steps = await learningCurve(training, test_, { sizes: [10, 40], config: property, kind });
  const model = await PropertyModel.train(training, 'energy', { config: property });
  const { errors } = await model.evaluate(test_);
  expect(steps[1]!.errors.energy!.rmse).toBeCloseTo(errors.rmse, 7);
  expect(steps[0]!.errors.energy!.rmse).not.toBeCloseTo(errors.rmse, 7);
});

test('says which sizes are not possible', async () => {
  await expect(learningCurve(training, test_, { sizes: [10, 41], config: {} })).rejects.toEqual(
    failing({ code: 'INVALID_INPUT', path: 'sizes' }),
  );
});
