import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { LearnChannelsOptions } from '../../ts';
import {
  AbortError,
  FormatError,
  InvalidInputError,
  learnChannels,
  PowerSpectrum,
  structureKernel,
} from '../../ts';
import { randomNumbers } from '../../ts/common/random';
import { ChannelLikelihood } from '../../ts/regression/channel-likelihood';
import { ChannelPrior } from '../../ts/regression/channel-prior';
import { toBatch } from '../../ts/structures/batch';
import { clusters, given, representation, species, weightsOf } from './charged-clusters';

describe.each([
  { method: 'likelihood', closeness: 0.3 },
  { method: 'alternating', closeness: 0 },
] as const)('learning channels: $method', ({ method, closeness }) => {
  const folder = mkdtempSync(join(tmpdir(), 'soapstone-channels-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  const train = clusters(80, 5);
  const options = { representation, count: 2, iterations: 25, spread: 1, method } as const;
  const learn = (more: object = {}) =>
    learnChannels(train.structures, train.labels, { ...options, ...more });

  test('finds which elements are alike', async () => {
    const { channels, value, starts } = await learn();
    expect(starts).toHaveLength(1);
    expect(value).toBeLessThan(starts[0]!.first - 10);
    expect(Object.keys(channels.weights).sort()).toEqual([...species].sort());
    const apart = (a: string, b: string) =>
      Math.hypot(...channels.weights[a]!.map((u, j) => u - channels.weights[b]![j]!));
    // Each is most like the one that has about the same charge.
    for (const [a, b] of [
      ['Li', 'Na'],
      ['O', 'S'],
      ['F', 'Cl'],
    ] as const) {
      const others = species.filter((symbol) => symbol !== a && symbol !== b);
      for (const symbol of others) expect(apart(a, b)).toBeLessThan(apart(a, symbol));
    }
  });

  test('finds weights as likely as those that labels come from', async () => {
    // Li and F, O and S, Na and Cl are alike, whatever the periodic table says.
    const truth = Float64Array.of(1, 0, 0, 1, 1, 0, 0.7, -0.7, 0, 1, 0.7, -0.7);
    const soap = new PowerSpectrum({ ...representation, channels: given(truth) });
    const at = Int32Array.from({ length: 81 }, (_, k) => 4 * k);
    const x = soap.computeSync(train.structures);
    const dotProduct = { type: 'dot-product', zeta: 2 } as const;
    const { values } = await structureKernel(x, at, undefined, undefined, dotProduct, {
      aggregate: 'mean',
    });
    const random = randomNumbers(2);
    const a = Array.from({ length: 80 }, () => random() - 0.5);
    const drawn = a.map((_, s) => a.reduce((sum, w, t) => sum + w * values[80 * s + t]!, 0));
    const mean = drawn.reduce((sum, f) => sum + f, 0) / 80;
    const targets = Float64Array.from(drawn, (f) => f - mean);

    const { channels } = await learnChannels(train.structures, drawn, {
      ...options,
      starts: 2,
      iterations: 60,
    });
    const likelihood = await ChannelLikelihood.create(soap, 2, toBatch(train.structures), {
      zeta: 2,
      aggregate: 'mean',
      sameElement: false,
      offsets: at,
    });
    const valueOf = async (u: Float64Array) =>
      (await likelihood.regression(u, { values: targets }, [1e-8, 1])).value;
    const learned = Float64Array.from(species.flatMap((symbol) => channels.weights[symbol]!));
    const [found, planted, other] = await Promise.all([learned, truth, weightsOf(2)].map(valueOf));
    expect(found).toBeLessThan(planted! + closeness * (other! - planted!));
    // Normalised features know directions only.
    const cosine = (a: string, b: string) => {
      const [u, v] = [channels.weights[a]!, channels.weights[b]!];
      return Math.abs(u[0]! * v[0]! + u[1]! * v[1]!) / (Math.hypot(...u) * Math.hypot(...v));
    };
    for (const [one, other] of [
      ['Li', 'F'],
      ['O', 'S'],
      ['Na', 'Cl'],
    ] as const) {
      expect(cosine(one, other)).toBeGreaterThan(0.99);
    }
    expect(cosine('Li', 'O')).toBeLessThan(0.5);
  });

  test('the most likely of several starts counts, the same for the same seed', async () => {
    const progress: number[] = [];
    const result = await learn({
      starts: 3,
      iterations: 8,
      onProgress: (done: number, total: number) => progress.push(done / total),
    });
    expect(result.starts).toHaveLength(3);
    expect(result.value).toBe(Math.min(...result.starts.map(({ value }) => value)));
    expect(await learn({ starts: 3, iterations: 8 })).toEqual(result);
    expect(progress.at(-1)).toBe(1);
    expect(progress).toEqual([...progress].sort((a, b) => a - b));
  });

  test('goes on where it was stopped', async () => {
    const state = join(folder, 'state.json');
    const controller = new AbortController();
    let steps = 0;
    const stopped = learn({
      state,
      starts: 2,
      iterations: 6,
      signal: controller.signal,
      onProgress: () => {
        if (++steps === 9) controller.abort();
      },
    });
    await expect(stopped).rejects.toThrow(AbortError);
    const kept = JSON.parse(readFileSync(state, 'utf8')) as { starts: { iteration: number }[] };
    expect(kept.starts).toHaveLength(2);
    const before = kept.starts[0]!;
    const result = await learn({ state, starts: 2, iterations: 6 });
    expect(result.starts[0]).toEqual(before);
    expect(result.starts[1]!.iteration).toBe(6);
    // Done: nothing is computed again.
    const again = await learn({ state, starts: 2, iterations: 6 });
    expect(again).toEqual(result);
  });

  test('noise is a standard deviation, in units of that of the process', async () => {
    const noise = 0.2;
    const { starts, noise: found } = await learn({ noise, iterations: 2 });
    const soap = new PowerSpectrum({ ...representation, channels: { type: 'random', count: 2 } });
    const batch = toBatch(train.structures);
    const kernel = { zeta: 2, aggregate: 'mean', sameElement: false } as const;
    const likelihood = await ChannelLikelihood.create(soap, 2, batch, { ...kernel, ...batch });
    const prior = new ChannelPrior(soap.hyperparameters.species, 2);
    const mean = train.labels.reduce((sum, y) => sum + y, 0) / 80;
    const deviation = Math.sqrt(train.labels.reduce((sum, y) => sum + (y - mean) ** 2, 0) / 80);
    const values = Float64Array.from(train.labels, (y) => (y - mean) / deviation);
    const weights = prior.weights(prior.origin(0, 0));
    const { value } = await likelihood.at(weights, { values }, noise ** 2);
    expect(starts[0]!.first).toBeCloseTo(value, 8);
    expect(found).toBeCloseTo(Math.sqrt(Math.exp(starts[0]!.x.at(-1)!)), 12);
  });

  test('wrong labels of little weight do no harm', async () => {
    const wrong = train.labels.map((y, s) => (s % 4 === 0 ? 5 - 3 * y : y));
    // The others have so little noise that a weight of 1e-8 would still say something.
    const sampleWeights = wrong.map((_, s) => (s % 4 === 0 ? 1e-14 : 1));
    const right = [...wrong.keys()].filter((s) => s % 4 !== 0);
    const among = <T>(values: readonly T[]) => right.map((s) => values[s]!);
    const shorter = { ...options, iterations: 12 };
    const without = await learnChannels(among(train.structures), among(train.labels), shorter);
    const found = await learnChannels(train.structures, wrong, { ...shorter, sampleWeights });
    const deceived = await learnChannels(train.structures, wrong, shorter);
    // How likely the right labels are.
    const soap = new PowerSpectrum({ ...representation, channels: { type: 'random', count: 2 } });
    const kernel = { zeta: 2, aggregate: 'mean', sameElement: false } as const;
    const likelihood = await ChannelLikelihood.create(soap, 2, toBatch(among(train.structures)), {
      ...kernel,
      offsets: Int32Array.from({ length: 61 }, (_, k) => 4 * k),
    });
    const labels = among(train.labels);
    const mean = labels.reduce((sum, y) => sum + y, 0) / 60;
    const values = Float64Array.from(labels, (y) => y - mean);
    const [best, own, misled] = await Promise.all(
      [without, found, deceived].map(async ({ channels }) => {
        const u = Float64Array.from(species.flatMap((symbol) => channels.weights[symbol]!));
        return (await likelihood.regression(u, { values }, [1e-8, 1])).value;
      }),
    );
    expect(own).toBeLessThan(best! + 0.3 * (misled! - best!));
  });

  test('weights of one are no weights; others are part of the problem', async () => {
    const state = join(folder, 'weights.json');
    const plain = await learn({ iterations: 3, state });
    const ones = train.labels.map(() => 1);
    expect(await learn({ iterations: 3, sampleWeights: ones })).toEqual(plain);
    const twos = train.labels.map((_, s) => 1 + (s % 2));
    await expect(learn({ iterations: 3, sampleWeights: twos, state })).rejects.toThrow(
      'is the state of other structures or settings',
    );
    await expect(learn({ sampleWeights: ones.with(3, 0) })).rejects.toThrow(
      'sampleWeights[3]: expected a number > 0, got 0',
    );
    await expect(learn({ sampleWeights: [1] })).rejects.toThrow(
      'sampleWeights: expected 80 numbers, got 1',
    );
  });

  test('elements without labels follow those that are like them', async () => {
    const { channels } = await learn({
      representation: { ...representation, species: [...species, 'K'] },
    });
    const apart = (a: string, b: string) =>
      Math.hypot(...channels.weights[a]!.map((u, j) => u - channels.weights[b]![j]!));
    expect(apart('K', 'Na')).toBeLessThan(apart('K', 'O'));
  });

  test.each([
    [
      'labels: expected a label for each of the 80 structures, got 5',
      train.structures,
      train.labels.slice(0, 5),
    ],
    [
      'labels: expected a label for each of the 80 structures, got 81',
      train.structures,
      [...train.labels, 1],
    ],
    ['labels[7]: expected a finite number, got NaN', train.structures, train.labels.with(7, NaN)],
    ['structures: expected at least one structure, got none', [], []],
  ])('refused: %s', async (message, structures, labels) => {
    const attempt = learnChannels(structures, labels, options);
    await expect(attempt).rejects.toThrow(InvalidInputError);
    await expect(attempt).rejects.toThrow(message);
  });

  test.each([
    { given: {}, message: 'labels: expected labels that differ, got 80 of 3', constant: true },
    {
      given: { count: 7 },
      message: 'channels.count: expected at most one channel for each of the 6 elements, got 7',
    },
    { given: { count: undefined }, message: 'count: expected an integer from 1 to 100' },
    { given: { iteration: 4 }, message: 'iteration: unknown key' },
    { given: { method: 'descent' }, message: 'method: expected "likelihood" or "alternating"' },
  ])('refused: $message', async ({ given, message, constant = false }) => {
    const attempt = learnChannels(
      train.structures,
      constant ? train.labels.map(() => 3) : train.labels,
      { ...options, ...given } as LearnChannelsOptions,
    );
    await expect(attempt).rejects.toThrow(InvalidInputError);
    await expect(attempt).rejects.toThrow(message);
  });

  test('refused: the state of another problem, or no state', async () => {
    const state = join(folder, 'other.json');
    await learn({ state, iterations: 1 });
    await expect(learn({ state, iterations: 1, count: 3 })).rejects.toThrow(
      'is the state of other structures or settings; name another file to begin anew',
    );
    const others = method === 'likelihood' ? 'alternating' : 'likelihood';
    await expect(learn({ state, iterations: 1, method: others })).rejects.toThrow(
      'is the state of other structures or settings',
    );
    writeFileSync(state, '{"kind": "soapstone-channels"');
    await expect(learn({ state })).rejects.toThrow(FormatError);
  });

  test('data of one element may have one channel', async () => {
    const alike = train.structures.map((structure) => ({
      ...structure,
      species: Array<string>(4).fill('Li'),
    }));
    const { channels } = await learnChannels(alike, train.labels, {
      ...options,
      representation: { ...representation, species: ['Li'] },
      count: 1,
      iterations: 3,
    });
    expect(Object.keys(channels.weights)).toEqual(['Li']);
  });
});
