// How much the labels of each structure count, of potentials.

import path from 'node:path';

import {
  calibrationOf,
  learningCurve,
  optimizeModel,
  Potential,
  properties,
  readStructures,
  Structure,
} from '../../ts';
import type { PotentialConfig } from '../../ts';
import { failing } from '../failing';

const config: PotentialConfig = {
  representation: { cutoff: { radius: 4 }, basis: { maxAngular: 3, radial: { count: 4 } } },
  kernel: { zeta: 2 },
  sparse: { count: 120 },
};
const fixed: PotentialConfig = {
  ...config,
  noise: { energy: 1e-3, forces: 0.03 },
  validation: { fraction: 0 },
};

let molecules: Structure[];
let training: Structure[];
let test_: Structure[];
beforeAll(async () => {
  molecules = await readStructures(path.join(__dirname, '..', '..', 'data', 'ethanol-train.xyz'));
  [training, test_] = [molecules.slice(0, 60), molecules.slice(60, 120)];
});

const withInfo = (structure: Structure, more: Structure['info']) => {
  const { positions, species, info, arrays, source } = structure;
  return new Structure({ positions, species, info: { ...info, ...more }, arrays, source });
};
/** Structures with weights. */
const weighted = (
  structures: readonly Structure[],
  weightOf: (s: number) => number | string | Float64Array | undefined,
) =>
  structures.map((structure, s) => {
    const w = weightOf(s);
    return withInfo(structure, w === undefined ? {} : { w: w as number });
  });
/** Every fifth has labels of another. */
const isWrong = (s: number) => s % 5 === 1;
const spoilt = () =>
  training.map((structure, s) => {
    if (!isWrong(s)) return structure;
    const { info, arrays } = training[(s + 7) % 60]!;
    const { positions, species } = structure;
    const energy = (info.energy as number) + 3 * Math.sin(s);
    return new Structure({ positions, species, info: { ...info, energy }, arrays });
  });
const lightly = () => weighted(spoilt(), (s) => (isWrong(s) ? 1e-6 : 1));
const train = async (structures: readonly Structure[], own: PotentialConfig) =>
  (await Potential.train(structures, { config: own })).potential;
const sampleWeights = 'w';

test('a weight of two is the same as the structure twice', async () => {
  const some = training.slice(0, 12);
  const all = { ...fixed, sparse: { count: 'all' }, sampleWeights } as const;
  const once = await train(
    weighted(some, (s) => (s % 3 === 0 ? 2 : 1)),
    all,
  );
  const twice = await train(
    weighted(
      some.flatMap((structure, s) => (s % 3 === 0 ? [structure, structure] : [structure])),
      () => 1,
    ),
    all,
  );
  const plain = await train(
    weighted(some, () => 1),
    all,
  );
  const [ofOnce, ofTwice, ofPlain] = await Promise.all(
    [once, twice, plain].map((potential) => potential.predict(test_)),
  );
  const differences = (other: typeof ofOnce) =>
    ofOnce!.map(({ energy }, s) => Math.abs(energy - other![s]!.energy));
  expect(Math.max(...differences(ofTwice))).toBeLessThan(1e-5);
  expect(Math.max(...differences(ofPlain))).toBeGreaterThan(1e-3);
  ofOnce!.forEach(({ forces }, s) =>
    forces!.forEach((f, i) => expect(f).toBeCloseTo(ofTwice![s]!.forces![i]!, 4)),
  );
});

test.each([{ type: 'variance' } as const, { type: 'committee', members: 12 } as const])(
  'wrong labels of little weight do no harm, nor to what is found: $type',
  async (uncertainty) => {
    const right = await train(
      training.filter((_, s) => !isWrong(s)),
      { ...config, uncertainty },
    );
    const own = await train(lightly(), { ...config, uncertainty, sampleWeights });
    const deceived = await train(spoilt(), { ...config, uncertainty });
    const [without, found, misled] = await Promise.all(
      [right, own, deceived].map((potential) => potential.evaluate(test_, { uncertainty: true })),
    );
    expect(found!.forces!.rmse).toBeLessThan(1.25 * without!.forces!.rmse);
    expect(found!.energy!.rmse).toBeLessThan(1.4 * without!.energy!.rmse);
    expect(misled!.forces!.rmse).toBeGreaterThan(2 * found!.forces!.rmse);
    // Errors that are reported are of all labels alike.
    expect(own.summary.training.forces!.rmse).toBeGreaterThan(3 * found!.forces!.rmse);
    // Wrong labels would make error bars several times as wide.
    for (const kind of ['energy', 'forces'] as const) {
      if (!found![kind] || !found!.parity[kind]!.uncertainty) continue;
      const { factor } = calibrationOf(found!.parity[kind]!)!;
      expect(factor).toBeGreaterThan(0.4);
      expect(factor).toBeLessThan(2);
    }
    expect(own.config.sampleWeights).toBe('w');
  },
  60_000,
);

test('weights of one are no weights, to the last bit', async () => {
  const some = weighted(training.slice(0, 30), () => 1);
  const [a, b] = [await train(some, config), await train(some, { ...config, sampleWeights })];
  expect(b.parts.weights).toEqual(a.parts.weights);
  expect(b.parts.covariance).toEqual(a.parts.covariance);
  expect(b.parts.factors).toEqual(a.parts.factors);
  expect(b.config).toEqual({ ...a.config, sampleWeights });
  expect(a.config).not.toHaveProperty('sampleWeights');
});

