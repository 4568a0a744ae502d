import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { Potential, readStructures, SoapstoneError, Structure } from '../../ts';
import type { PotentialConfig } from '../../ts';
import { savePotential } from '../../ts/models/file';
import { failing } from '../failing';

const data = path.resolve(__dirname, '..', '..', 'data');
const small: PotentialConfig = {
  representation: {
    cutoff: { radius: 3 },
    basis: { maxAngular: 2, radial: { count: 3 } },
  },
  kernel: { zeta: 2 },
  sparse: { count: 20 },
};

let water: Structure[];
let potential: Potential;
let folder: string;
let file: string;

beforeAll(async () => {
  water = (await readStructures(path.join(data, 'water-train.xyz'))).slice(0, 30);
  ({ potential } = await Potential.train(water, { config: small }));
  folder = await mkdtemp(path.join(tmpdir(), 'soapstone-'));
  file = path.join(folder, 'water.soapstone');
  await potential.save(file);
});

afterAll(() => rm(folder, { recursive: true }));

describe('training', () => {
  test('decides everything, and the same again when told what it decided', async () => {
    const { config, summary } = potential;
    expect(summary).toMatchObject({ structures: 30, sparsePoints: { H: 12, O: 8 } });
    const { representation, kernel, sparse, baseline, noise, validation, seed } = config;
    const again = await Potential.train(water, {
      config: { representation, kernel, sparse, baseline, noise, validation, seed },
    });
    expect(again.potential.parts.weights).toEqual(potential.parts.weights);
  });

  test('gives the same bits for any number of threads', async () => {
    const { potential: single } = await Potential.train(water, { config: small, threads: 1 });
    expect(single.parts.weights).toEqual(potential.parts.weights);
    expect(single.parts.points.values).toEqual(potential.parts.points.values);
  });

  test('errors on held-out structures are those of a model that has not seen them', () => {
    const { heldOut, training } = potential.summary;
    expect(heldOut.energy!.count).toBe(6);
    expect(heldOut.forces!.mae).toBeGreaterThan(0.5 * training.forces!.mae);
  });

  test('stands on all environments if asked, those of held-out structures too, and errs less', async () => {
    const config = { ...small, sparse: { count: 'all' } } as const;
    const { potential: full } = await Potential.train(water, { config });
    const atoms = water.reduce((sum, { length }) => sum + length, 0);
    expect(full.parts.points.first.at(-1)).toBe(atoms);
    expect(full.summary.sparsePoints).toEqual({ H: (2 * atoms) / 3, O: atoms / 3 });
    expect(full.config.sparse.count).toBe('all');
    const { training, heldOut } = full.summary;
    expect(heldOut.forces!.mae).toBeLessThan(potential.summary.heldOut.forces!.mae);
    expect(training.forces!.mae).toBeLessThan(heldOut.forces!.mae);
  });

  test('learns from forces alone, and from energies alone', async () => {
    for (const keys of [{ energy: null }, { forces: null }]) {
      const { potential: part } = await Potential.train(water, { config: small, keys });
      const { forces } = await part.evaluate(water);
      expect(forces!.mae).toBeLessThan(2);
    }
  });

  test('names elements that are known only as isolated atoms, and does not guess at them', async () => {
    const atoms = await readStructures(path.join(data, 'isolated-atoms.xyz'));
    const { potential: known } = await Potential.train([...water, ...atoms], { config: small });
    expect(known.summary.notes.join()).toMatch(/C: only isolated atoms/);
    await expect(known.predict([{ positions: [[0, 0, 0]], species: ['C'] }])).rejects.toThrow(
      failing({ code: 'INVALID_INPUT', message: expect.stringContaining('element C') }),
    );
  });

  test.each([
    ['no structures', [] as Structure[], {}, 'INVALID_INPUT', /at least one structure/],
    ['an unknown key', undefined, { kernel: { zetta: 2 } }, 'INVALID_INPUT', /kernel\.zetta/],
    ['a wrong value', undefined, { sparse: { count: -1 } }, 'INVALID_INPUT', /sparse\.count.*-1/],
    [
      'a wrong width',
      undefined,
      { representation: { density: { width: -1 } } },
      'INVALID_INPUT',
      /representation\.density\.width: expected a number > 0 Å, got -1/,
    ],
  ])('refuses %s', async (_, structures, config, code, message) => {
    await expect(
      Potential.train(structures ?? water, { config: config as PotentialConfig }),
    ).rejects.toThrow(failing({ code, message: expect.stringMatching(message) }));
  });

  test('names file and frame of a missing energy', async () => {
    const { energy, ...info } = water[3]!.info;
    expect(energy).toBeDefined();
    const broken = water.map((structure, s) =>
      s === 3 ? new Structure({ ...structure, info, source: structure.source }) : structure,
    );
    await expect(Potential.train(broken, { config: small })).rejects.toThrow(
      failing({ code: 'FORMAT', file: expect.stringContaining('water-train.xyz'), frame: 3 }),
    );
  });

  test('stops when it is aborted', async () => {
    const controller = new AbortController();
    const training = Potential.train(water, {
      config: small,
      signal: controller.signal,
      onProgress: () => controller.abort(),
    });
    await expect(training).rejects.toThrow(failing({ code: 'ABORTED' }));
  });
});

