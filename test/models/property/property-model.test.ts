import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { loadModel, PropertyModel, Structure } from '../../../ts';
import type { PropertyConfig } from '../../../ts';
import { MemoryLimitError } from '../../../ts/errors';
import { ProjectedPosterior } from '../../../ts/regression/projected-process';
import { failing } from '../../failing';
import { rotation, times, transformed } from '../../properties/structures';
import { config, representation, test_, training } from './molecules';

const folder = mkdtempSync(path.join(tmpdir(), 'soapstone-property-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe.each([
  ['energy_like', 0.03],
  ['mu', 0.02],
  ['alpha', 0.01],
  ['shift', 0.01],
])('%s', (target, most) => {
  let model: PropertyModel;
  beforeAll(async () => {
    model = await PropertyModel.train(training, target, { config });
  });

  test('is learned', async () => {
    const { errors, parity } = await model.evaluate(test_);
    const { predicted } = parity;
    const mean = predicted.reduce((sum, y) => sum + y, 0) / predicted.length;
    expect(errors.rmsRelative).toBeLessThan(most);
    expect(errors.rmse).toBeGreaterThan(0);
    expect(mean).not.toBe(0);
  });

  test('comes back from a file, to the last bit', async () => {
    const file = path.join(folder, `${target}.soapstone`);
    await model.save(file);
    const loaded = await loadModel(file);
    expect(loaded.kind).toBe('property');
    const options = { uncertainty: true };
    expect(await loaded.predict(test_, options as never)).toEqual(
      await model.predict(test_, options),
    );
    expect((loaded as PropertyModel).summary).toEqual(model.summary);
  });

  test('is the same for any number of threads and grouping', async () => {
    const one = await PropertyModel.train(training, target, { config, threads: 1 });
    const [a, b] = [await one.predict(test_, { threads: 1 }), await model.predict(test_)];
    expect(a).toEqual(b);
    const single = await Promise.all(test_.map((structure) => model.predict([structure])));
    single.forEach(([prediction], s) =>
      prediction!.values.forEach((y, i) => expect(y).toBeCloseTo(b[s]!.values[i]!, 9)),
    );
  });

  test('has uncertainties that agree with errors within a factor', async () => {
    const { errors, uncertainties } = await model.evaluate(test_, { uncertainty: true });
    const mean = Math.sqrt(
      uncertainties!.reduce((sum, x) => sum + x * x, 0) / uncertainties!.length,
    );
    expect(mean / errors.rmse).toBeGreaterThan(0.2);
    expect(mean / errors.rmse).toBeLessThan(5);
  });
});

test('an aborted or failed prediction leaves the model as it was', async () => {
  // Properties of atoms have a part for each element, each with variances of its own.
  const { parts } = await PropertyModel.train(training, 'shift', { config });
  const wanted = await new PropertyModel(parts).predict(test_, { uncertainty: true });
  const model = new PropertyModel(parts);
  const unhandled = jest.fn();
  process.on('unhandledRejection', unhandled);
  const create = jest.spyOn(ProjectedPosterior, 'create');
  const controller = new AbortController();
  const { signal } = controller;
  create.mockImplementationOnce(() => {
    controller.abort();
    return Promise.reject(new MemoryLimitError('too large'));
  });
  await expect(model.predict(test_, { uncertainty: true, signal })).rejects.toEqual(
    failing({ code: 'ABORTED' }),
  );
  create.mockRejectedValueOnce(new MemoryLimitError('too large'));
  await expect(model.rigidity(test_)).rejects.toEqual(failing({ code: 'MEMORY_LIMIT' }));
  expect(await model.predict(test_, { uncertainty: true })).toEqual(wanted);
  await new Promise((resolve) => setImmediate(resolve));
  expect(unhandled).not.toHaveBeenCalled();
  process.off('unhandledRejection', unhandled);
  create.mockRestore();
});

test('vectors and tensors turn with the structure, numbers stay', async () => {
  const matrix = rotation(9);
  const turned = test_.map((structure) => transformed(structure, matrix));
  const largest = (values: Float64Array) => Math.max(...values.map(Math.abs));
  for (const target of ['energy_like', 'mu', 'alpha']) {
    const model = await PropertyModel.train(training, target, { config });
    const [before, after] = [
      await model.predict(test_, { uncertainty: true }),
      await model.predict(turned, { uncertainty: true }),
    ];
    before.forEach(({ values, shape, uncertainty }, s) => {
      let wanted: Float64Array = values;
      if (shape.length === 1) wanted = times(values, matrix);
      if (shape.length === 2) {
        const once = times(values, matrix);
        const transposed = once.map((_, k) => once[3 * (k % 3) + Math.floor(k / 3)]!);
        wanted = times(transposed, matrix);
        wanted = wanted.map((_, k) => wanted[3 * (k % 3) + Math.floor(k / 3)]!);
      }
      const error = after[s]!.values.map((y, i) => y - wanted[i]!);
      expect(largest(error)).toBeLessThan(1e-8 * largest(wanted));
      expect(after[s]!.uncertainty![0]).toBeCloseTo(uncertainty![0]!, 7);
    });
  }
});

