import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { calibration, loadModel, Potential, readStructures } from '../../ts';
import type { Parity, PotentialConfig, Structure } from '../../ts';
import { failing } from '../failing';

const folder = mkdtempSync(path.join(tmpdir(), 'soapstone-members-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const data = path.join(__dirname, '..', '..', 'data');

const config: PotentialConfig = {
  representation: { cutoff: { radius: 4 }, basis: { maxAngular: 3, radial: { count: 4 } } },
  kernel: { zeta: 2 },
  sparse: { count: 100 },
  noise: { energy: 1e-3, forces: 0.03 },
  uncertainty: { type: 'committee', members: 12 },
};

let training: Structure[];
let test_: Structure[];
let potential: Potential;
beforeAll(async () => {
  training = (await readStructures(path.join(data, 'ethanol-train.xyz'))).slice(0, 60);
  test_ = (await readStructures(path.join(data, 'ethanol-train.xyz'))).slice(60, 140);
  ({ potential } = await Potential.train(training, { config }));
}, 60_000);

const within = ({ predicted, reference, uncertainty }: Parity) =>
  calibration(
    predicted.map((y, i) => y - reference[i]!),
    uncertainty!,
  ).within;

test('members have the potential for their mean and its uncertainties for their spread', async () => {
  const options = { uncertainty: true, members: true };
  const [prediction] = await potential.predict(test_.slice(0, 1), options);
  const { energy, forces, members, energyUncertainty, forcesUncertainty } = prediction!;
  expect(potential.members).toBe(12);
  expect(members).toHaveLength(12);
  const { factors } = potential.parts;
  const check = (of: (member: { energy: number; forces?: Float64Array }) => number) => {
    const values = members!.map(of);
    const mean = values.reduce((sum, y) => sum + y, 0) / 12;
    expect(mean).toBeCloseTo(of({ energy, forces: forces! }), 8);
    return Math.sqrt(values.reduce((sum, y) => sum + (y - mean) ** 2, 0) / 11);
  };
  expect(energyUncertainty).toBeCloseTo(
    check((member) => member.energy),
    8,
  );
  for (const i of [0, 7, 26]) {
    expect(forcesUncertainty![i]).toBeCloseTo(
      factors.forces * check((member) => member.forces![i]!),
      8,
    );
  }
  expect(potential.predictSync(test_.slice(0, 1), options)).toEqual([prediction]);
  expect(await potential.predict(test_.slice(0, 1), { ...options, uncertainty: 'all' })).toEqual([
    prediction,
  ]);
});

test('forces of members are derivatives of their energies', async () => {
  const structure = test_[3]!;
  const moved = (step: number) => ({
    species: structure.species,
    positions: structure.positions.map((x, i) => (i === 4 ? x + step : x)),
  });
  const [less, middle, more] = await potential.predict([moved(-1e-4), moved(0), moved(1e-4)], {
    members: true,
  });
  for (const i of [0, 5, 11]) {
    const slope = (more!.members![i]!.energy - less!.members![i]!.energy) / 2e-4;
    expect(middle!.members![i]!.forces![4]).toBeCloseTo(-slope, 5);
  }
});

test('uncertainties of energies and forces hold for structures not seen', async () => {
  const { parity } = await potential.evaluate(test_, { uncertainty: true });
  for (const part of [parity.energy!, parity.forces!]) {
    const [one, two] = within(part);
    expect(one).toBeGreaterThan(0.5);
    expect(one).toBeLessThan(0.88);
    expect(two).toBeGreaterThan(0.8);
  }
  const plain = await potential.evaluate(test_.slice(0, 2));
  expect(plain.parity.energy!.uncertainty).toBeUndefined();
});

test('the committee does not change what is predicted', async () => {
  const { potential: plain } = await Potential.train(training, {
    config: { ...config, uncertainty: { type: 'variance' } },
  });
  const [a] = await plain.predict(test_.slice(0, 1), { uncertainty: true });
  const [b] = await potential.predict(test_.slice(0, 1));
  expect(a!.energy).toBeCloseTo(b!.energy, 6);
  expect(a!.forcesUncertainty).toBeUndefined();
  expect(a!.energyUncertainty).toBeGreaterThan(0);
  await expect(plain.predict(test_, { members: true })).rejects.toThrow(
    failing({ code: 'INVALID_INPUT', path: 'members' }),
  );
});

test('a full kernel is calibrated on structures whose environments were no points', async () => {
  const { potential: full } = await Potential.train(training.slice(0, 30), {
    config: { ...config, sparse: { count: 'all' }, uncertainty: { type: 'committee', members: 8 } },
  });
  const { parity } = await full.evaluate(test_, { uncertainty: true });
  expect(within(parity.forces!)[1]).toBeGreaterThan(0.75);
}, 60_000);

test('comes back from a file, which is refused when a part is missing', async () => {
  const file = path.join(folder, 'members.soapstone');
  await potential.save(file);
  const loaded = (await loadModel(file)) as Potential;
  const options = { uncertainty: true, members: true };
  expect(await loaded.predict(test_.slice(0, 2), options)).toEqual(
    await potential.predict(test_.slice(0, 2), options),
  );
  const bytes = readFileSync(file).toString('latin1');
  writeFileSync(file, Buffer.from(bytes.replace('"members"', '"memberz"'), 'latin1'));
  await expect(loadModel(file)).rejects.toThrow(failing({ code: 'FORMAT' }));
});

test('the rigidity of an environment is the inverse variance of its energy', async () => {
  const { potential: plain } = await Potential.train(training, {
    config: { ...config, uncertainty: { type: 'variance' } },
  });
  const alone = { species: ['O'], positions: [[0, 0, 0]] };
  const [[rigidity], all] = (await plain.rigidity([alone, test_[0]!])) as [
    Float64Array,
    Float64Array,
  ];
  const [prediction] = await plain.predict([alone], { uncertainty: true });
  const { amplitude } = plain.parts.covariance;
  expect((rigidity! * prediction!.energyUncertainty! ** 2) / amplitude).toBeCloseTo(1, 6);
  expect(all).toHaveLength(test_[0]!.length);
  expect(Math.min(...all)).toBeGreaterThan(1);
});

test('too few structures for a committee are refused', async () => {
  await expect(Potential.train(training.slice(0, 12), { config })).rejects.toThrow(
    failing({ code: 'INVALID_INPUT', path: 'uncertainty.type' }),
  );
});
