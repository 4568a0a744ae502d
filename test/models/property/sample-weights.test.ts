// How much each label counts, as structures or their atoms say.

import { calibrationOf, PropertyModel, Structure } from '../../../ts';
import type { PropertyConfig } from '../../../ts';
import { failing } from '../../failing';
import { config, test_, training } from './molecules';

const weighted: PropertyConfig = { ...config, sampleWeights: 'w', aggregate: 'sum' };

/** Structures with weights, of each of their atoms if these are numbers for each. */
const withWeights = (
  structures: readonly Structure[],
  weightOf: (s: number) => number | readonly number[] | string,
) =>
  structures.map(({ positions, species, info, arrays }, s) => {
    const w = weightOf(s);
    return typeof w === 'object'
      ? new Structure({
          positions,
          species,
          info,
          arrays: { ...arrays, w: { data: Float64Array.from(w), shape: [species.length] } },
        })
      : new Structure({ positions, species, info: { ...info, w }, arrays });
  });

describe.each(['energy_like', 'mu', 'alpha', 'shift'])('%s', (target) => {
  const some = training.slice(0, 20);
  const fixed: PropertyConfig = { ...weighted, noise: 0.1, validation: { fraction: 0 } };

  test.each([
    ['sparse', { type: 'sparse', count: 40 }],
    ['all', { type: 'sparse', count: 'all' }],
  ] as const)('a weight of two is the same as two samples, %s', async (_, regression) => {
    const train = (structures: readonly Structure[]) =>
      PropertyModel.train(structures, target, { config: { ...fixed, regression } });
    const once = withWeights(some, (s) => (s % 3 === 0 ? 2 : 1));
    const twice = withWeights(
      some.flatMap((structure, s) => (s % 3 === 0 ? [structure, structure] : [structure])),
      () => 1,
    );
    const [a, b] = [await train(once), await train(twice)];
    const plain = await train(withWeights(some, () => 1));
    const [ofA, ofB, ofPlain] = await Promise.all([a, b, plain].map((m) => m.predict(test_)));
    ofA!.forEach(({ values }, s) =>
      values.forEach((y, i) => expect(y).toBeCloseTo(ofB![s]!.values[i]!, 6)),
    );
    expect(ofA).not.toEqual(ofPlain);
  });

  test('wrong labels of little weight do no harm, nor to the noise that is found', async () => {
    const wrong = training.map((structure, s) => {
      if (s % 5 !== 0) return structure;
      const other = training[(s + 1) % 60]!;
      const { positions, species } = structure;
      return new Structure({ positions, species, info: other.info, arrays: other.arrays });
    });
    // Of labels without noise the rest is known so well that a weight of 1e-6 would still say something.
    const weights = withWeights(wrong, (s) => (s % 5 === 0 ? 1e-12 : 1));
    const model = await PropertyModel.train(weights, target, { config: weighted });
    const deceived = await PropertyModel.train(wrong, target, { config });
    const [{ errors, parity }, { errors: without }] = [
      await model.evaluate(test_, { uncertainty: true }),
      await deceived.evaluate(test_),
    ];
    // Nor to the width of error bars, which wrong labels would make many times as large.
    const { factor } = calibrationOf(parity)!;
    expect(factor).toBeGreaterThan(0.2);
    expect(errors.rmsRelative).toBeLessThan(0.04);
    expect(without.rmse).toBeGreaterThan(3 * errors.rmse);
    expect(model.config.sampleWeights).toBe('w');
  });
});

test('atoms have weights of their own, or that of their structure', async () => {
  const fixed: PropertyConfig = { ...weighted, noise: 0.1 };
  const train = async (weightOf: (s: number) => number | number[]) => {
    const structures = withWeights(training, weightOf);
    const model = await PropertyModel.train(structures, 'shift', { config: fixed });
    return model.predict(test_);
  };
  expect(await train(() => [3, 3, 3])).toEqual(await train(() => 3));
  expect(await train(() => [1, 2, 3])).not.toEqual(await train(() => 3));
});

test('outliers are looked for besides', async () => {
  const structures = withWeights(training, (s) => (s === 4 ? 100 : 1));
  for (const regression of [{ type: 'sparse', count: 'all' } as const, config.regression]) {
    const model = await PropertyModel.train(structures, 'shift', {
      config: { ...weighted, regression, likelihood: { type: 'student-t' } },
    });
    expect((await model.evaluate(test_)).errors.rmsRelative).toBeLessThan(0.01);
  }
});

test('weights of terms are found with them', async () => {
  const two: PropertyConfig = {
    ...weighted,
    weights: { type: 'marginal-likelihood' },
    terms: [
      ...config.terms!,
      { representation: { ...config.terms![0]!.representation, cutoff: { radius: 1.5 } } },
    ],
  };
  const weightsOf = async (weightOf: (s: number) => number) => {
    const structures = withWeights(training.slice(0, 30), weightOf);
    const { terms } = (await PropertyModel.train(structures, 'energy_like', { config: two }))
      .config;
    return terms.map(({ weight }) => weight);
  };
  expect(await weightsOf((s) => 1 + (s % 4))).not.toEqual(await weightsOf(() => 1));
});

describe('says what is wrong', () => {
  const train = (weightOf: Parameters<typeof withWeights>[1], target = 'energy_like', name = 'w') =>
    PropertyModel.train(withWeights(training, weightOf), target, {
      config: { ...config, sampleWeights: name },
    });

  test.each([0, -1, NaN, Infinity, 'much'])('a weight of %s', async (bad) => {
    await expect(train((s) => (s === 7 ? bad : 1))).rejects.toEqual(
      failing({ code: 'INVALID_INPUT', path: 'structures[7]' }),
    );
  });

  test('a name that nobody has, and weights of atoms for numbers of structures', async () => {
    const named = failing({ code: 'INVALID_INPUT', path: 'sampleWeights' });
    await expect(train(() => 1, 'energy_like', 'v')).rejects.toEqual(named);
    await expect(train(() => [1, 1, 1])).rejects.toEqual(named);
  });

  test('a file and frame', async () => {
    const [first, second] = withWeights(training.slice(0, 2), (s) => 1 - s) as [
      Structure,
      Structure,
    ];
    const { positions, species, info } = second;
    const source = { file: 'a.xyz', frame: 1 };
    const read = new Structure({ positions, species, info, source });
    await expect(
      PropertyModel.train([first, read], 'energy_like', { config: weighted }),
    ).rejects.toThrow(/a\.xyz.*frame 1.*w: expected weights > 0, got 0/);
  });
});
