import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { LearnChannelsOptions, StructureLike } from '../../ts';
import {
  AbortError,
  FormatError,
  GaussianProcess,
  InvalidInputError,
  learnChannels,
  PowerSpectrum,
  Bispectrum,
  structureKernel,
} from '../../ts';
import { randomNumbers } from '../../ts/common/random';
import { ChannelLikelihood } from '../../ts/regression/channel-likelihood';
import { toBatch } from '../../ts/structures/batch';

const species = ['Li', 'O', 'F', 'Na', 'S', 'Cl'];
/** Two kinds of elements, whose labels are alike. */
const charge: Readonly<Record<string, number>> = {
  Li: 1,
  Na: 1.1,
  O: -2,
  S: -1.9,
  F: -1,
  Cl: -0.9,
};

/** Clusters of four atoms whose label is a sum over pairs of a product of charges. */
function clusters(count: number, seed = 1): { structures: StructureLike[]; labels: number[] } {
  const random = randomNumbers(seed);
  const structures = Array.from({ length: count }, () => ({
    positions: [0, 1, 2, 3].map((i) =>
      [0, 1, 2].map((axis) => 1.6 * Number(axis === i - 1) + 0.3 * random()),
    ),
    species: [0, 1, 2, 3].map(() => species[Math.floor(species.length * random())]!),
  }));
  const labels = structures.map(({ positions, species: elements }) => {
    let sum = 0;
    elements.forEach((a, i) =>
      elements.slice(0, i).forEach((b, j) => {
        const r = Math.hypot(...positions[i]!.map((x, k) => x - positions[j]![k]!));
        sum += (charge[a]! * charge[b]!) / r;
      }),
    );
    return sum;
  });
  return { structures, labels };
}

const representation = {
  cutoff: { radius: 4 },
  basis: { maxAngular: 1, radial: { count: 2 } },
  species,
} as const;

const weightsOf = (channels: number): Float64Array =>
  Float64Array.from({ length: species.length * channels }, (_, k) => Math.sin(1 + 3 * k));

const { structures, labels } = clusters(12);
const offsets = Int32Array.from({ length: 13 }, (_, k) => 4 * k);
const y = Float64Array.from(labels);
/** A positive definite kernel of something else. */
const other = {
  values: Float64Array.from({ length: 144 }, (_, k) =>
    Math.exp(-0.3 * Math.abs(Math.floor(k / 12) - (k % 12))),
  ),
  shape: [12, 12] as const,
};

