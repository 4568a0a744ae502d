import path from 'node:path';

import {
  fitPowerLaw,
  learningCurve,
  Potential,
  properties,
  PropertyModel,
  readStructures,
  Structure,
} from '../../ts';
import type { ModelKind, PropertyConfig, StructureLike } from '../../ts';
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

describe('of a kind that cannot grow', () => {
  const at = (species: readonly string[], s: number) =>
    new Structure({ species: [...species], positions: species.flatMap((_, i) => [i, 0, 0.1 * s]) });
  // Three of forty have Br.
  const some = Array.from({ length: 40 }, (_, s) => at(s % 13 === 5 ? ['Br', 'H'] : ['O', 'H'], s));
  const elementsIn = (structures: readonly StructureLike[]) =>
    [...new Set(structures.flatMap(({ species }) => Array.from(species, String)))].sort();
  const trained: string[][] = [];
  const kind: ModelKind<object> = {
    name: 'elements',
    check: () => undefined,
    train: (structures) => {
      trained.push(elementsIn(structures));
      const error = { mae: 1 / structures.length, rmse: 1 / structures.length, count: 1 };
      return Promise.resolve({ evaluate: () => Promise.resolve({ error }) });
    },
  };
  const curve = (sizes: readonly number[], test: readonly Structure[]) =>
    learningCurve(some, test, { sizes, config: {}, kind, repeats: 5 });

  test('all sets have the elements of the test', async () => {
    const steps = await curve([2, 4], [at(['Br', 'H'], 1), at(['O', 'H'], 2)]);
    expect(trained).toHaveLength(10);
    expect(new Set(trained.map(String))).toEqual(new Set(['1,35,8']));
    expect(steps[1]!.errors.error!.rmse).toBe(0.25);
  });

  test('or the error says which do not fit, and how many would', async () => {
    trained.length = 0;
    const attempt = curve([1, 4], [at(['Br', 'H'], 1), at(['O', 'H'], 2)]);
    await expect(attempt).rejects.toThrow(
      /^sizes: a model of 1 would not know (Br|O), which test structures have; expected at least 2, or test structures without$/,
    );
    expect(trained).toEqual([]);
    await expect(curve([1], [at(['H', 'H'], 1)])).resolves.toHaveLength(1);
  });
});

test('says which sizes are not possible', async () => {
  await expect(learningCurve(training, test_, { sizes: [10, 41], config: {} })).rejects.toEqual(
    failing({ code: 'INVALID_INPUT', path: 'sizes' }),
  );
});
