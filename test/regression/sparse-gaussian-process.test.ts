import path from 'node:path';

import { PowerSpectrum, readStructures, SparseGaussianProcess, Structure } from '../../ts';
import { selectSparsePoints } from '../../ts/regression/sparse-points';
import type { SparsePoints } from '../../ts';
import { failing } from '../failing';

const spectrum = new PowerSpectrum({
  cutoff: { radius: 3 },
  density: { width: 0.4 },
  basis: { maxAngular: 2, radial: { count: 3 } },
  species: [1, 8],
});
const noise = { energy: 0.01, forces: 0.05, stress: 0.05 };

let water: Structure[];
let points: SparsePoints;

beforeAll(async () => {
  const file = path.resolve(__dirname, '..', '..', 'data', 'water-train.xyz');
  water = (await readStructures(file)).slice(0, 12);
  points = await selectSparsePoints(spectrum, water, { counts: [8, 5], seed: 1, pool: 100 });
});

const create = () => SparseGaussianProcess.create(spectrum, points, 2);
const add = (
  process: SparseGaussianProcess,
  structures: readonly Structure[],
  signal?: AbortSignal,
) =>
  process.add(
    structures,
    {
      energies: Float64Array.from(structures, (_, s) => Math.sin(s)),
      forces: structures.map(() => undefined),
      stresses: structures.map(() => undefined),
      notes: [],
    },
    new Map(),
    () => 0,
    { signal },
  );

test('calls on it run one after the other', async () => {
  const expected = await create();
  await add(expected, water.slice(0, 8));
  await add(expected, water.slice(8));
  const process = await create();
  // The second would be packed first.
  const adding = [add(process, water.slice(0, 8)), add(process, water.slice(8))];
  const solving = [process.solve(noise, []), process.solve({ ...noise, energy: 0.1 }, [])];
  const covariance = process.covariance();
  const members = process.members(noise, [[], [1]]);
  await Promise.all(adding);
  expect(await solving[0]).toEqual(await expected.solve(noise, []));
  expect(await solving[1]).toEqual(await expected.solve({ ...noise, energy: 0.1 }, []));
  expect(await covariance).toEqual(await expected.covariance());
  expect(await members).toEqual(await expected.members(noise, [[], [1]]));
});

test('a structure that cannot be used, or an early abort, leaves it as it was', async () => {
  const expected = await create();
  await add(expected, water);
  const process = await create();
  const carbon = new Structure({ species: ['O', 'C'], positions: [0, 0, 0, 1.2, 0, 0] });
  await expect(add(process, [...water.slice(0, 3), carbon])).rejects.toThrow(
    failing({ code: 'INVALID_INPUT', message: expect.stringMatching(/^structures\[3\].* 6 /) }),
  );
  await expect(add(process, water.slice(0, 3), AbortSignal.abort())).rejects.toThrow(
    failing({ code: 'ABORTED' }),
  );
  await add(process, water);
  expect(await process.solve(noise, [])).toEqual(await expected.solve(noise, []));
});