describe.each([
  { zeta: 2, aggregate: 'mean', sameElement: false },
  { zeta: 1, aggregate: 'sum', sameElement: true },
  { zeta: 3, aggregate: 'sum', sameElement: false },
] as const)('likelihood of channels: ζ = $zeta, $aggregate', (kernel) => {
  const channels = 2;
  const settings = { ...representation, channels: { type: 'random', count: channels } } as const;
  const create = (soap: PowerSpectrum | Bispectrum) =>
    ChannelLikelihood.create(soap, channels, toBatch(structures), { ...kernel, offsets });

  test.each([
    ['power spectrum', () => new PowerSpectrum(settings)],
    ['bispectrum', () => new Bispectrum(settings)],
  ])('slopes are those of the value: %s', async (_, make) => {
    const likelihood = await create(make());
    const weights = weightsOf(channels);
    const at = (u: Float64Array, noise = 0.1, weight = 0.5) =>
      likelihood.at(u, y, noise, { kernel: other, weight });
    const slope = await at(weights);
    const step = 1e-5;
    for (let k = 0; k < weights.length; k++) {
      const moved = (by: number) => weights.map((u, i) => (i === k ? u + by : u));
      const [up, down] = [await at(moved(step)), await at(moved(-step))];
      expect(Math.abs(slope.weights[k]! - (up.value - down.value) / (2 * step))).toBeLessThan(1e-6);
    }
    const slopeOf = async (f: (by: number) => ReturnType<typeof at>) =>
      ((await f(step)).value - (await f(-step)).value) / (2 * step);
    expect(slope.noise).toBeCloseTo(await slopeOf((by) => at(weights, 0.1 + by)), 5);
    expect(slope.other).toBeCloseTo(await slopeOf((by) => at(weights, 0.1, 0.5 + by)), 5);
    expect(Math.max(...slope.weights.map(Math.abs))).toBeGreaterThan(1e-2);
  });

  test('is that of a Gaussian process with the most likely variance', async () => {
    const weights = weightsOf(channels);
    const { value } = await (await create(new PowerSpectrum(settings))).at(weights, y, 0.1);
    const rows = Object.fromEntries(
      species.map((symbol, a) => [
        symbol,
        Array.from(weights.slice(a * channels, (a + 1) * channels)),
      ]),
    );
    const soap = new PowerSpectrum({
      ...representation,
      channels: { type: 'given', weights: rows },
    });
    const x = soap.computeSync(structures);
    const { aggregate, zeta, sameElement } = kernel;
    const { values } = await structureKernel(
      x,
      offsets,
      undefined,
      undefined,
      { type: 'dot-product', zeta },
      { aggregate, ...(sameElement && { speciesX: toBatch(structures).species }) },
    );
    const targets = { values: y, shape: [12, 1] as const };
    const found = await Promise.all(
      [0.9, 1, 1.1].map(async (factor) => {
        const unit = await GaussianProcess.fit({ values, shape: [12, 12] }, targets, {
          noise: Math.sqrt(0.1),
        });
        const fit = unit.weights.values.reduce((sum, w, i) => sum + w * y[i]!, 0) / 12;
        const variance = factor * fit;
        const process = await GaussianProcess.fit(
          { values: values.map((k) => variance * k), shape: [12, 12] },
          targets,
          { noise: Math.sqrt(0.1 * variance) },
        );
        return -process.logMarginalLikelihood();
      }),
    );
    expect(value).toBeCloseTo(found[1]!, 8);
    expect(found[0]).toBeGreaterThan(found[1]!);
    expect(found[2]).toBeGreaterThan(found[1]!);
  });
});

test('any number of threads gives the same bits', async () => {
  const soap = new PowerSpectrum({ ...representation, channels: { type: 'random', count: 2 } });
  const many = clusters(150, 3);
  const likelihood = await ChannelLikelihood.create(soap, 2, toBatch(many.structures), {
    zeta: 2,
    aggregate: 'mean',
    sameElement: false,
    offsets: Int32Array.from({ length: 151 }, (_, k) => 4 * k),
  });
  const at = (threads: number) =>
    likelihood.at(weightsOf(2), Float64Array.from(many.labels), 0.1, undefined, { threads });
  const one = await at(1);
  for (const threads of [2, 3]) expect(await at(threads)).toEqual(one);
});

describe('learning channels', () => {
  const folder = mkdtempSync(join(tmpdir(), 'soapstone-channels-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  const train = clusters(80, 5);
  const options = { representation, count: 2, iterations: 25, spread: 1 } as const;
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

  test('elements without labels follow those that are like them', async () => {
    const { channels } = await learn({
      representation: { ...representation, species: [...species, 'K'] },
    });
    const apart = (a: string, b: string) =>
      Math.hypot(...channels.weights[a]!.map((u, j) => u - channels.weights[b]![j]!));
    expect(apart('K', 'Na')).toBeLessThan(apart('K', 'O'));
  });

  test.each([
    { given: {}, message: 'labels: expected labels that differ, got 80 of 3', constant: true },
    {
      given: { count: 7 },
      message: 'channels.count: expected at most one channel for each of the 6 elements, got 7',
    },
    { given: { count: undefined }, message: 'count: expected an integer from 1 to 100' },
    { given: { iteration: 4 }, message: 'iteration: unknown key' },
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
