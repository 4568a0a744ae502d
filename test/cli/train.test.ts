import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { cli, cliJson, data, smallConfig, temporaryFolder } from './support';

const folder = temporaryFolder();
const config = folder.write('small.json', smallConfig);
const water = data('water-test.xyz');
const isolated = data('isolated-atoms.xyz');

interface TrainJson {
  readonly sparsePoints: number;
  readonly sparsePointsPerSpecies: Record<string, number>;
  readonly seconds: number;
  readonly peakMemoryBytes: number;
}

test('writes a potential and a report, and prints everything about them as JSON', async () => {
  const [model, report] = [folder.file('water.soapstone'), folder.file('water.html')];
  const result = await cliJson<TrainJson>(
    ...['train', isolated, water, '--config', config, '--validation', data('water-train.xyz')],
    ...['-o', model, '--report', report, '--threads', '1'],
  );
  const errors = {
    energy: { mae: expect.any(Number), rmse: expect.any(Number) },
    forces: { mae: expect.any(Number), rmse: expect.any(Number) },
  };
  expect(result).toEqual({
    structures: 50,
    atoms: 516,
    sparsePoints: expect.any(Number),
    sparsePointsPerSpecies: { H: expect.any(Number), O: expect.any(Number) },
    configuration: expect.objectContaining({
      kernel: { zeta: 2 },
      baseline: { type: 'given', energies: expect.objectContaining({ O: -102.52180714 }) },
    }),
    training: errors,
    heldOut: errors,
    validation: errors,
    seconds: expect.any(Number),
    peakMemoryBytes: expect.any(Number),
    model,
    report,
  });
  const { H, O } = result.sparsePointsPerSpecies;
  expect(result.sparsePoints).toBe(H! + O!);
  expect(readFileSync(report, 'utf8')).toContain('<h1>Potential of H, O</h1>');
  expect(existsSync(model)).toBe(true);
});

test('prints a table without --json', async () => {
  const { code, stdout, stderr } = await cli([
    ...['train', water, '--config', config, '-o', folder.file('table.soapstone')],
  ]);
  expect(code).toBe(0);
  expect(stdout).toMatch(
    /Energy MAE +RMSE +Forces MAE +RMSE\n +meV\/atom +meV\/atom +meV\/Å +meV\/Å\n/,
  );
  expect(stdout).toMatch(/^training( +[\d.]+){4}\nheld out( +[\d.]+){4}\n/m);
  expect(stderr).toContain('note: baseline: least-squares');
  expect(stderr).not.toContain('\x1b');
});

test('takes labels under other names', async () => {
  const renamed = folder.write(
    'renamed.xyz',
    readFileSync(water, 'utf8').replaceAll('energy=', 'E0=').replaceAll(':forces:', ':F:'),
  );
  const common = ['train', renamed, '--config', config, '-o', folder.file('renamed.soapstone')];
  const keys = ['--energy-key', 'E0', '--forces-key', 'F'];
  const { training } = await cliJson<{ training: object }>(...common, ...keys);
  expect(Object.keys(training)).toEqual(['energy', 'forces']);
  const energies = await cliJson<{ training: object }>(...common, '--energy-key', 'E0');
  expect(Object.keys(energies.training)).toEqual(['energy']);
});

describe('says what is wrong in one line, and leaves nothing', () => {
  const atoms = (comment: string, lines: string) => `2\n${comment}\n${lines}`;
  const two = 'H 0 0 0\nH 0 0 0.74\n';
  const cases: [name: string, args: string[], message: RegExp][] = [
    ['a path that is not there', ['nowhere.xyz'], /cannot read nowhere.xyz: no such file/],
    ['an empty file', [folder.write('empty.xyz', '')], /empty.xyz: there are no structures/],
    [
      'a truncated file',
      [folder.write('cut.xyz', atoms('energy=1', 'H 0 0 0\n'))],
      /cut.xyz, frame 0 \(counted from 0\), line 3: the file ends after 1 of the 2 atoms/,
    ],
    [
      'an unknown element',
      [folder.write('element.xyz', atoms('energy=1', 'H 0 0 0\nXx 0 0 1\n'))],
      /element.xyz, frame 0 .*line 4: .*"Xx"/,
    ],
    [
      'a missing energy',
      [folder.write('key.xyz', atoms('energy=1', two) + atoms('dft_energy=1', two))],
      /key.xyz, frame 1 .*info.energy is missing.*There is dft_energy.*--energy-key/,
    ],
    [
      'a wrong key',
      [water, '--forces-key', 'F'],
      /--forces-key: no structure has F; there is forces/,
    ],
    [
      'an unknown setting',
      [water, '--config', folder.write('typo.json', '{"representation": {"cutof": {}}}')],
      /typo.json: representation.cutof: unknown key/,
    ],
    [
      'a setting without meaning',
      [water, '--config', folder.write('zeta.json', '{"kernel": {"zeta": "two"}}')],
      /zeta.json: kernel.zeta: expected an integer/,
    ],
    [
      'a configuration that is no JSON',
      [water, '--config', folder.write('broken.json', '{\n"kernel": {},\n}')],
      /broken.json, line 3: expected JSON/,
    ],
    [
      'a setting that is there twice',
      [water, '--config', folder.write('twice.json', '{"kernel": {"zeta": 2}, "kernel": {}}')],
      /twice.json: expected JSON: the key "kernel" is there twice/,
    ],
    ['a configuration that is not there', [water, '--config', 'no.json'], /cannot read no.json/],
    ['a report in no folder', [water, '--report', '/no/such/r.html'], /cannot write \/no\/such\/r/],
    ['an output that is an input', [folder.file('out.soapstone')], /cannot be the output too/],
    ['a validation that is not there', [water, '--validation', 'no.xyz'], /cannot read no.xyz/],
  ];
  test.each(cases)('%s', async (_, args, message) => {
    const before = readdirSync(folder.path);
    const { code, stdout, stderr } = await cli([
      'train',
      ...args,
      '-o',
      folder.file('out.soapstone'),
    ]);
    expect(stderr).toMatch(message);
    expect(stderr).toMatch(/^error: [^\n]*\n$/);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(readdirSync(folder.path)).toEqual(before);
  });
});

test('stops when aborted, and leaves nothing', async () => {
  const before = readdirSync(folder.path);
  const controller = new AbortController();
  setTimeout(() => controller.abort('SIGINT'), 300);
  const output = ['-o', folder.file('aborted.soapstone'), '--report', folder.file('aborted.html')];
  const { code, stdout, stderr } = await cli(
    ['train', data('water-train.xyz'), ...output],
    controller.signal,
  );
  expect({ code, stdout }).toEqual({ code: 130, stdout: '' });
  expect(stderr).toMatch(/interrupted\n$/);
  expect(readdirSync(folder.path)).toEqual(before);
});
