import { writeFileSync } from 'node:fs';

import { readStructures } from '../../ts';
import { cli, cliJson, data, temporaryFolder } from './support';

const folder = temporaryFolder();
const small = {
  terms: [
    { representation: { cutoff: { radius: 3 }, basis: { maxAngular: 2, radial: { count: 3 } } } },
  ],
  regression: { type: 'sparse', count: 40 },
};
const config = folder.write('property.json', JSON.stringify(small));
const water = data('water-test.xyz');

interface Errors {
  readonly mae: number;
  readonly rmse: number;
  readonly rmsRelative: number;
  readonly perSpecies?: Record<string, Errors>;
}

test('a property of structures: train, info, evaluate, predict', async () => {
  const model = folder.file('energy.soapstone');
  const trained = await cliJson<Record<string, unknown>>(
    ...['train', water, '--target', 'energy', '--config', config, '-o', model],
  );
  expect(trained).toMatchObject({
    target: { name: 'energy', per: 'structure', shape: [] },
    species: ['H', 'O'],
    model,
    training: { energy: { mae: expect.any(Number) } },
  });
  const described = await cli(['info', model]);
  expect(described.stdout).toMatch(/^predicts +energy, a number for each structure$/m);
  const { energy } = await cliJson<{ energy: Errors }>('evaluate', model, water);
  expect(energy.rmse).toBeGreaterThan(0);
  expect(energy.rmsRelative).toBeLessThan(0.01);
  const out = folder.file('predicted.xyz');
  expect((await cli(['predict', model, water, '-o', out, '--target', 'guess'])).code).toBe(0);
  const [first] = await readStructures(out);
  expect(first!.info.guess).toBeCloseTo(first!.info.energy as number, 0);
  expect(first!.info.guess_uncertainty).toBeGreaterThan(0);
});

test('a vector of atoms has errors for each element', async () => {
  const model = folder.file('forces.soapstone');
  const { code, stdout } = await cli([
    ...['train', water, '--target', 'forces', '--config', config, '-o', model],
    ...['--validation', data('water-train.xyz')],
  ]);
  expect(code).toBe(0);
  expect(stdout).toMatch(/^validation( +[\d.e+-]+){3} %\n {2}H( +[\d.e+-]+){3} %\n {2}O/m);
  const { forces } = await cliJson<{ forces: Errors }>('evaluate', model, water);
  expect(Object.keys(forces.perSpecies!)).toEqual(['H', 'O']);
  const out = folder.file('forces.xyz');
  await cli(['predict', model, water, '-o', out]);
  const [first] = await readStructures(out);
  expect(first!.arrays.forces!.shape).toEqual([first!.length, 3]);
  expect(first!.arrays.forces_uncertainty!.shape).toEqual([first!.length]);
});

test('says what is wrong', async () => {
  const model = folder.file('x.soapstone');
  const fails = async (...args: string[]) => {
    const { code, stderr } = await cli(args);
    expect(code).toBe(1);
    return stderr;
  };
  const train = ['train', water, '--config', config, '-o', model];
  expect(await fails(...train, '--target', 'mu')).toContain('no structure has mu; there is energy');
  expect(await fails(...train, '--target', 'energy', '--energy-key', 'e')).toContain(
    '--energy-key',
  );
  expect(await fails(...train)).toContain('terms: unknown key');
  writeFileSync(
    folder.file('p.json'),
    JSON.stringify({ terms: [{ representation: { type: 'x' } }] }),
  );
  expect(
    await fails(
      'train',
      water,
      '--target',
      'energy',
      '--config',
      folder.file('p.json'),
      '-o',
      model,
    ),
  ).toContain('terms[0].representation.type');
});
