import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { optimize } from '../../../ts/regression';
import type { OptimizeOptions, Trial } from '../../../ts/regression';

const folder = mkdtempSync(path.join(tmpdir(), 'soapstone-optimize-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

type Method = NonNullable<OptimizeOptions['method']>;
const methods: readonly Method[] = ['random', 'grid', 'successive-halving', 'bayesian'];

/** Smallest at x = 2, n = 7 and the kind "b", where it is 0. */
interface Config {
  readonly x: number;
  readonly n: number;
  readonly kind: 'a' | 'b';
}
const space = {
  x: { $logUniform: [0.1, 10] },
  n: { $integer: [1, 20] },
  kind: { $choice: ['a', 'b'] },
};
const objective = ({ x, n, kind }: Config) =>
  Math.log(x / 2) ** 2 + ((n - 7) / 5) ** 2 + (kind === 'b' ? 0 : 0.5);

/** Trials without the time that they took. */
const plain = (trials: readonly Trial[]) => trials.map((trial) => ({ ...trial, seconds: 0 }));

test('the Bayesian search comes closer than the random one, for every seed', async () => {
  for (const seed of [0, 1]) {
    const run = async (method: Method) =>
      (await optimize<Config>(space, objective, { method, trials: 30, seed })).best.score!;
    const [random, bayesian] = [await run('random'), await run('bayesian')];
    expect(bayesian).toBeLessThan(0.01);
    expect(bayesian).toBeLessThan(random);
  }
}, 20_000);

test('a grid is searched whole', async () => {
  const visited: Config[] = [];
  const { config, trials } = await optimize<Config>(
    { x: { $choice: [1, 2, 3] }, n: { $integer: [6, 8] }, kind: 'b' },
    (tried) => {
      visited.push(tried);
      return objective(tried);
    },
    { method: 'grid' },
  );
  expect(trials).toHaveLength(9);
  expect(new Set(visited.map((tried) => JSON.stringify(tried))).size).toBe(9);
  expect(config).toEqual({ x: 2, n: 7, kind: 'b' });
});

test('a small space is used up without trying anything twice', async () => {
  for (const method of ['random', 'bayesian'] as const) {
    const small = { n: { $choice: [1, 2, 3] }, kind: { $choice: ['a', 'b'] } };
    const { trials } = await optimize<Config>(small, (c) => objective({ ...c, x: 1 }), {
      method,
      trials: 50,
    });
    expect(new Set(trials.map(({ values }) => JSON.stringify(values))).size).toBe(6);
    expect(trials).toHaveLength(6);
  }
});

test('successive halving spends more on the best', async () => {
  const { trials, best } = await optimize<Config>(
    space,
    // With little data all looks worse, the worst most.
    (config, { budget }) => objective(config) / budget,
    { method: 'successive-halving', trials: 27, reduction: 3, minimumBudget: 1 / 9 },
  );
  const rungs = [1 / 9, 1 / 3, 1].map((budget) => trials.filter((t) => t.budget === budget));
  expect(rungs.map(({ length }) => length)).toEqual([27, 9, 3]);
  for (const [lower, upper] of [
    [rungs[0]!, rungs[1]!],
    [rungs[1]!, rungs[2]!],
  ] as const) {
    const sorted = [...lower].sort((a, b) => a.score! - b.score!).slice(0, upper.length);
    expect(upper.map(({ point }) => point)).toEqual(sorted.map(({ point }) => point));
  }
  expect(best).toBe(rungs[2]![0]);
});

test.each(methods)(
  '%s: a search that was cut off goes on as if it had not been',
  async (method) => {
    const options = { method, trials: 18, seed: 3, levels: 4 };
    const whole = await optimize<Config>(space, objective, options);

    const state = path.join(folder, `${method}.state`);
    let calls = 0;
    const stopped = new AbortController();
    const cut = optimize<Config>(
      space,
      (config) => {
        if (++calls === 12) stopped.abort('enough');
        return objective(config);
      },
      { ...options, state, signal: stopped.signal },
    );
    await expect(cut).rejects.toMatchObject({ code: 'ABORTED' });
    // Killed in the middle of a line.
    appendFileSync(state, '{"trial":11,"budg');

    const seen: number[] = [];
    let bestSeen: Trial | undefined;
    calls = 0;
    const resumed = await optimize<Config>(
      space,
      (config) => {
        calls++;
        return objective(config);
      },
      {
        ...options,
        state,
        onTrial: ({ trial }, best) => {
          seen.push(trial);
          bestSeen = best;
        },
      },
    );
    expect(calls).toBe(whole.trials.length - 11);
    expect(plain(resumed.trials)).toEqual(plain(whole.trials));
    expect(resumed.config).toEqual(whole.config);
    expect(seen).toEqual([...whole.trials.keys()]);
    expect(bestSeen).toBe(resumed.best);
    // All is in the file: nothing is left to do.
    const again = await optimize<Config>(space, () => NaN, { ...options, state });
    expect(plain(again.trials)).toEqual(plain(whole.trials));
  },
);

test('more trials may be added to a search that is done', async () => {
  const state = path.join(folder, 'more.state');
  const options = { method: 'bayesian' as const, state };
  await optimize<Config>(space, objective, { ...options, trials: 10 });
  const { trials } = await optimize<Config>(space, objective, { ...options, trials: 14 });
  const { trials: atOnce } = await optimize<Config>(space, objective, { trials: 14 });
  expect(plain(trials)).toEqual(plain(atOnce));
});

test('the state of another search is refused, and left as it is', async () => {
  const state = path.join(folder, 'other.state');
  const options = { method: 'random' as const, trials: 3, state, problem: 'water' };
  await optimize<Config>(space, objective, options);
  const before = readFileSync(state);
  const refused = (message: RegExp, more: object, other: object = space) =>
    expect(optimize<Config>(other as never, objective, { ...options, ...more })).rejects.toThrow(
      expect.objectContaining({ code: 'INVALID_INPUT', message: expect.stringMatching(message) }),
    );
  await refused(/another search: its space is/, {}, { ...space, n: { $integer: [1, 21] } });
  await refused(/another search: its seed is 0, not 1/, { seed: 1 });
  await refused(/another search: its method is/, { method: 'bayesian' });
  await refused(/another search: its problem is "water", not "ice"/, { problem: 'ice' });
  expect(readFileSync(state)).toEqual(before);
});

test('a damaged state says where', async () => {
  const state = path.join(folder, 'damaged.state');
  const options = { method: 'random' as const, trials: 3, state };
  await optimize<Config>(space, objective, options);
  const lines = readFileSync(state, 'utf8').split('\n');
  const refused = (text: string, message: RegExp) => {
    writeFileSync(state, text);
    return expect(optimize<Config>(space, objective, options)).rejects.toThrow(
      expect.objectContaining({ code: 'FORMAT', message: expect.stringMatching(message) }),
    );
  };
  await refused([lines[0], '{"trial"', lines[2], ''].join('\n'), /line 2: expected JSON/);
  await refused([lines[0], lines[2], ''].join('\n'), /line 2: expected trial 0, got 1/);
  await refused([lines[0], '{"trial":0}', ''].join('\n'), /line 2: budget: expected a number/);
  await refused('3\n', /not the state of a search/);
  await refused('no state', /expected the state of a search/);
  const newer = lines[0]!.replace('"version":1', '"version":2');
  await refused([newer, ''].join('\n'), /state of version 2; this soapstone reads version 1/);
});

test.each(methods)('%s: failing trials are noted down and survived', async (method) => {
  const { trials, best } = await optimize<Config>(
    space,
    (config) => {
      if (config.kind === 'a') throw new Error('no such kind');
      return config.n > 15 ? NaN : objective(config);
    },
    { method, trials: 20 },
  );
  const reasons = new Set(trials.flatMap(({ error }) => error ?? []));
  expect(reasons).toEqual(new Set(['no such kind', 'the score is NaN']));
  for (const { score, error } of trials) expect(score === null).toBe(error !== undefined);
  expect(best.values.kind).toBe('b');
});

test('when all fail, the last reason is told', async () => {
  const fail = () => Promise.reject(new Error('out of luck'));
  await expect(optimize(space, fail, { trials: 3 })).rejects.toMatchObject({
    code: 'NUMERICAL',
    message: 'none of 3 trials succeeded; the last: out of luck',
  });
});

test('options are checked', async () => {
  const wrong = (options: object, message: RegExp) =>
    expect(optimize(space, () => 0, options)).rejects.toThrow(message);
  await wrong({ method: 'annealing' }, /^method: expected .*got "annealing"/);
  await wrong({ trials: 0 }, /^trials: expected an integer/);
  await wrong({ minimumBudget: 2 }, /^minimumBudget: expected a number > 0, at most 1/);
  await wrong({ tirals: 3 }, /^tirals: unknown option/);
});
