import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { optimizeModel, Potential, properties, readStructures, Structure } from '../../../ts';
import type { ModelKind, PotentialConfig, PropertyConfig, StructureLike } from '../../../ts';
import { failing } from '../../failing';

const data = (name: string) => path.resolve(__dirname, '..', '..', '..', 'data', name);
let structures: Structure[];
beforeAll(async () => {
  structures = [
    ...(await readStructures(data('isolated-atoms.xyz'))),
    ...(await readStructures(data('water-test.xyz'))).slice(0, 20),
  ].filter(({ species }) => !species.includes(6));
});

/** Learns nothing: says on what it was trained and evaluated. */
interface Call {
  readonly training: number[];
  readonly test: number[];
}
function recorder(all: readonly Structure[]): { kind: ModelKind<{ x: number }>; calls: Call[] } {
  const calls: Call[] = [];
  const indices = (some: readonly StructureLike[]) =>
    some.map((structure) => all.indexOf(structure as Structure));
  return {
    calls,
    kind: {
      name: 'recorder',
      check: () => undefined,
      train: (training, { x }) =>
        Promise.resolve({
          evaluate: (test) => {
            calls.push({ training: indices(training), test: indices(test) });
            const error = Math.exp(x) * test.length;
            return Promise.resolve({ y: { mae: error, rmse: 2 * error, count: test.length } });
          },
        }),
    },
  };
}

test('each structure is left out once, isolated atoms never, in part or whole', async () => {
  const { kind, calls } = recorder(structures);
  const { best, trials } = await optimizeModel(structures, {
    kind,
    space: { x: { $choice: [3, 1, 2] } },
    method: 'successive-halving',
    trials: 3,
    minimumBudget: 1 / 3,
    folds: 4,
  });
  const atoms = [0, 1];
  expect(structures.slice(0, 2).map(({ length }) => length)).toEqual([1, 1]);
  const samples = [...structures.keys()].slice(2);
  expect(calls).toHaveLength(4 * (3 + 1));
  const small = calls.slice(0, 4);
  const whole = calls.slice(-4);
  for (const some of [small, whole]) {
    expect(some.flatMap(({ test }) => test).sort((a, b) => a - b)).toEqual(samples);
  }
  whole.forEach(({ training, test }, k) => {
    expect([...training, ...test].sort((a, b) => a - b)).toEqual([...atoms, ...samples]);
    const part = small[k]!.training;
    expect(part.slice(0, 2)).toEqual(atoms);
    expect(part).toHaveLength(2 + Math.round((training.length - 2) / 3));
    for (const s of part) expect(training).toContain(s);
  });
  // Errors of folds are weighted by what they hold: all have 20/4 structures here.
  expect(best.values).toEqual({ x: 1 });
  expect(best.details).toEqual({ y: { mae: 5 * Math.E, rmse: 10 * Math.E, count: 20 } });
  expect(best.score).toBeCloseTo(Math.log(10) + 1, 12);
  expect(trials).toHaveLength(4);
});

test('groups are never divided; metric and weights make the score', async () => {
  const { kind, calls } = recorder(structures);
  const options = { kind, space: { x: { $choice: [0] } }, folds: 2, groupBy: 'config_type' };
  const { best } = await optimizeModel(structures, {
    ...options,
    metric: 'mae',
    weights: { y: 3 },
  });
  const typesOf = (some: readonly number[]) =>
    new Set(some.slice(0).map((s) => structures[s]!.info.config_type));
  for (const { training, test } of calls) {
    for (const type of typesOf(test)) expect(typesOf(training)).not.toContain(type);
  }
  expect(best.score).toBeCloseTo(Math.log((best.details as { y: { mae: number } }).y.mae), 12);
  await expect(optimizeModel(structures, { ...options, groupBy: 'trajectory' })).rejects.toThrow(
    /frame 0 .*info.trajectory is missing: every structure needs the name of its group/,
  );
  const wrongWeights = optimizeModel(structures, { ...options, weights: { z: 1 } });
  await expect(wrongWeights).rejects.toThrow('weights.z: there is no error of this name, only y');
});

