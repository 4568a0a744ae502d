import path from 'node:path';

import { optimizeModel, Potential, readStructures } from '../../../ts';
import type { ModelKind, PotentialConfig, Structure, StructureLike } from '../../../ts';

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
    'structures[0].info.trajectory: missing',
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
  await expect(search).rejects.toThrow('kernel.zetta: unknown key');
});
