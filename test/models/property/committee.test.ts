import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { calibration, loadModel, PropertyModel } from '../../../ts';
import type { PropertyConfig, Structure } from '../../../ts';
import { randomNumbers } from '../../../ts/common/random';
import { failing } from '../../failing';
import { bentPositions, labelledWater } from './molecules';

const folder = mkdtempSync(path.join(tmpdir(), 'soapstone-committee-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const random = randomNumbers(8);
const config: PropertyConfig = {
  terms: [
    {
      representation: { cutoff: { radius: 3 }, basis: { maxAngular: 2, radial: { count: 3 } } },
    },
  ],
  regression: { type: 'sparse', count: 40 },
  uncertainty: { type: 'committee', members: 12 },
};

/** Water with properties that are formulas of its bonds, and noise. */
function molecule(): Structure {
  const positions = bentPositions(random, 0.5);
  const lengths = positions.slice(1).map((r) => Math.hypot(...r));
  const between = Math.hypot(...positions[1]!.map((x, a) => x - positions[2]![a]!));
  const noise = () => 0.1 * (random() + random() + random() - 1.5);
  const energy =
    noise() + lengths.reduce((sum, r) => sum + Math.cos(4 * r), 0) + Math.sin(3 * between);
  const dipole = [0, 1, 2].map((a) => positions[1]![a]! * lengths[1]! + positions[2]![a]!);
  const shift = [energy, lengths[0]! + noise(), lengths[1]! + noise()];
  return labelledWater(positions, { energy_like: energy }, dipole, shift);
}
const training = Array.from({ length: 120 }, molecule);
const test_ = Array.from({ length: 120 }, molecule);

describe.each(['energy_like', 'mu', 'shift'])('a committee for %s', (target) => {
  let model: PropertyModel;
  beforeAll(async () => {
    model = await PropertyModel.train(training, target, { config });
  });

  test('has the model for its mean and the uncertainty for its spread', async () => {
    const options = { uncertainty: true, members: true };
    for (const { values, uncertainty, members, shape } of await model.predict(test_, options)) {
      expect(members).toHaveLength(12);
      const squares = Array.from(values, (y, i) => {
        const own = members!.map((member) => member[i]!);
        expect(own.reduce((sum, x) => sum + x, 0) / 12).toBeCloseTo(y, 9);
        return own.reduce((sum, x) => sum + (x - y) ** 2, 0) / 11;
      });
      const components = target === 'mu' ? shape[0]! : 1;
      uncertainty!.forEach((sigma, s) => {
        const part = squares.slice(s * components, (s + 1) * components);
        const mean = part.reduce((sum, x) => sum + x, 0) / components;
        expect(sigma).toBeCloseTo(Math.sqrt(mean), 9);
      });
    }
  });

  test('is calibrated for structures that it has not seen', async () => {
    const { parity, uncertainties } = await model.evaluate(test_, { uncertainty: true });
    const components = parity.reference.length / uncertainties!.length;
    const { within } = calibration(
      parity.predicted.map((y, i) => y - parity.reference[i]!),
      parity.predicted.map((_, i) => uncertainties![Math.floor(i / components)]!),
    );
    expect(within[0]).toBeGreaterThan(0.55);
    expect(within[0]).toBeLessThan(0.85);
    expect(within[1]).toBeGreaterThan(0.87);
  });

  test('predicts the same as a model without one', async () => {
    const plain = await PropertyModel.train(training, target, {
      config: { ...config, uncertainty: { type: 'variance' } },
    });
    const [a, b] = [await model.predict(test_), await plain.predict(test_)];
    a.forEach(({ values }, s) =>
      values.forEach((y, i) => expect(y).toBeCloseTo(b[s]!.values[i]!, 6)),
    );
    expect(plain.members).toBe(0);
    await expect(plain.predict(test_, { members: true })).rejects.toEqual(
      failing({ code: 'INVALID_INPUT', path: 'members' }),
    );
  });

  test('comes back from a file, which is refused when it is damaged', async () => {
    const file = path.join(folder, `${target}.soapstone`);
    await model.save(file);
    const loaded = (await loadModel(file)) as PropertyModel;
    const options = { uncertainty: true, members: true };
    expect(loaded.members).toBe(12);
    expect(await loaded.predict(test_, options)).toEqual(await model.predict(test_, options));
    const bytes = readFileSync(file);
    const renamed = bytes.toString('latin1').replace('"members.0"', '"memberz.0"');
    writeFileSync(file, Buffer.from(renamed, 'latin1'));
    await expect(loadModel(file)).rejects.toEqual(failing({ code: 'FORMAT' }));
  });
});

test('the rigidity of an environment is the inverse variance of what is said of it', async () => {
  const plain = { config: { ...config, uncertainty: { type: 'variance' } } } as const;
  const model = await PropertyModel.train(training, 'shift', plain);
  const [rigidity] = await model.rigidity(test_.slice(0, 1));
  const [prediction] = await model.predict(test_.slice(0, 1), { uncertainty: true });
  const { amplitude, fitted } = model.parts;
  const scaleOf = (number: number) => fitted.find(({ centre }) => centre === number)!.scale;
  [8, 1, 1].forEach((number, i) => {
    const variance = prediction!.uncertainty![i]! ** 2 / (amplitude * scaleOf(number) ** 2);
    expect(rigidity![i]! * variance).toBeCloseTo(1, 6);
  });
  for (const target of ['energy_like', 'mu']) {
    const other = await PropertyModel.train(training, target, plain);
    const [all] = await other.rigidity(test_.slice(0, 1));
    expect([...all!].every((value) => value > 1 && Number.isFinite(value))).toBe(true);
  }
  const full = await PropertyModel.train(training.slice(0, 20), 'energy_like', {
    config: { ...config, uncertainty: { type: 'variance' }, regression: { type: 'full' } },
  });
  await expect(full.rigidity(test_)).rejects.toEqual(
    failing({ code: 'INVALID_INPUT', path: 'regression.type' }),
  );
});

test('settings of a committee are checked', async () => {
  const train = (uncertainty: unknown, structures = training) =>
    PropertyModel.train(structures, 'energy_like', { config: { ...config, uncertainty } as never });
  await expect(train({ type: 'committee', members: 3 })).rejects.toEqual(
    failing({ code: 'INVALID_INPUT', path: 'uncertainty.members' }),
  );
  await expect(train({ type: 'jury' })).rejects.toEqual(
    failing({ code: 'INVALID_INPUT', path: 'uncertainty.type' }),
  );
  await expect(train({ type: 'committee' }, training.slice(0, 10))).rejects.toEqual(
    failing({ code: 'INVALID_INPUT', path: 'uncertainty.type' }),
  );
});
