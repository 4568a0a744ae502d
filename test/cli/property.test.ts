import { readFileSync, writeFileSync } from 'node:fs';

import { readStructures, Structure, writeStructures } from '../../ts';
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
    target: { name: 'energy', per: 'structure', shape: [], unit: 'eV' },
    species: ['H', 'O'],
    model,
    training: { energy: { mae: expect.any(Number) } },
  });
  const described = await cli(['info', model]);
  expect(described.stdout).toMatch(/^predicts +energy, a number for each structure, in eV$/m);
  const { energy } = await cliJson<{ energy: Errors }>('evaluate', model, water);
  expect(energy.rmse).toBeGreaterThan(0);
  expect(energy.rmsRelative).toBeLessThan(0.01);
  const out = folder.file('predicted.xyz');
  expect((await cli(['predict', model, water, '-o', out, '--target', 'guess'])).code).toBe(0);
  const [first] = await readStructures(out);
  expect(first!.info.guess).toBeCloseTo(first!.info.energy as number, 0);
  expect(first!.info.guess_uncertainty).toBeGreaterThan(0);
  for (const command of [
    ['predict', model, water, '-o', out],
    ['evaluate', model, water, '--json'],
    ['select', model, water, '--count', '1', '-o', out],
  ]) {
    const { code, stderr } = await cli([...command, '--forces-uncertainty']);
    expect(code).toBe(1);
    expect(stderr).toContain('--forces-uncertainty: expected for potentials only');
  }
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

test('reports of a training and of an evaluation', async () => {
  const structures = await readStructures(water);
  const labelled = folder.file('vectors.xyz');
  await writeStructures(
    labelled,
    structures.map(({ positions, species, info, arrays }) => {
      // A vector that turns with the molecules: from the centre of all atoms to that of the oxygens.
      const mu = [0, 1, 2].map((x) =>
        species.reduce((sum, z, i) => sum + (z === 8 ? 2 : -1) * positions[3 * i + x]!, 0),
      );
      return new Structure({
        positions,
        species,
        arrays,
        info: { ...info, mu: { data: Float64Array.from(mu), shape: [3] } },
      });
    }),
  );
  const [model, training, evaluation] = ['mu.soapstone', 'mu.html', 'mu-test.html'].map(
    folder.file,
  );
  const named = folder.write('unit.json', JSON.stringify({ ...small, unit: 'e·Å' }));
  const trained = await cliJson<{ report: string }>(
    ...['train', labelled, '--target', 'mu', '--config', named, '--validation', labelled],
    ...['-o', model!, '--report', training!],
  );
  expect(trained.report).toBe(training);
  const page = readFileSync(training!, 'utf8');
  for (const text of ['Model of mu', '3 numbers for each structure, in e·Å']) {
    expect(page).toContain(text);
  }
  for (const axis of [
    'Reference mu x (e·Å)',
    'Predicted mu z (e·Å)',
    'Root mean square error (e·Å)',
  ])
    expect(page).toContain(`>${axis}<`);
  expect([...page.matchAll(/<svg role="img"/g)]).toHaveLength(3 * 2 + 2);
  // Training and validation have their components, what was held out only the whole.
  expect([...page.matchAll(/<tr class="part">/g)]).toHaveLength(3 + 3);
  expect(page).toContain('&#34;unit&#34;: &#34;e·Å&#34;');

  const evaluated = await cli(['evaluate', model!, labelled, '--report', evaluation!]);
  expect(evaluated.stdout).toContain(`report: ${evaluation}`);
  const other = readFileSync(evaluation!, 'utf8');
  expect(other).toContain('Evaluated on ');
  expect([...other.matchAll(/<svg role="img"/g)]).toHaveLength(3 * 2 + 2);
});

test('a report of a property of atoms has charts for each element', async () => {
  const report = folder.file('atoms.html');
  const { code } = await cli([
    ...['train', water, '--target', 'forces', '--config', config],
    ...['-o', folder.file('atoms.soapstone'), '--report', report],
  ]);
  expect(code).toBe(0);
  const page = readFileSync(report, 'utf8');
  for (const name of ['forces of H', 'forces of O']) {
    expect(page).toContain(`>Reference ${name} (eV/Å)<`);
    expect(page).toContain(`<h3>${name}: distribution of errors</h3>`);
  }
  expect(page).not.toContain('<h2>Uncertainty</h2>');
});

test('totals are measured from the baseline in a report', async () => {
  const report = folder.file('totals.html');
  const model = folder.file('totals.soapstone');
  await cli(['train', water, '--target', 'energy', '--config', config, '-o', model]);
  await cli(['evaluate', model, data('water-train.xyz'), '--report', report]);
  const page = readFileSync(report, 'utf8');
  expect(page).toContain('measured from the model&#39;s baseline for the composition');
  // Totals are hundreds of eV, what is left of them a few: as the ticks of the axis say.
  const parity = /aria-label="energy: predicted and reference"[^]*?<\/svg>/.exec(page)![0];
  const ticks = [...parity.matchAll(/>([−\d.,]+)<\/text>/g)].map(([, tick]) =>
    Number(tick!.replace('−', '-')),
  );
  expect(ticks.length).toBeGreaterThan(4);
  expect(ticks.every((tick) => Math.abs(tick) < 20)).toBe(true);
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

describe('a difference to another property', () => {
  const plain = folder.write('plain.xyz', readFileSync(water, 'utf8').replaceAll('energy=', 'E='));
  const both = folder.write(
    'both.xyz',
    readFileSync(water, 'utf8').replaceAll('energy=', 'rough=1 energy='),
  );
  const model = folder.file('difference.soapstone');
  beforeAll(async () => {
    const settings = JSON.parse(readFileSync(config, 'utf8')) as object;
    const delta = folder.write(
      'delta.json',
      JSON.stringify({ ...settings, baseline: { label: 'rough' } }),
    );
    const args = ['train', both, '--target', 'energy', '--config', delta, '-o', model];
    expect(await cli(args)).toMatchObject({ code: 0 });
  });

  test('is said where that is missing', async () => {
    const output = ['-o', folder.file('none.xyz')];
    const { code, stderr } = await cli(['predict', model, plain, ...output]);
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: expect.stringMatching(/baseline\.label: no structure has rough; there is E/),
    });
  });

  test('needs it to predict, and not to select', async () => {
    for (const by of ['both', 'uncertainty', 'diversity']) {
      const output = ['--by', by, '-o', folder.file('batch.xyz')];
      const picked = await cliJson<{ indices: number[] }>(
        ...['select', model, plain, '--count', '3', ...output],
      );
      expect(picked.indices).toHaveLength(3);
    }
  });
});

test.each(['structures', 'seconds', 'errors'])(
  'a property called %s hides nothing',
  async (name) => {
    const file = folder.write(
      `${name}.xyz`,
      readFileSync(water, 'utf8').replaceAll('energy=', `${name}=`),
    );
    const model = folder.file(`${name}.soapstone`);
    const args = ['train', file, '--target', name, '--config', config, '-o', model];
    expect(await cli(args)).toMatchObject({ code: 0 });
    const errors = {
      mae: expect.any(Number),
      rmse: expect.any(Number),
      rmsRelative: expect.any(Number),
    };
    expect(await cliJson('evaluate', model, file)).toMatchObject({
      structures: 50,
      atoms: 516,
      target: name,
      errors,
      seconds: expect.any(Number),
    });
  },
);
