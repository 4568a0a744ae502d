import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { PropertyModel, Structure } from '../../../ts';
import { randomNumbers } from '../../../ts/common/random';

/** Molecules of three atoms of the first transition metals: each label is a sum of pairs, stronger for later elements. */
function molecules(
  count: number,
  elements: number,
  strength = (element: number) => 1 + element / elements,
) {
  const random = randomNumbers(5);
  return Array.from({ length: count }, (_, s) => {
    // All elements occur.
    const species = [0, 1, 2].map(
      (k) => 21 + ((s + Math.floor(k * elements * random())) % elements),
    );
    const positions = Float64Array.from({ length: 9 }, (_, k) =>
      k % 4 === 0 ? 2.2 : 0.5 * random(),
    );
    const charge = (k: number) => strength(species[k]! - 21);
    const energies = new Float64Array(3);
    for (let i = 0; i < 3; i++) {
      for (let j = 0; j < 3; j++) {
        const d = Math.hypot(
          ...[0, 1, 2].map((a) => positions[3 * i + a]! - positions[3 * j + a]!),
        );
        if (i !== j) energies[i]! += charge(i) * charge(j) * Math.exp(-d);
      }
    }
    return new Structure({
      ...{ species, positions },
      info: { total: energies.reduce((sum, e) => sum + e, 0) },
      arrays: { each: energies },
    });
  });
}

test('more than eight elements are mixed, by what is learned of a number of structures', async () => {
  const all = molecules(100, 10);
  const [train, test] = [all.slice(0, 70), all.slice(70)];
  const model = await PropertyModel.train(train, 'total');
  const { terms, centres } = model.config;
  const { channels, basis } = terms[0]!.representation;
  expect(channels).toMatchObject({ type: 'given' });
  expect(Object.values((channels as { weights: object }).weights)).toHaveLength(10);
  expect(basis).toMatchObject({ maxAngular: 4, radial: { count: 6 } });
  expect(centres).toBe('any');
  expect(model.summary.notes.join()).toContain('10 elements are mixed to 4 channels, learned');
  const { errors } = await model.evaluate(test);
  expect(errors.rmsRelative).toBeLessThan(0.1);

  const folder = await mkdtemp(path.join(tmpdir(), 'soapstone-'));
  try {
    const file = path.join(folder, 'total.soapstone');
    await model.save(file);
    const again = await PropertyModel.load(file);
    expect(again.config).toEqual(model.config);
    expect(await again.predict(test)).toEqual(await model.predict(test));
  } finally {
    await rm(folder, { recursive: true });
  }
});

test('of atoms they are mixed by their properties, element by element', async () => {
  const model = await PropertyModel.train(molecules(60, 10), 'each');
  const { terms, centres } = model.config;
  expect(terms[0]!.representation.channels).toMatchObject({ type: 'properties', count: 4 });
  expect(centres).toBe('same-element');
  expect(model.summary.notes.join()).toContain('by their properties');
});

test('eight are kept apart, as are more if the configuration says so', async () => {
  const few = await PropertyModel.train(molecules(20, 8), 'total');
  expect(few.config.terms[0]!.representation.channels).toEqual({ type: 'elements' });
  expect(few.config.centres).toBe('same-element');
  const terms = [
    { representation: { cutoff: { radius: 3 }, basis: { maxAngular: 1, radial: { count: 2 } } } },
  ];
  const many = await PropertyModel.train(molecules(20, 10), 'total', { config: { terms } });
  expect(many.config.terms[0]!.representation.channels).toEqual({ type: 'elements' });
  expect(many.config.centres).toBe('same-element');
});

describe('up to eight elements', () => {
  const channelsOf = (model: PropertyModel) => model.config.terms[0]!.representation.channels;
  const apart = { representation: { cutoff: { radius: 5 }, density: { width: 0.3 } } };

  test('are mixed where likeness makes labels clearly likelier', async () => {
    const all = molecules(240, 7);
    const [train, test] = [all.slice(0, 120), all.slice(120)];
    const model = await PropertyModel.train(train, 'total');
    expect(channelsOf(model)).toMatchObject({ type: 'properties' });
    expect(model.summary.notes.join()).toMatch(/7 elements are mixed to \d channels by their/);
    const other = await PropertyModel.train(train, 'total', { config: { terms: [apart] } });
    const errors = await Promise.all(
      [model, other].map(async (each) => (await each.evaluate(test)).errors.rmse),
    );
    expect(errors[0]!).toBeLessThan(0.7 * errors[1]!);
  });

  test('have as many channels as elements, of another metric, where that gains little', async () => {
    const all = molecules(200, 4, (element) => 1 + element / 20);
    const [train, test] = [all.slice(0, 100), all.slice(100)];
    const model = await PropertyModel.train(train, 'total');
    expect(channelsOf(model)).toMatchObject({ type: 'properties', count: 4 });
    const { representation } = model.config.terms[0]!;
    const other = await PropertyModel.train(train, 'total', {
      config: {
        terms: [{ representation: { ...representation, channels: { type: 'elements' } } }],
      },
    });
    const errors = await Promise.all(
      [model, other].map(async (each) => (await each.evaluate(test)).errors.rmse),
    );
    expect(errors[0]!).toBeLessThan(errors[1]!);
  });

  test('stay apart where it does not', async () => {
    const alternating = (element: number) => [1, 3, 0.2, 2, 0, 4, 0.5][element]!;
    const model = await PropertyModel.train(molecules(120, 7, alternating), 'total');
    expect(channelsOf(model)).toMatchObject({ type: 'elements' });
    expect(model.summary.notes.join()).not.toContain('mixed');
  });

  test('stay apart where labels are few', async () => {
    const model = await PropertyModel.train(molecules(19, 7), 'total');
    expect(channelsOf(model)).toMatchObject({ type: 'elements' });
  });

  test('stay apart where a property of atoms tells them apart', async () => {
    const model = await PropertyModel.train(molecules(120, 7), 'each');
    expect(channelsOf(model)).toMatchObject({ type: 'elements' });
  });
});