test('γ of REMatch is set, saved and trained with again', async () => {
  const rematch: PropertyConfig = {
    ...config,
    regression: { type: 'full' },
    aggregate: 'rematch',
    noise: 0.01,
  };
  const some = training.slice(0, 8);
  const train = (given: PropertyConfig) =>
    PropertyModel.train(some, 'energy_like', { config: given });
  const [usual, same, smeared] = await Promise.all([
    train(rematch),
    train({ ...rematch, gamma: 0.1 }),
    train({ ...rematch, gamma: 1 }),
  ]);
  const left = test_.slice(0, 3);
  expect(usual.config.gamma).toBe(0.1);
  expect(await same.predict(left)).toEqual(await usual.predict(left));
  expect(await smeared.predict(left)).not.toEqual(await usual.predict(left));
  const file = path.join(folder, 'gamma.soapstone');
  await smeared.save(file);
  const loaded = await PropertyModel.load(file);
  expect(loaded.config.gamma).toBe(1);
  expect(await loaded.predict(left)).toEqual(await smeared.predict(left));
  await expect(train({ ...config, gamma: 0.1 })).rejects.toEqual(failing({ path: 'gamma' }));
}, 60_000);

test('the full kernel and matching kernels learn, too', async () => {
  for (const aggregate of ['sum', 'best-match', 'rematch'] as const) {
    const model = await PropertyModel.train(training.slice(0, 30), 'energy_like', {
      config: { ...config, regression: { type: 'full' }, aggregate },
    });
    const { errors } = await model.evaluate(test_);
    expect(errors.rmsRelative).toBeLessThan(0.1);
    const file = path.join(folder, `${aggregate}.soapstone`);
    await model.save(file);
    const loaded = await PropertyModel.load(file);
    const some = test_.slice(0, 3);
    expect(await loaded.predict(some)).toEqual(await model.predict(some));
  }
}, 60_000);

test('learns the difference to another property', async () => {
  const model = await PropertyModel.train(training, 'energy_like', {
    config: { ...config, baseline: { label: 'other' } },
  });
  const { errors } = await model.evaluate(test_);
  expect(errors.rmsRelative).toBeLessThan(0.03);
  const bare = new Structure({ positions: [[0, 0, 0]], species: [8] });
  await expect(model.predict([bare])).rejects.toEqual(failing({ code: 'INVALID_INPUT' }));
});

test('weights of several terms matter', async () => {
  const two = (weight: number): PropertyConfig => ({
    ...config,
    noise: 0.01,
    terms: [
      ...config.terms!,
      { representation: { ...representation, cutoff: { radius: 1.2 } }, weight },
    ],
  });
  const predict = async (weight: number) => {
    const model = await PropertyModel.train(training, 'energy_like', { config: two(weight) });
    return (await model.predict(test_))[0]!.values[0]!;
  };
  expect(await predict(10)).not.toBe(await predict(0.1));
});

test('a noise that is too small for the precision of numbers is taken as small as they allow', async () => {
  const model = await PropertyModel.train(training, 'energy_like', {
    config: { ...config, noise: 1e-12 },
  });
  expect((await model.evaluate(test_)).errors.rmsRelative).toBeLessThan(0.2);
});

test('copies among the structures do no harm', async () => {
  const model = await PropertyModel.train([...training, ...training], 'energy_like', { config });
  expect((await model.evaluate(test_)).errors.rmsRelative).toBeLessThan(0.03);
});

describe('says what is wrong', () => {
  const train = (target: string, given: PropertyConfig = config, structures = training) =>
    PropertyModel.train(structures, target, { config: given });

  test('with labels', async () => {
    await expect(train('nothing')).rejects.toEqual(
      failing({ code: 'INVALID_INPUT', path: 'target' }),
    );
    const { positions, species } = training[0]!;
    const odd = [...training, new Structure({ positions, species, info: { energy_like: NaN } })];
    await expect(train('energy_like', config, odd)).rejects.toEqual(
      failing({ code: 'INVALID_INPUT', path: 'structures[60]' }),
    );
    await expect(train('energy_like', config, [])).rejects.toEqual(
      failing({ code: 'INVALID_INPUT', path: 'structures' }),
    );
  });

  test('with the configuration', async () => {
    await expect(
      train('mu', { terms: [{ representation: { type: 'equivariant-power-spectrum' } }] }),
    ).rejects.toEqual(failing({ path: 'terms[0].representation.type' }));
    await expect(train('energy_like', { ...config, aggregate: 'rematch' })).rejects.toEqual(
      failing({ path: 'regression.type' }),
    );
    await expect(train('energy_like', { tersm: [] } as never)).rejects.toEqual(
      failing({ code: 'INVALID_INPUT' }),
    );
  });

  test('with the number of noises', async () => {
    const noisy = (noise: number[]) => ({ ...config, noise });
    await expect(train('alpha', noisy([0.1, 0.1, 0.1]))).rejects.toThrow(
      'noise: expected 2 numbers, one for each part that is learned (λ = 0, λ = 2), or one for all, got 3',
    );
    await expect(train('shift', noisy([0.1]))).rejects.toThrow(
      'noise: expected 2 numbers, one for each part that is learned (λ = 0 of H, λ = 0 of O)',
    );
    const model = await PropertyModel.train(training, 'alpha', { config: noisy([0.1, 0.2]) });
    expect(model.config.noise).toEqual([0.1, 0.2]);
  });

  test('with structures and files', async () => {
    const model = await train('energy_like');
    const gold = new Structure({ positions: [[0, 0, 0]], species: [79] });
    await expect(model.predict([gold])).rejects.toEqual(failing({ path: 'structures[0].species' }));
    const file = path.join(folder, 'damaged.soapstone');
    await model.save(file);
    const bytes = readFileSync(file);
    bytes[bytes.length - 9]! ^= 1;
    writeFileSync(file, bytes);
    expect(existsSync(file)).toBe(true);
    await expect(loadModel(file)).rejects.toEqual(failing({ code: 'FORMAT' }));
  });
});
