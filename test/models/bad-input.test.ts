// Labels and structures that tell little or nothing: what docs/errors.md says happens.

import { readFileSync, writeFileSync } from 'node:fs';

import {
  learningCurve,
  optimizeModel,
  Potential,
  properties,
  PropertyModel,
  Structure,
  writeStructures,
} from '../../ts';
import type { PropertyConfig } from '../../ts';
import { cli, temporaryFolder } from '../cli/support';
import { failing } from '../failing';
import { randomNumbers } from '../properties/structures';

const random = randomNumbers(3);
const near = (x: number) => x + 0.3 * (random() - 0.5);
const bonds = () => [
  [near(0.96), near(0), near(0)],
  [near(-0.24), near(0.93), near(0)],
];
type Label = number | { data: Float64Array; shape: number[] };
const molecule = (labels: (a: number[], b: number[]) => Record<string, Label>) => {
  const [a, b] = bonds() as [number[], number[]];
  return new Structure({
    positions: [[0, 0, 0], a, b],
    species: [8, 1, 9],
    info: labels(a, b),
  });
};
const molecules = (count: number, labels: Parameters<typeof molecule>[0]) =>
  Array.from({ length: count }, () => molecule(labels));
const energies = molecules(30, (a) => ({ energy: -10 + a[0]! ** 2 }));
const withEnergy = ({ positions, species }: Structure, energy: number) =>
  new Structure({ positions, species, info: { energy } });
const nanAt = (at: number) => energies.map((s, i) => (i === at ? withEnergy(s, NaN) : s));

const representation = {
  cutoff: { radius: 3 },
  density: { width: 0.5 },
  basis: { maxAngular: 2, radial: { count: 3 } },
} as const;
const potentialConfig = { representation, kernel: { zeta: 2 }, sparse: { count: 20 } };
const propertyConfig: PropertyConfig = { terms: [{ representation }] };
const trainPotential = async (structures: readonly Structure[]) =>
  (await Potential.train(structures, { config: potentialConfig })).potential;
const energyOf = async (potential: Potential, structure: Structure) =>
  (await potential.predict([structure]))[0]!.energy;

describe('duplicates', () => {
  const [first] = energies as [Structure];
  const ten = (energy: (i: number) => number) =>
    Array.from({ length: 10 }, (_, i) => withEnergy(first, energy(i)));

  test('a potential of one structure again and again knows it', async () => {
    const potential = await trainPotential(ten(() => -9));
    expect(await energyOf(potential, first)).toBeCloseTo(-9, 6);
  });

  test('labels that contradict each other are averaged', async () => {
    const potential = await trainPotential(ten((i) => -9 + 0.1 * i));
    expect(await energyOf(potential, first)).toBeCloseTo(-8.55, 3);
    const model = await PropertyModel.train(
      ten((i) => i),
      'energy',
      { config: propertyConfig },
    );
    expect((await model.predict([first]))[0]!.values[0]).toBeCloseTo(4.5, 3);
  });

  test('a potential of all structures twice is as good', async () => {
    const potential = await trainPotential([...energies, ...energies]);
    const { energy } = await potential.evaluate(energies);
    expect(energy!.rmse).toBeLessThan(0.01);
  });
});

test('constant energies and forces of zero are predicted as they are', async () => {
  const constant = energies.map(
    ({ positions, species }) =>
      new Structure({
        positions,
        species,
        info: { energy: -5 },
        arrays: { forces: { data: new Float64Array(9), shape: [3, 3] } },
      }),
  );
  const potential = await trainPotential(constant);
  const [predicted] = await potential.predict(energies.slice(0, 1));
  expect(predicted!.energy).toBeCloseTo(-5, 9);
  expect(Math.max(...predicted!.forces!.map(Math.abs))).toBeLessThan(1e-9);
});

test.each([1, 2, 3])('%d structures are enough to train', async (count) => {
  const some = energies.slice(0, count);
  expect(Number.isFinite(await energyOf(await trainPotential(some), energies[9]!))).toBe(true);
  const model = await PropertyModel.train(some, 'energy', { config: propertyConfig });
  expect(Number.isFinite((await model.predict([energies[9]!]))[0]!.values[0])).toBe(true);
});