test('only ratios of weights to the variance of the noise matter, to error bars as well', async () => {
  const some = training.slice(0, 12);
  const own = { ...fixed, sampleWeights };
  const ofOne = await train(
    weighted(some, (s) => 1 + (s % 2)),
    own,
  );
  const ofHundred = await train(
    weighted(some, (s) => 100 * (1 + (s % 2))),
    { ...own, noise: { energy: 1e-2, forces: 0.3 } },
  );
  const [a, b] = await Promise.all(
    [ofOne, ofHundred].map((potential) => potential.predict(test_, { uncertainty: true })),
  );
  a!.forEach(({ energyUncertainty }, s) =>
    expect(energyUncertainty! / b![s]!.energyUncertainty!).toBeCloseTo(1, 4),
  );
});

test('potentials that grow, and searches, have them, too', async () => {
  const own = { ...fixed, sampleWeights };
  const structures = lightly().slice(0, 30);
  const options = { sizes: [10, 30], config: own };
  const [few, all] = await learningCurve(structures, test_, options);
  const potential = await train(structures, own);
  const { forces } = await potential.evaluate(test_);
  expect(all!.errors.forces!.rmse).toBeCloseTo(forces!.rmse, 7);
  expect(few!.errors.forces!.rmse).toBeGreaterThan(all!.errors.forces!.rmse);

  const errorsOf = async (given: readonly Structure[], more: PotentialConfig) => {
    const space = { ...fixed, ...more, kernel: { zeta: { $choice: [2] } } };
    const { trials } = await optimizeModel(given, { space, trials: 1, folds: 3 });
    return trials[0]!.details as unknown as Record<string, { rmse: number; count: number }>;
  };
  const found = await errorsOf(structures, { sampleWeights });
  const misled = await errorsOf(structures, {});
  expect(found.energy!.count).toBeCloseTo(24, 3);
  expect(misled.energy!.count).toBe(30);
  expect(misled.forces!.rmse).toBeGreaterThan(3 * found.forces!.rmse);
}, 30_000);

test('so have searches for models of properties', async () => {
  const errorOf = async (name: string | undefined) => {
    const space = {
      terms: [{ representation: config.representation }],
      regression: { type: 'sparse', count: 60 },
      aggregate: 'sum',
      noise: { $choice: [0.03] },
      ...(name !== undefined && { sampleWeights: name }),
    };
    const kind = properties('energy');
    const { trials } = await optimizeModel(lightly().slice(0, 30), {
      ...{ space, kind, trials: 1, folds: 3 },
    });
    return trials[0]!.details as unknown as Record<string, { rmse: number; count: number }>;
  };
  const [found, misled] = [await errorOf('w'), await errorOf(undefined)];
  expect(found.energy!.count).toBeCloseTo(24, 3);
  expect(misled.energy!.rmse).toBeGreaterThan(1.5 * found.energy!.rmse);
});

test('evaluations count labels by weights where these are named', async () => {
  const potential = await train(training.slice(0, 20), fixed);
  const some = weighted(test_.slice(0, 4), (s) => [1, 2, 0.5, 4][s]);
  const each = await Promise.all(some.map((structure) => potential.evaluate([structure])));
  const { energy, forces } = await potential.evaluate(some, { sampleWeights });
  const mean = (of: (k: number) => number) =>
    [1, 2, 0.5, 4].reduce((sum, w, k) => sum + w * of(k), 0) / 7.5;
  expect(energy!.mae).toBeCloseTo(
    mean((k) => each[k]!.energy!.mae),
    12,
  );
  expect(forces!.rmse ** 2).toBeCloseTo(
    mean((k) => each[k]!.forces!.rmse ** 2),
    12,
  );
  expect([energy!.count, forces!.count]).toEqual([7.5, 7.5 * 27]);
});

describe('says what is wrong', () => {
  const attempt = (weightOf: Parameters<typeof weighted>[1], name = sampleWeights) =>
    train(weighted(training.slice(0, 9), weightOf), { ...fixed, sampleWeights: name });

  test.each([
    [0, 'w: expected weights > 0, got 0'],
    [-1, 'w: expected weights > 0, got -1'],
    [NaN, 'w: expected a finite number, got NaN'],
    [Infinity, 'w: expected a finite number, got Infinity'],
    ['much', 'info.w: expected a number or numbers, got "much"'],
    [undefined, 'info.w: expected a number or numbers, got nothing'],
    [Float64Array.of(1, 2), 'w: expected a number, as in the first structure, got 2 numbers'],
  ])('a weight of %p, with file and frame', async (bad, message) => {
    const weightOf = (s: number) => (s === 7 ? bad : 1);
    await expect(attempt(weightOf)).rejects.toThrow(message);
    await expect(attempt(weightOf)).rejects.toThrow(/ethanol-train\.xyz.*frame 7/);
    await expect(attempt(weightOf)).rejects.toEqual(failing({ code: 'FORMAT' }));
  });

  test('a name that nobody has, or of atoms', async () => {
    const named = failing({ code: 'INVALID_INPUT', path: 'sampleWeights' });
    await expect(attempt(() => 1, 'v')).rejects.toEqual(named);
    await expect(attempt(() => 1, 'forces')).rejects.toEqual(named);
    await expect(attempt(() => Float64Array.of(1, 2))).rejects.toEqual(named);
  });
});