describe('the file of a potential', () => {
  test('gives the same predictions to the last bit', async () => {
    const options = { uncertainty: true, atomEnergies: true };
    const loaded = await Potential.load(file);
    expect(loaded.summary).toEqual(potential.summary);
    expect(loaded.config).toEqual(potential.config);
    expect(loaded.predictSync(water, options)).toEqual(potential.predictSync(water, options));
    const copy = new Potential(loaded.parts);
    expect(copy.predictSync(water, options)).toEqual(loaded.predictSync(water, options));
  });

  test('is refused wherever a byte of its header, or one in 500 of the rest, is changed', async () => {
    const bytes = await readFile(file);
    const header = 8 + Number(bytes.readBigUInt64LE(0));
    const damaged = path.join(folder, 'damaged.soapstone');
    const places = [...bytes.keys()].filter((at) => at < header || at % 500 === 0);
    for (const at of places) {
      const copy = Buffer.from(bytes);
      copy[at]! ^= 1 << (at % 8);
      await writeFile(damaged, copy);
      const outcome = await Potential.load(damaged).catch((error: unknown) => error);
      if (!SoapstoneError.is(outcome) || outcome.code !== 'FORMAT') {
        throw new Error(`byte ${at} changed: ${String(outcome)}`);
      }
    }
  }, 30_000);

  test('is refused where a tensor is not what the others need', async () => {
    const wrong = path.join(folder, 'wrong.soapstone');
    const { parts } = potential;
    for (const first of [
      [1, 12, 20],
      [0, 25, 20],
      [0, -4, 20],
      [0, 12, 21],
      [0, 20],
    ]) {
      const points = { ...parts.points, first: Int32Array.from(first) };
      await savePotential(wrong, { ...parts, points });
      await expect(Potential.load(wrong)).rejects.toThrow(
        failing({ code: 'FORMAT', file: wrong, message: expect.stringMatching(/ first[:,]/) }),
      );
      expect(() => new Potential({ ...parts, points })).toThrow(failing({ code: 'INVALID_INPUT' }));
    }
  });

  test('is refused wherever it is cut', async () => {
    const bytes = await readFile(file);
    const damaged = path.join(folder, 'cut.soapstone');
    for (const length of [0, 1, 7, 8, 9, 100, 1000, bytes.length / 2, bytes.length - 1]) {
      await writeFile(damaged, bytes.subarray(0, length));
      await expect(Potential.load(damaged)).rejects.toThrow(failing({ code: 'FORMAT' }));
    }
  });

  test('is refused when it is of a newer format or of another kind', async () => {
    const bytes = await readFile(file);
    const other = path.join(folder, 'other.soapstone');
    for (const [from, to, message] of [
      ['"version":"3"', '"version":"4"', /format version 4/],
      [
        'soapstone-potential',
        'soapstone-something',
        /expected a file of kind soapstone-potential, got soapstone-something/,
      ],
    ] as const) {
      await writeFile(other, Buffer.from(bytes.toString('latin1').replace(from, to), 'latin1'));
      await expect(Potential.load(other)).rejects.toThrow(
        failing({ code: 'FORMAT', message: expect.stringMatching(message) }),
      );
    }
  });

  test('leaves nothing behind where it cannot be written', async () => {
    const before = await readdir(folder);
    await expect(potential.save(path.join(folder, 'no', 'such.soapstone'))).rejects.toThrow(
      failing({ code: 'INVALID_INPUT' }),
    );
    expect(await readdir(folder)).toEqual(before);
  });
});
