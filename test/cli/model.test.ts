import { readdirSync, readFileSync, truncateSync, copyFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { Potential } from '../../ts/models';
import { readStructures } from '../../ts/structures/extxyz';
import { Structure } from '../../ts/structures/structure';
import type { StructureLike } from '../../ts/structures/structure';
import { isShapedArray } from '../../ts/structures/values';
import { cli, cliJson, data, smallConfig, temporaryFolder } from './support';

const folder = temporaryFolder();
const model = folder.file('water.soapstone');
const water = data('water-test.xyz');
const silicon = folder.write('silicon.xyz', '1\nProperties=species:S:1:pos:R:3\nSi 0 0 0\n');

beforeAll(async () => {
  const config = folder.write('small.json', smallConfig);
  await cliJson('train', water, '--config', config, '-o', model);
});

describe('evaluate', () => {
  interface EvaluateJson {
    readonly energy: { mae: number; rmse: number };
    readonly forces: { mae: number; rmse: number };
  }

  test('prints the errors that predictions have', async () => {
    const result = await cliJson<EvaluateJson>('evaluate', model, water);
    const error = { mae: expect.any(Number), rmse: expect.any(Number) };
    const calibration = {
      within: [expect.any(Number), expect.any(Number)],
      area: expect.any(Number),
      logLikelihood: expect.any(Number),
      factor: expect.any(Number),
    };
    expect(result).toEqual({
      structures: 50,
      atoms: 516,
      energy: { ...error, calibration },
      forces: error,
      seconds: expect.any(Number),
    });
    const structures = await readStructures(water);
    const predictions = await (await Potential.load(model)).predict(structures);
    const energyErrors = structures.map(
      ({ info, length }, s) => (predictions[s]!.energy - (info.energy as number)) / length,
    );
    const forceErrors = structures.flatMap(({ arrays }, s) =>
      Array.from(predictions[s]!.forces!, (f, i) => f - (arrays.forces!.data[i] as number)),
    );
    for (const [errors, { mae, rmse }] of [
      [energyErrors, result.energy],
      [forceErrors, result.forces],
    ] as const) {
      const mean = (values: number[]) => values.reduce((sum, x) => sum + x, 0) / values.length;
      expect(mae).toBeCloseTo(mean(errors.map(Math.abs)), 12);
      expect(rmse).toBeCloseTo(Math.sqrt(mean(errors.map((x) => x * x))), 12);
    }
  });

  test('writes a report', async () => {
    const report = folder.file('evaluated.html');
    const result = await cliJson<{ report: string }>('evaluate', model, water, '--report', report);
    expect(result.report).toBe(report);
    const page = readFileSync(report, 'utf8');
    expect(page).toContain(`Evaluated on ${water}. Training and held-out`);
    for (const heading of ['Energy: predicted and reference', 'Forces: distribution of errors'])
      expect(page).toContain(`<h3>${heading}</h3>`);
    expect(page).toContain('<h3>Energy: reliability</h3>');
    const { code, stderr } = await cli(['evaluate', model, water, '--report', model]);
    expect(code).toBe(1);
    expect(stderr).toContain('cannot be the output too');
  });

  test('says how uncertainties of forces agree with errors, if asked to', async () => {
    const report = folder.file('forces.html');
    const result = await cliJson<Record<'energy' | 'forces', { calibration?: unknown }>>(
      ...['evaluate', model, water, '--forces-uncertainty', '--report', report],
    );
    expect(Object.keys(result.forces.calibration!)).toEqual(
      Object.keys(result.energy.calibration!),
    );
    expect(readFileSync(report, 'utf8')).toContain('<h3>Forces: reliability</h3>');
    const { code, stderr } = await cli(['evaluate', model, water, '--forces-uncertainty']);
    expect(code).toBe(1);
    expect(stderr).toMatch(/--forces-uncertainty: expected with --json or --report/);
  });

  test('names few of many files', async () => {
    const { stdout } = await cli(['evaluate', model, ...Array<string>(20).fill(water)]);
    expect(stdout).toMatch(/water-test\.xyz and 18 others +\d/);
    expect(Math.max(...stdout.split('\n').map(({ length }) => length))).toBeLessThan(400);
  });

  test('takes several files, and names them in its table', async () => {
    const { code, stdout } = await cli(['evaluate', model, water, water]);
    expect(code).toBe(0);
    expect(stdout).toContain(`${water}, ${water} `);
    expect(stdout).toContain('100 structures, 1032 atoms in');
  });

  test.each([
    [
      'labels that are not there',
      [silicon],
      /silicon.xyz, frame 0 .*element Si is unknown .* H, O/,
    ],
    [
      'nothing to compare with',
      [folder.write('bare.xyz', '1\nPBE=1\nH 0 0 0\n')],
      /bare.xyz: these structures have no energy, forces or stress .*only PBE; .*--energy-key/,
    ],
    [
      'a wrong key',
      [water, '--energy-key', 'E'],
      /--energy-key: no structure has E; there is energy/,
    ],
  ])('refuses %s', async (_, args, message) => {
    const { code, stdout, stderr } = await cli(['evaluate', model, ...args, '--json']);
    expect(stderr).toMatch(message);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  });

  test('refuses files that are no potentials', async () => {
    const damaged = folder.file('damaged.soapstone');
    copyFileSync(model, damaged);
    truncateSync(damaged, 5000);
    for (const file of [damaged, water, 'nowhere.soapstone']) {
      const { code, stderr } = await cli(['evaluate', file, water]);
      expect(code).toBe(1);
      expect(stderr).toMatch(/^error: [^\n]+\n$/);
      expect(stderr).toContain(file);
    }
  });
});

describe('predict', () => {
  test('writes predictions in place of the labels and keeps all else, in file order', async () => {
    const output = folder.file('predicted.xyz');
    const result = await cliJson('predict', model, water, water, '-o', output);
    expect(result).toMatchObject({ structures: 100, atoms: 1032, output });
    const given = await readStructures(water);
    const potential = await Potential.load(model);
    const expected = await potential.predict(given, { uncertainty: true });
    const written = await readStructures(output);
    expect(written).toHaveLength(100);
    written.forEach((structure, s) => {
      const original = given[s % 50]!;
      const { energy, energyUncertainty, forces } = expected[s % 50]!;
      expect(structure.positions).toEqual(original.positions);
      expect(structure.species).toEqual(original.species);
      expect(structure.info).toEqual({
        ...original.info,
        energy,
        // Variances of structures that come together are solved for together.
        energy_uncertainty: expect.closeTo(energyUncertainty!, 12) as number,
      });
      expect(energyUncertainty).toBeGreaterThan(0);
      expect(structure.arrays.forces).toEqual({ data: forces, shape: [structure.length, 3] });
    });
  });

  test('writes uncertainties of forces and stress, if asked to', async () => {
    const cell = 'Lattice="6 0 0 0 6 0 0 0 6" Properties=species:S:1:pos:R:3';
    const input = folder.write('box.xyz', `3\n${cell}\nO 0 0 0\nH 0.8 0.6 0\nH -0.8 0.6 0.1\n`);
    const output = folder.file('box-out.xyz');
    await cliJson('predict', model, input, '--forces-uncertainty', '-o', output);
    const [{ info, arrays }] = (await readStructures(output)) as [Structure];
    const [expected] = await (
      await Potential.load(model)
    ).predict(await readStructures(input), { uncertainty: 'all' });
    const { forcesUncertainty, stressUncertainty } = expected!;
    expect(arrays.forces_uncertainty).toEqual({ data: forcesUncertainty, shape: [3, 3] });
    expect(info.stress_uncertainty).toEqual({ data: stressUncertainty, shape: [3, 3] });
    expect(Math.min(...forcesUncertainty!.subarray(0, 6))).toBeGreaterThan(0);
  });

  test('writes a list of objects, of which structures can be made, to names in .json', async () => {
    const box = 'Lattice="6 0 0 0 6 0 0 0 6" Properties=species:S:1:pos:R:3 name=box';
    const input = folder.write('box2.xyz', `3\n${box}\nO 0 0 0\nH 0.8 0.6 0\nH -0.8 0.6 0.1\n`);
    const [table, list, packed] = ['p.xyz', 'p.json', 'p.json.gz'].map(folder.file);
    for (const output of [table!, list!, packed!]) {
      await cliJson('predict', model, input, water, '-o', output);
    }
    const text = readFileSync(list!, 'utf8');
    expect(gunzipSync(readFileSync(packed!)).toString()).toBe(text);
    const objects = JSON.parse(text) as StructureLike[];
    const structures = await readStructures(table!);
    expect(objects).toHaveLength(structures.length);
    expect(objects[0]).toMatchObject({ species: ['O', 'H', 'H'], info: { name: 'box' } });
    objects.forEach((object, s) => {
      const { energy, energy_uncertainty } = structures[s]!.info;
      const { arrays, info, cell } = new Structure(object);
      expect(info).toMatchObject({ energy, energy_uncertainty });
      expect(arrays.forces).toEqual(structures[s]!.arrays.forces);
      expect(cell).toEqual(structures[s]!.cell);
    });
    const { code } = await cli(['predict', model, silicon, '-o', folder.file('none.json')]);
    expect(code).toBe(1);
    expect(readdirSync(folder.path).filter((name) => name.includes('none.json'))).toEqual([]);
  });

  test('writes a stress where there is a cell', async () => {
    const cell = 'Lattice="6 0 0 0 6 0 0 0 6" Properties=species:S:1:pos:R:3:tag:I:1';
    const input = folder.write(
      'cell.xyz',
      `3\n${cell} stress="9 9 9 0 0 0" name=box\nO 0 0 0 7\nH 0.8 0.6 0 8\nH -0.8 0.6 0.1 9\n`,
    );
    const output = folder.file('cell-out.xyz.gz');
    await cliJson('predict', model, input, '-o', output);
    expect(readFileSync(output).subarray(0, 2)).toEqual(Buffer.from([0x1f, 0x8b]));
    const [structure] = await readStructures(output);
    const [expected] = await (await Potential.load(model)).predict([structure!]);
    const { stress, name } = structure!.info;
    expect(name).toBe('box');
    expect(structure!.arrays.tag!.data).toEqual(Int32Array.of(7, 8, 9));
    if (!isShapedArray(stress)) throw new Error('expected a stress');
    for (let i = 0; i < 9; i++) expect(stress.data[i]).toBeCloseTo(expected!.stress![i]!, 12);
  });

  test('leaves nothing when a structure at the end is wrong', async () => {
    const before = readdirSync(folder.path);
    const bad = folder.write('bad-end.xyz', `${readFileSync(water, 'utf8')}2\n\nH 0 0 0\n`);
    for (const files of [[bad], [water, silicon], [water, folder.write('none.xyz', '')]]) {
      const { code, stderr } = await cli(['predict', model, ...files, '-o', folder.file('p.xyz')]);
      expect(code).toBe(1);
      expect(stderr).toMatch(/error: .*(bad-end|silicon|none)\.xyz/);
    }
    expect(readdirSync(folder.path)).toEqual([...before, 'bad-end.xyz', 'none.xyz'].sort());
  });
});

describe('select', () => {
  test('picks structures, the rest goes elsewhere', async () => {
    const [batch, rest] = [folder.file('batch.xyz'), folder.file('rest.xyz')];
    const result = await cliJson<{ indices: number[]; scores: number[] }>(
      ...['select', model, data('water-train.xyz'), '--count', '5'],
      ...['-o', batch, '--rest', rest],
    );
    expect(result).toMatchObject({ pool: 150, by: 'both', output: batch, rest });
    const pool = await readStructures(data('water-train.xyz'));
    const picked = await readStructures(batch);
    expect(picked.map(({ positions }) => positions)).toEqual(
      result.indices.map((s) => pool[s]!.positions),
    );
    expect(await readStructures(rest)).toHaveLength(145);
    const { stdout } = await cli([
      ...['select', model, water, '--count', '2', '--by', 'uncertainty', '-o', batch],
    ]);
    expect(stdout).toContain('2 of 50 structures in ');
  });

  test('goes by the uncertainty of forces, if asked to', async () => {
    const args = ['select', model, water, '--count', '3', '--by', 'uncertainty'];
    const result = await cliJson<{ scores: number[] }>(
      ...[...args, '--forces-uncertainty', '-o', folder.file('by-forces.xyz')],
    );
    const predictions = await (
      await Potential.load(model)
    ).predict(await readStructures(water), { uncertainty: 'all' });
    const largest = predictions.map(({ forcesUncertainty }) => Math.max(...forcesUncertainty!));
    expect(result.scores).toEqual(largest.sort((a, b) => b - a).slice(0, 3));
  });

  test('says what is wrong', async () => {
    const select = (...flags: string[]) =>
      cli(['select', model, water, '-o', folder.file('batch.xyz'), ...flags]);
    expect((await select()).code).toBe(2);
    expect((await select('--count', '0')).code).toBe(2);
    expect((await select('--count', '2', '--by', 'luck')).code).toBe(2);
    const many = await select('--count', '51');
    expect(many).toMatchObject({ code: 1, stderr: expect.stringContaining('at most 50') });
    const onto = await cli(['select', model, water, '--count', '2', '-o', water]);
    expect(onto.code).not.toBe(0);
  });
});

describe('info', () => {
  test('says what a potential is', async () => {
    const { code, stdout } = await cli(['info', model]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^elements +H, O$/m);
    expect(stdout).toMatch(/^cutoff +4 Å$/m);
    expect(stdout).toMatch(/^training( +[\d.]+){4}$/m);
    expect(await cliJson('info', model)).toMatchObject({
      species: ['H', 'O'],
      structures: 50,
      atoms: 516,
      configuration: { kernel: { zeta: 2 } },
      training: { energy: { mae: expect.any(Number) as number } },
    });
  });

  test('says what the system is', async () => {
    const { stdout } = await cli(['info', '--system']);
    expect(stdout).toMatch(/^soapstone +\d+\.\d+\.\d+\nCPU level +\S+\nthreads +\d+$/m);
    expect(await cliJson('info', '--system')).toMatchObject({
      soapstone: expect.stringMatching(/^\d+\.\d+\.\d+/) as string,
      cpuLevel: expect.any(String) as string,
      threads: expect.any(Number) as number,
      node: process.versions.node,
    });
  });
});
