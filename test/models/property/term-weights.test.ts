import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { PropertyConfig } from '../../../ts';
import { InvalidInputError, PropertyModel, Structure } from '../../../ts';
import { randomNumbers } from '../../../ts/common/random';
import { cli as soapstone } from '../../cli/support';

/** Chains of atoms: the energy follows from distances of neighbours, which only a short cutoff sees sharply. */
function chains(count: number, seed: number): Structure[] {
  const random = randomNumbers(seed);
  return Array.from({ length: count }, () => {
    const gaps = Array.from({ length: 4 }, () => 1 + 0.6 * random());
    let x = 0;
    const positions = [0, ...gaps.map((gap) => (x += gap))].map((at) => [at, 0, 0]);
    const energy = gaps.reduce((sum, gap) => sum + Math.cos(6 * gap), 0);
    const dipole = Float64Array.of(gaps[0]! - gaps[3]!, 0, 0);
    const charges = Float64Array.from(
      { length: 5 },
      (_, i) => Math.cos(3 * (gaps[i - 1] ?? 1)) + Math.cos(3 * (gaps[i] ?? 1)),
    );
    return Structure.from({
      species: ['C', 'O', 'C', 'O', 'C'],
      positions,
      info: { energy, dipole: { data: dipole, shape: [3] } },
      arrays: { charges: { data: charges, shape: [5] } },
    });
  });
}

const basis = { maxAngular: 1, radial: { count: 4 } };
const density = { width: 0.2 };
const near = { representation: { cutoff: { radius: 2 }, density, basis } };
const blurred = { representation: { cutoff: { radius: 6 }, density: { width: 2 }, basis } };
const config = (more: PropertyConfig = {}): PropertyConfig => ({
  terms: [near, { ...blurred, weight: 3 }],
  weights: { type: 'marginal-likelihood' },
  regression: { type: 'full' },
  aggregate: 'sum',
  ...more,
});

const train = chains(60, 1);
const others = chains(40, 2);
const folder = mkdtempSync(join(tmpdir(), 'soapstone-weights-'));
afterAll(() => rmSync(folder, { recursive: true }));

let model: PropertyModel;
beforeAll(async () => {
  model = await PropertyModel.train(train, 'energy', { config: config() });
});
const weightsOf = ({ config: { terms } }: PropertyModel) => terms.map(({ weight }) => weight);

test('weights are those of what the property follows from; their sum stays', async () => {
  const [first, second] = weightsOf(model);
  expect(first! + second!).toBeCloseTo(4, 10);
  expect(first).toBeGreaterThan(20 * second!);
  const given = await PropertyModel.train(train, 'energy', {
    config: config({ weights: { type: 'given' } }),
  });
  expect(weightsOf(given)).toEqual([1, 3]);
  const [own, theirs] = [await model.evaluate(others), await given.evaluate(others)];
  expect(own.errors.mae).toBeLessThan(0.9 * theirs.errors.mae);
});

test('the configuration then gives them: training again is the same model', async () => {
  expect(model.config.weights).toEqual({ type: 'given' });
  const again = await PropertyModel.train(train, 'energy', {
    config: model.config as PropertyConfig,
  });
  expect(weightsOf(again)).toEqual(weightsOf(model));
  expect((await again.evaluate(others)).errors).toEqual((await model.evaluate(others)).errors);
});

test('a model keeps them in its file; info shows them', async () => {
  const file = join(folder, 'model.soapstone');
  await model.save(file);
  const loaded = await PropertyModel.load(file);
  expect(weightsOf(loaded)).toEqual(weightsOf(model));
  expect(await loaded.predict(others)).toEqual(await model.predict(others));
  const { stdout } = await soapstone(['info', file]);
  expect(stdout).toContain(`weight ${Number(weightsOf(model)[0]!.toPrecision(3))}`);
});

test.each([
  ['a sparse model', 'energy', { regression: { type: 'sparse', count: 40 } }],
  ['a property of atoms', 'charges', { regression: { type: 'sparse', count: 40 } }],
  ['a vector', 'dipole', {}],
] as const)('of %s, from few samples', async (_, target, more) => {
  const stages = new Set<string>();
  const trained = await PropertyModel.train(train, target, {
    config: config({ ...more, weights: { type: 'marginal-likelihood', samples: 40 } }),
    onProgress: ({ stage }) => stages.add(stage),
  });
  expect(stages).toContain('weights');
  const [first, second] = weightsOf(trained);
  expect(first! + second!).toBeCloseTo(4, 10);
  expect(Math.abs(first! - 1)).toBeGreaterThan(0.01);
  expect((await trained.evaluate(others)).errors.rmsRelative).toBeLessThan(0.3);
});

test('beside channels that are learned, weights are judged by held-out structures', async () => {
  const channels = { type: 'learned', count: 1, iterations: 8, spread: 1 } as const;
  const terms = [blurred, { representation: { ...near.representation, channels } }];
  const trained = await PropertyModel.train(train, 'energy', {
    config: config({ terms, centres: 'any' }),
  });
  const [first, second] = weightsOf(trained);
  expect(second).toBeGreaterThan(first!);
  expect((await trained.evaluate(others)).errors.rmsRelative).toBeLessThan(0.2);
});

test('a term that says nothing hardly counts, and is named', async () => {
  const blind = { representation: { cutoff: { radius: 0.5 }, basis } };
  const trained = await PropertyModel.train(train, 'energy', {
    config: config({ terms: [near, blind] }),
  });
  expect(trained.summary.notes.join()).toContain('terms[1] hardly counts among the others');
});

test('labels that are all the same leave the weights as given', async () => {
  const flat = train.map(({ positions, species }) =>
    Structure.from({ positions, species, info: { energy: 2 } }),
  );
  const trained = await PropertyModel.train(flat, 'energy', { config: config() });
  expect(weightsOf(trained)).toEqual([1, 3]);
  expect(trained.summary.notes.join()).toContain('nothing to learn');
});

test.each([
  [
    { terms: [near] },
    'weights.type: expected at least two terms, got one: its weight has nothing to be weighed against',
  ],
  [{ terms: undefined }, 'weights.type: expected at least two terms, got one'],
  [
    { weights: { type: 'optimize' } },
    'weights.type: expected one of "given", "marginal-likelihood", got "optimize"',
  ],
  [
    { weights: { type: 'marginal-likelihood', samples: 1 } },
    'weights.samples: expected an integer from 2 to 100000, got 1',
  ],
])('refused: %j', async (more, message) => {
  const attempt = PropertyModel.train(train, 'energy', {
    config: config(more as PropertyConfig),
  });
  await expect(attempt).rejects.toThrow(InvalidInputError);
  await expect(attempt).rejects.toThrow(message);
});
