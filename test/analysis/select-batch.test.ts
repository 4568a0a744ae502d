import path from 'node:path';

import { PropertyModel, Potential, readStructures, selectBatch, Structure } from '../../ts';
import { failing } from '../failing';

const data = path.join(__dirname, '..', '..', 'data');
const representation = {
  cutoff: { radius: 4 },
  basis: { maxAngular: 3, radial: { count: 4 } },
} as const;

let potential: Potential;
let committee: Potential;
let property: PropertyModel;
let known: Structure[];
let pool: Structure[];
beforeAll(async () => {
  known = (await readStructures(path.join(data, 'water-train.xyz'))).slice(0, 30);
  const config = {
    representation,
    kernel: { zeta: 2 },
    sparse: { count: 80 },
    noise: { energy: 1e-3, forces: 0.03 },
  };
  ({ potential } = await Potential.train(known, { config }));
  ({ potential: committee } = await Potential.train(known, {
    config: { ...config, uncertainty: { type: 'committee', members: 8 } },
  }));
  property = await PropertyModel.train(known, 'energy', {
    config: { terms: [{ representation }], regression: { type: 'sparse', count: 80 } },
  });
  const stretched = [1.1, 1.25, 1.25].map(
    (factor, s) =>
      new Structure({
        species: known[s]!.species,
        positions: known[s]!.positions.map((x) => factor * x),
      }),
  );
  // 3, 4 and 5 are strange, 4 and 6 are copies, the others are known.
  pool = [...known.slice(0, 3), ...stretched, stretched[1]!];
}, 60_000);

test.each(['uncertainty', 'diversity', 'both'] as const)(
  'what is strange is picked first: by %s',
  async (by) => {
    for (const model of [potential, committee, property]) {
      const { indices, scores, uncertainties } = await selectBatch(model, pool, { count: 4, by });
      expect(new Set(indices).size).toBe(4);
      const strange = by === 'uncertainty' ? [3, 4, 5, 6] : [3, 4, 5];
      expect(strange.filter((s) => indices.includes(s))).toEqual(
        by === 'uncertainty' ? strange : expect.arrayContaining([5]),
      );
      expect([4, 5, 6]).toContain(indices[0]);
      for (let k = 1; k < 4; k++) expect(scores[k]).toBeLessThanOrEqual(scores[k - 1]! + 1e-12);
      expect(uncertainties === undefined).toBe(by === 'diversity');
    }
  },
);

test('a potential without a committee goes by forces, too', async () => {
  const options = { count: 4, by: 'uncertainty', forcesUncertainty: true } as const;
  const { indices, uncertainties } = await selectBatch(potential, pool, options);
  expect([...indices].sort()).toEqual([3, 4, 5, 6]);
  const predictions = await potential.predict(pool, { uncertainty: 'all' });
  expect([...uncertainties!]).toEqual(
    predictions.map(({ forcesUncertainty }) => Math.max(...forcesUncertainty!)),
  );
});

test('copies of what was picked are no news, unlike their uncertainty', async () => {
  const { indices, scores } = await selectBatch(potential, pool, { count: 7, by: 'diversity' });
  const [first, second] = [indices.indexOf(4), indices.indexOf(6)].sort((a, b) => a - b);
  expect(scores[first!]).toBeGreaterThan(0.01);
  expect(scores[second!]).toBeLessThan(1e-3);
});

test('environments of an element that nothing is known of are at right angles to all others', async () => {
  const config = {
    representation: { ...representation, species: [1, 7, 8] },
    kernel: { zeta: 2 },
    sparse: { count: 40 },
    noise: { energy: 1e-3, forces: 0.03 },
  };
  const { potential: open } = await Potential.train(known, { config });
  const ammonia = (length: number) =>
    new Structure({
      species: [7, 1, 1, 1],
      positions: [0, 0, 0, length, 0, 0, 0, length, 0, 0, 0, length],
    });
  const some = [...known.slice(0, 3), ammonia(1), ammonia(1.02)];
  const { indices, scores } = await selectBatch(open, some, { count: 2, by: 'diversity' });
  expect([3, 4]).toContain(indices[0]);
  expect(scores[0]).toBeCloseTo(Math.SQRT2, 6);
  // One of both is enough.
  expect(scores[1]).toBeLessThan(0.5);
});

test('is the same for any number of threads, and the pool needs no labels', async () => {
  const bare = pool.map(({ species, positions }) => ({ species, positions }));
  const [a, b] = await Promise.all(
    [1, 2].map((threads) => selectBatch(committee, bare, { count: 3, threads })),
  );
  expect(a).toEqual(b);
});

test('says what is wrong', async () => {
  const select = (count: number, by?: string) =>
    selectBatch(potential, pool, { count, by: by as never });
  await expect(select(8)).rejects.toEqual(failing({ code: 'INVALID_INPUT', path: 'count' }));
  await expect(select(0)).rejects.toEqual(failing({ path: 'count' }));
  await expect(select(1, 'luck')).rejects.toEqual(failing({ path: 'by' }));
  const gold = { species: [79], positions: [0, 0, 0] };
  await expect(selectBatch(potential, [gold], { count: 1 })).rejects.toEqual(
    failing({ path: 'structures[0].species' }),
  );
});