test('finds settings of a potential, which training takes', async () => {
  const { config, best, trials } = await optimizeModel<PotentialConfig>(structures, {
    space: {
      representation: {
        cutoff: { radius: { $choice: [1.2, 3.5] } },
        basis: { maxAngular: 3, radial: { count: 4 } },
      },
      kernel: { zeta: 2 },
      sparse: { count: 30 },
      noise: { energy: 0.002, forces: 0.05 },
    },
    method: 'grid',
    folds: 2,
  });
  expect(trials.map(({ score }) => Number.isFinite(score))).toEqual([true, true]);
  // Within 1.2 Å a hydrogen sees its oxygen and no other molecule.
  expect(best.values).toEqual({ 'representation.cutoff.radius': 3.5 });
  const { potential } = await Potential.train(structures, { config });
  expect(potential.config.representation.cutoff.radius).toBe(3.5);
});

test('a misspelt key fails at once', async () => {
  const search = optimizeModel(structures, { space: { kernel: { zetta: { $choice: [1, 2] } } } });
  await expect(search).rejects.toThrow('kernel.zetta: unknown key, expected one of zeta');
});

/** A pair of atoms with labels. */
const pair = (
  x: number,
  more: Partial<StructureLike> & Pick<StructureLike, 'info'>,
  species = ['H', 'H'],
) => new Structure({ positions: [0, 0, 0, x, 0, 0], species, ...more });
const small = { cutoff: { radius: 2 }, basis: { maxAngular: 1, radial: { count: 2 } } };
const propertySpace = (count: number) => ({
  terms: [{ representation: small, kernel: { type: 'dot-product', zeta: { $choice: [1, 2] } } }],
  regression: { type: 'sparse', count },
  baseline: { label: 'rough' },
});

describe('leave-one-out', () => {
  test('leaves each structure out, or each group, and takes the errors together', async () => {
    const { kind, calls } = recorder(structures);
    const options = { kind, space: { x: { $choice: [0] } }, folds: 'leave-one-out' } as const;
    const { best } = await optimizeModel(structures, options);
    expect(calls.map(({ test }) => test)).toEqual([...structures.keys()].slice(2).map((s) => [s]));
    expect(best.details).toEqual({ y: { mae: 1, rmse: 2, count: 20 } });
    calls.length = 0;
    await optimizeModel(structures, { ...options, groupBy: 'config_type' });
    const types = new Set(structures.slice(2).map(({ info }) => info.config_type));
    expect(types.size).toBeGreaterThan(1);
    expect(calls).toHaveLength(types.size);
  });

  test('is an error over all folds, not a mean of theirs', async () => {
    const errors = [1, 2, 2];
    const kind: ModelKind<{ x: number }> = {
      name: 'given errors',
      check: () => undefined,
      train: () =>
        Promise.resolve({
          evaluate: ([left]) => {
            const error = errors[Number(left!.info!.at)]!;
            return Promise.resolve({ y: { mae: error, rmse: error, count: 1 } });
          },
        }),
    };
    const three = errors.map((_, at) => pair(1, { info: { at } }));
    const { best } = await optimizeModel(three, {
      kind,
      space: { x: { $choice: [0] } },
      folds: 'leave-one-out',
    });
    expect(best.details).toMatchObject({ y: { mae: 5 / 3, rmse: Math.sqrt(3), count: 3 } });
  });
});

describe('elements', () => {
  const all = [
    pair(0.9, { info: { energy: -3 } }, ['H', 'F']),
    ...Array.from({ length: 11 }, (_, i) => pair(0.7 + 0.01 * i, { info: { energy: 0.1 * i } })),
    pair(1, { info: { energy: -2 } }, ['H', 'O']),
    pair(1.05, { info: { energy: -2 } }, ['H', 'O']),
  ];

  test('that one structure alone has are trained on every time, others never lack', async () => {
    const { kind, calls } = recorder(all);
    const space = { x: { $choice: [1, 2, 3] } };
    await optimizeModel(all, { kind, space, method: 'successive-halving', trials: 3, folds: 3 });
    expect(calls.flatMap(({ test }) => test)).not.toContain(0);
    for (const { training } of calls) {
      const species = new Set(training.flatMap((s) => [...all[s]!.species]));
      expect([...species].sort((a, b) => a - b)).toEqual([1, 8, 9]);
    }
    // The smallest part has the structures that bring elements, and no more.
    expect(calls[0]!.training).toHaveLength(3);
  });

  test('of one structure, or of the first rung, fail no trial', async () => {
    const space = {
      representation: small,
      kernel: { zeta: { $choice: [1, 2, 3] } },
      sparse: { count: 8 },
    };
    const method = 'successive-halving';
    const { trials } = await optimizeModel(all, { space, folds: 3, method, trials: 3 });
    expect(trials.map(({ error }) => error)).toEqual(trials.map(() => undefined));
  });

  test('that nothing else has, of all structures, are an error', async () => {
    const { kind } = recorder(all);
    const strangers = optimizeModel([all[0]!, all[12]!].slice(0, 2), {
      kind,
      space: { x: { $choice: [1] } },
      folds: 2,
      groupBy: 'energy',
    });
    await expect(strangers).rejects.toEqual(failing({ code: 'INVALID_INPUT', path: 'structures' }));
  });
});

