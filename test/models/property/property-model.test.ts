import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { learningCurve, loadModel, properties, PropertyModel, Structure } from '../../../ts';
import type { PropertyConfig, PropertyPrediction } from '../../../ts';
import { MemoryLimitError } from '../../../ts/errors';
import { ProjectedPosterior } from '../../../ts/regression/projected-process';
import { failing } from '../../failing';
import { randomNumbers, rotation, times, transformed } from '../../properties/structures';

const folder = mkdtempSync(path.join(tmpdir(), 'soapstone-property-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const random = randomNumbers(5);
const representation = {
  cutoff: { radius: 3 },
  basis: { maxAngular: 3, radial: { count: 4 } },
} as const;
const config: PropertyConfig = {
  terms: [{ representation, kernel: { type: 'dot-product', zeta: 2 } }],
  regression: { type: 'sparse', count: 60 },
};

/** A bent molecule whose properties are formulas of its positions: bond charges make a dipole, and so on. */
function molecule(): Structure {
  const near = (x: number) => x + 0.25 * (random() - 0.5);
  const positions = [
    [0, 0, 0],
    [near(0.96), near(0), near(0)],
    [near(-0.24), near(0.93), near(0)],
  ];
  const charges = positions.slice(1).map((r) => 0.3 + 0.2 * Math.hypot(...r));
  const dipole = [0, 1, 2].map(
    (a) => charges[0]! * positions[1]![a]! + charges[1]! * positions[2]![a]!,
  );
  const tensor = [0, 1, 2].flatMap((a) =>
    [0, 1, 2].map((b) =>
      positions.slice(1).reduce((sum, r, k) => sum + charges[k]! * r[a]! * r[b]!, a === b ? 1 : 0),
    ),
  );
  const energy =
    charges[0]! + charges[1]! + 0.1 * (dipole[0]! ** 2 + dipole[1]! ** 2 + dipole[2]! ** 2);
  return new Structure({
    positions,
    species: [8, 1, 1],
    info: {
      energy_like: energy,
      other: 2 * energy - 1,
      mu: { data: Float64Array.from(dipole), shape: [3] },
      alpha: { data: Float64Array.from(tensor), shape: [3, 3] },
    },
    arrays: {
      shift: {
        data: Float64Array.of(300 + energy, 30 + charges[0]!, 30 + charges[1]!),
        shape: [3],
      },
    },
  });
}

const training = Array.from({ length: 60 }, molecule);
const test_ = Array.from({ length: 20 }, molecule);

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

test('constant labels are predicted as they are, with a note', async () => {
  const constant = training.map(
    ({ positions, species }) => new Structure({ positions, species, info: { c: 3 } }),
  );
  const model = await PropertyModel.train(constant, 'c', { config });
  const [predicted] = await model.predict(test_, { uncertainty: true });
  expect(predicted!.values[0]).toBeCloseTo(3, 9);
  expect(model.summary.notes.join()).toContain('nothing to learn');
  // How wrong the baseline is for other structures, nothing tells.
  expect(predicted!.uncertainty![0]).toBeNaN();
});

test('atoms of elements of which nothing was learned have no uncertainty', async () => {
  const shifts = training.map(
    ({ positions, species, arrays }) =>
      new Structure({
        positions,
        species,
        arrays: {
          shift: {
            data: Float64Array.from(arrays.shift!.data as Float64Array, (y, i) =>
              i === 0 ? y : 30,
            ),
            shape: [3],
          },
        },
      }),
  );
  const variance = await PropertyModel.train(shifts, 'shift', { config });
  const committee = await PropertyModel.train(shifts, 'shift', {
    config: { ...config, uncertainty: { type: 'committee', members: 8 } },
  });
  for (const model of [variance, committee]) {
    const [{ uncertainty }] = (await model.predict(test_, { uncertainty: true })) as [
      PropertyPrediction,
    ];
    expect(uncertainty![0]).toBeGreaterThan(0);
    expect([...uncertainty!.slice(1)]).toEqual([NaN, NaN]);
  }
});

test('the configuration of a model trains the same model again', async () => {
  const constant = training.map(
    ({ positions, species }) => new Structure({ positions, species, info: { c: 3 } }),
  );
  for (const [structures, target] of [
    [training, 'alpha'],
    [training, 'shift'],
    [constant, 'c'],
  ] as const) {
    const model = await PropertyModel.train(structures, target, { config });
    const saved = JSON.parse(JSON.stringify(model.config)) as PropertyConfig;
    const again = await PropertyModel.train(structures, target, { config: saved });
    expect(again.config).toEqual(model.config);
    expect(await again.predict(test_)).toEqual(await model.predict(test_));
  }
});

test('a learning curve of constant labels', async () => {
  const constant = training.map(
    ({ positions, species }) => new Structure({ positions, species, info: { c: 3 } }),
  );
  const steps = await learningCurve(constant.slice(0, 20), constant.slice(20), {
    kind: properties('c'),
    sizes: [5, 10],
    config,
  });
  for (const { errors } of steps) expect(errors.c!.rmse).toBeLessThan(1e-9);
});

test('labels are learned as well on a large offset', async () => {
  const [near, far] = await Promise.all(
    [0, -1.7e7].map(async (offset) => {
      const shifted = (structures: readonly Structure[]) =>
        structures.map(
          ({ positions, species, info }) =>
            new Structure({
              positions,
              species,
              info: { total: offset + 0.1 * (info.energy_like as number) },
            }),
        );
      const noisy = { ...config, noise: 0.01 };
      const model = await PropertyModel.train(shifted(training), 'total', { config: noisy });
      return (await model.evaluate(shifted(test_))).errors.rmse;
    }),
  );
  expect(near).toBeGreaterThan(0);
  expect(far! / near!).toBeCloseTo(1, 4);
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
