// What a property model makes of labels by their shape, size and spread.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { learningCurve, properties, PropertyModel, Structure } from '../../../ts';
import type { PropertyConfig, PropertyPrediction } from '../../../ts';
import { failing } from '../../failing';
import { config, test_, training } from './molecules';

const folder = mkdtempSync(path.join(tmpdir(), 'soapstone-labels-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

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

describe('numbers that are tensors', () => {
  const sixOf = (tensor: ArrayLike<number>) =>
    Float64Array.from([0, 4, 8, 5, 2, 1], (k) => tensor[k]!);
  const relabelled = (structures: readonly Structure[]) =>
    structures.map(({ positions, species, info }) => {
      const mu = info.mu as { data: Float64Array };
      const alpha = info.alpha as { data: Float64Array };
      return new Structure({
        positions,
        species,
        info: {
          row: { data: mu.data, shape: [1, 3] },
          column: { data: mu.data, shape: [3, 1] },
          six: { data: sixOf(alpha.data), shape: [6] },
          half: { data: sixOf(alpha.data).map((y) => y / 2), shape: [6] },
          nine: { data: alpha.data, shape: [9] },
        },
      });
    });
  const sums: PropertyConfig = { ...config, aggregate: 'sum' };
  const [fitted, left] = [relabelled(training), relabelled(test_)];

  test('rows and columns of three are vectors, and predicted in their shape', async () => {
    const wanted = await (
      await PropertyModel.train(training, 'mu', { config: sums })
    ).predict(test_);
    for (const [target, shape] of [
      ['row', [1, 3]],
      ['column', [3, 1]],
    ] as const) {
      const model = await PropertyModel.train(fitted, target, { config: sums });
      expect(model.summary.notes).toEqual([]);
      const predicted = await model.predict(left);
      expect(predicted.map(({ values }) => values)).toEqual(wanted.map(({ values }) => values));
      expect(predicted[0]!.shape).toEqual(shape);
    }
  });

  test('six are one where the configuration says so, else there is a note', async () => {
    const tensor = await PropertyModel.train(training, 'alpha', { config: sums });
    const voigt = await PropertyModel.train(fitted, 'six', {
      config: { ...sums, tensor: 'voigt' },
    });
    const options = { uncertainty: true };
    const wanted = await tensor.predict(test_, options);
    const predicted = await voigt.predict(left, options);
    predicted.forEach(({ values, shape, uncertainty }, s) => {
      expect(shape).toEqual([6]);
      sixOf(wanted[s]!.values).forEach((y, k) => expect(values[k]).toBeCloseTo(y, 8));
      expect(uncertainty![0]).toBeCloseTo(wanted[s]!.uncertainty![0]!, 8);
    });
    const { errors } = await voigt.evaluate(left);
    expect(errors.rmse).toBeCloseTo((await tensor.evaluate(test_)).errors.rmse, 8);
    expect(voigt.summary.notes).toEqual([]);

    const numbers = await PropertyModel.train(fitted, 'six', { config: sums });
    expect(numbers.summary.notes.join()).toMatch(/6 numbers .* stay .* say "tensor": "voigt"/);
    expect((await numbers.evaluate(left)).errors.rmse).toBeGreaterThan(3 * errors.rmse);
    const meant = await PropertyModel.train(fitted, 'six', {
      config: { ...sums, tensor: false },
    });
    expect(meant.summary.notes).toEqual([]);
    expect(await meant.predict(left)).toEqual(await numbers.predict(left));
  });

  test('six learned as the difference to six, of a model from a file', async () => {
    const model = await PropertyModel.train(fitted, 'six', {
      config: { ...sums, tensor: 'voigt', baseline: { label: 'half' } },
    });
    const file = path.join(folder, 'voigt.soapstone');
    await model.save(file);
    const loaded = await PropertyModel.load(file);
    expect(await loaded.predict(left)).toEqual(await model.predict(left));
    expect((await loaded.evaluate(left)).errors.rmsRelative).toBeLessThan(0.01);
  });

  test('nine in a row are one', async () => {
    const model = await PropertyModel.train(fitted, 'nine', { config: sums });
    expect((await model.predict(left))[0]!.shape).toEqual([3, 3]);
  });

  test('others are refused as six', async () => {
    await expect(
      PropertyModel.train(fitted, 'row', { config: { ...sums, tensor: 'voigt' } }),
    ).rejects.toEqual(failing({ code: 'INVALID_INPUT', path: 'tensor' }));
    // They would be predicted as six.
    await expect(
      PropertyModel.train(training, 'alpha', { config: { ...sums, tensor: 'voigt' } }),
    ).rejects.toThrow(
      'tensor: "voigt" is for six numbers xx, yy, zz, yz, xz, xy in alpha, got the shape [3, 3]; leave tensor out: 3 × 3 numbers are a tensor as they are',
    );
  });
});

test('sum or mean: found where data tell, else there is a note', async () => {
  const apart = (copies: number) => (structure: Structure) =>
    new Structure({
      positions: Array.from({ length: copies }, (_, k) =>
        [0, 1, 2].map((i) => [0, 1, 2].map((x) => structure.positions[3 * i + x]! + 50 * k)),
      ).flat(),
      species: Array.from({ length: copies }, () => [8, 1, 1]).flat(),
      info: {
        extensive: copies * (structure.info.energy_like as number),
        intensive: structure.info.energy_like as number,
      },
    });
  const alike = training.slice(0, 20).map(apart(1));
  const mixed = training.slice(0, 20).map((structure, s) => apart(1 + (s % 3))(structure));
  const train = (structures: Structure[], target: string, aggregate?: 'mean') =>
    PropertyModel.train(structures, target, { config: { ...config, aggregate } });
  for (const [target, aggregate] of [
    ['extensive', 'sum'],
    ['intensive', 'mean'],
  ] as const) {
    const model = await train(mixed, target);
    expect(model.config.aggregate).toBe(aggregate);
    expect(model.summary.notes.join()).not.toContain('aggregate');
  }
  const unclear = await train(alike, 'intensive');
  expect(unclear.config.aggregate).toBe('sum');
  expect(unclear.summary.notes.join()).toMatch(/all structures have 3 atoms; "aggregate": "mean"/);
  expect((await train(alike, 'intensive', 'mean')).summary.notes.join()).not.toContain('aggregate');
});