describe('the state of a search', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'soapstone-optimize-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const cell = [9, 0, 0, 0, 9, 0, 0, 0, 9];
  const labels = (i: number) => ({ energy: 0.1 * i, rough: 0, batch: i % 4, note: 'a' });
  const set = (change: (i: number) => Partial<StructureLike> = () => ({})) =>
    Array.from({ length: 12 }, (_, i) =>
      pair(0.7 + 0.01 * i, { cell, pbc: true, info: labels(i), ...change(i) }),
    );
  const search = (structures: readonly Structure[], name: string, trials: number) =>
    optimizeModel<PropertyConfig>(structures, {
      kind: properties('energy'),
      space: propertySpace(6),
      folds: 2,
      groupBy: 'batch',
      method: 'grid',
      trials,
      state: path.join(folder, name),
    });

  test('goes on where nothing changed that counts', async () => {
    await search(set(), 'same', 1);
    const other = set((i) => ({ info: { ...labels(i), note: 'b' } }));
    expect((await search(other, 'same', 2)).trials).toHaveLength(2);
  });

  test.each<[string, (i: number) => Partial<StructureLike>]>([
    ['a label', (i) => ({ info: { ...labels(i), energy: i === 7 ? 5 : 0.1 * i } })],
    [
      'a label of the baseline, and the target with it',
      (i) => ({ info: { ...labels(i), energy: 0.1 * i + 1, rough: 1 } }),
    ],
    ['groups', (i) => ({ info: { ...labels(i), batch: i % 3 } })],
    ['a cell', (i) => ({ cell: cell.map((x) => (i === 3 ? 1.01 * x : x)) })],
    ['periodic axes', (i) => ({ pbc: [true, true, i !== 3] })],
    ['elements', (i) => (i === 3 ? { species: ['H', 'He'] } : {})],
    ['positions', (i) => (i === 3 ? { positions: [0, 0, 0, 0, 1, 0] } : {})],
  ])('is refused for other structures: %s', async (what, change) => {
    await search(set(), what, 1);
    await expect(search(set(change), what, 2)).rejects.toThrow('the state of another search');
  });
});

describe('settings that no trial could mend are refused before the first', () => {
  const sets = Array.from({ length: 6 }, (_, i) =>
    pair(0.7 + 0.01 * i, { info: { energy: i, rough: 0, X: i } }),
  );
  const cases: [path: string, message: RegExp, options: object][] = [
    ['metric', /expected "mae" or "rmse", got "rms"/, { metric: 'rms' }],
    ['weights.energy', /no error of this name, only X/, { weights: { energy: 1 } }],
    ['weights.X', /expected a number >= 0, got -1/, { weights: { X: -1 } }],
    ['weights.X', /expected a number >= 0, got NaN/, { weights: { X: NaN } }],
    ['weights', /expected a weight > 0 .* only X/, { weights: { X: 0 } }],
    ['folds', /expected an integer of at least 2, got "all"/, { folds: 'all' }],
  ];
  test.each(cases)('%s: %s', async (place, message, options) => {
    const train = jest.fn();
    const onTrial = jest.fn();
    const kind = { ...properties('X'), train };
    const search = optimizeModel(sets, {
      kind,
      space: propertySpace(3),
      folds: 2,
      onTrial,
      ...options,
    });
    await expect(search).rejects.toEqual(
      failing({ code: 'INVALID_INPUT', path: place, message: expect.stringMatching(message) }),
    );
    expect(train).not.toHaveBeenCalled();
    expect(onTrial).not.toHaveBeenCalled();
  });

  test('weights of a kind of label that a potential does not have', async () => {
    const space = { representation: small, kernel: { zeta: { $choice: [1, 2] } } };
    const search = optimizeModel(sets, { space, folds: 2, weights: { energy: 1, stress: 1 } });
    await expect(search).rejects.toThrow(
      'weights.stress: there is no error of this name, only energy',
    );
  });
});