describe('labels that are no numbers are named', () => {
  const named = failing({ code: 'INVALID_INPUT', path: 'structures[7]' });

  test('by training', async () => {
    await expect(trainPotential(nanAt(7))).rejects.toThrow(named);
    const model = PropertyModel.train(nanAt(7), 'energy', { config: propertyConfig });
    await expect(model).rejects.toThrow(named);
    const unknown = energies.map((structure, s) => {
      const data = new Float64Array(9).fill(s === 7 ? Infinity : 0);
      const { positions, species, info } = structure;
      return new Structure({
        positions,
        species,
        info,
        arrays: { forces: { data, shape: [3, 3] } },
      });
    });
    await expect(trainPotential(unknown)).rejects.toThrow(named);
  });

  test('by searches and learning curves, before the first training', async () => {
    const space = { ...potentialConfig, sparse: { count: { $choice: [5, 10] } } };
    await expect(optimizeModel(nanAt(7), { space, folds: 3 })).rejects.toThrow(named);
    const kind = properties('energy');
    const terms = [{ representation, weight: { $choice: [1, 2] } }];
    const search = optimizeModel(nanAt(7), { kind, space: { terms }, folds: 3 });
    await expect(search).rejects.toThrow(named);
    const curve = learningCurve(nanAt(7), energies, { sizes: [5], config: potentialConfig });
    await expect(curve).rejects.toThrow(named);
  });
});

test('fewer structures than folds, or than a learning curve asks for', async () => {
  const space = { ...potentialConfig, sparse: { count: { $choice: [5, 10] } } };
  await expect(optimizeModel(energies.slice(0, 3), { space })).rejects.toThrow(
    /^folds: expected at most 3, as many as samples, got 5/,
  );
  const curve = learningCurve(energies, energies, { sizes: [31], config: potentialConfig });
  await expect(curve).rejects.toThrow(
    /^sizes: expected integers from 1 to 30, the structures there are to train on, got 31/,
  );
});

describe('a tensor of rank 2 that is not symmetric', () => {
  const dyad = (a: number[], b: number[], symmetric: boolean) => ({
    data: Float64Array.from({ length: 9 }, (_, k) => {
      const [i, j] = [Math.floor(k / 3), k % 3];
      return symmetric ? a[i]! * b[j]! + b[i]! * a[j]! : a[i]! * b[j]!;
    }),
    shape: [3, 3],
  });
  const asymmetry = (values: Float64Array) =>
    Math.max(...[1, 2, 5].map((k, at) => Math.abs(values[k]! - values[[3, 6, 7][at]!]!)));

  test('is learned with its antisymmetric part', async () => {
    const training = molecules(60, (a, b) => ({ t: dyad(a, b, false) }));
    const model = await PropertyModel.train(training, 't', { config: propertyConfig });
    const test_ = molecules(10, (a, b) => ({ t: dyad(a, b, false) }));
    expect((await model.evaluate(test_)).errors.rmsRelative).toBeLessThan(0.1);
    expect(asymmetry((await model.predict(test_))[0]!.values)).toBeGreaterThan(0.3);
  });

  test('is symmetric where labels are but for noise, with a note', async () => {
    const training = molecules(40, (a, b) => {
      const t = dyad(a, b, true);
      t.data[1]! += 1e-4;
      return { t };
    });
    const model = await PropertyModel.train(training, 't', { config: propertyConfig });
    expect(asymmetry((await model.predict(training.slice(0, 1)))[0]!.values)).toBeLessThan(1e-12);
    expect(model.summary.notes.join()).toMatch(/λ = 1 \(pseudotensor\) is .* not learned/);
  });
});

describe('the command line', () => {
  const folder = temporaryFolder();

  test('names file and frame, and exits with 1', async () => {
    const file = folder.file('labels.xyz');
    await writeStructures(file, energies);
    const lines = readFileSync(file, 'utf8').split('\n');
    lines[5 * 7 + 1] = lines[5 * 7 + 1]!.replace(/energy=\S+/, 'energy=nan');
    writeFileSync(file, lines.join('\n'));
    const config = folder.write('config.json', JSON.stringify(potentialConfig));
    const space = folder.write(
      'space.json',
      JSON.stringify({ ...potentialConfig, sparse: { count: { $choice: [5, 10] } } }),
    );
    const out = ['-o', folder.file('out')];
    for (const args of [
      ['train', file, '--config', config, ...out],
      ['optimize', file, '--config', space, ...out],
      ['learning-curve', file, '--config', config, '--sizes', '5'],
    ]) {
      const { code, stderr } = await cli(args);
      expect({ args, code }).toEqual({ args, code: 1 });
      expect(stderr).toMatch(/labels\.xyz.*frame 7.*energy/s);
    }
  });
});
