import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { readNpy } from '../../ts/common/npy';
import { readSafetensors } from '../../ts/common/safetensors';
import { AtomicClusterExpansion, PowerSpectrum, StructureAverage } from '../../ts/representations';
import { representationTypes } from '../../ts/representations/create';
import { readStructures } from '../../ts/structures/extxyz';
import { cli, cliJson, data, program, temporaryFolder } from './support';

const folder = temporaryFolder();
const hyperparameters = { cutoff: { radius: 4 }, basis: { maxAngular: 2, radial: { count: 3 } } };
const config = folder.write('soap.json', JSON.stringify(hyperparameters));
const files = [data('water-test.xyz'), data('ethanol-test.xyz')];

async function expected() {
  const structures = (await Promise.all(files.map((file) => readStructures(file)))).flat();
  const representation = new PowerSpectrum({ ...hyperparameters, species: ['H', 'C', 'O'] });
  const { values } = await representation.compute(structures);
  return { structures, representation, values, columns: representation.features };
}

test('writes a row for each atom, in the order of the files, with labels beside it', async () => {
  const output = folder.file('atoms.npy');
  const result = await cliJson('featurize', ...files, '--config', config, '-o', output);
  const { structures, representation, values, columns } = await expected();
  const shape = [values.length / columns, columns];
  const labels = folder.file('atoms.labels.json');
  expect(result).toMatchObject({ structures: 150, atoms: 1416, shape, output, labels });
  expect(await readNpy(output)).toEqual({ data: values, shape });
  expect(JSON.parse(readFileSync(labels, 'utf8'))).toEqual({
    per: 'atom',
    shape,
    files,
    atomsPerStructure: structures.map(({ length }) => length),
    columns: representation.labels,
    hyperparameters: representation.hyperparameters,
  });
});

test('writes the mean of each structure, with labels in the header', async () => {
  const output = folder.file('structures.safetensors');
  await cliJson('featurize', ...files, '--config', config, '-o', output, '--per', 'structure');
  const { structures, values, columns } = await expected();
  const means = new Float64Array(structures.length * columns);
  let row = 0;
  structures.forEach(({ length }, s) => {
    for (let i = 0; i < length; i++, row++) {
      for (let c = 0; c < columns; c++) {
        means[s * columns + c]! += values[row * columns + c]! / length;
      }
    }
  });
  const { tensors, metadata } = await readSafetensors(output);
  expect(tensors.get('features')).toEqual({ data: means, shape: [150, columns] });
  expect(JSON.parse(metadata.labels!)).toMatchObject({ per: 'structure', shape: [150, columns] });
  expect(readdirSync(folder.path)).not.toContain('structures.labels.json');
});

test('elements that are given make the columns, whatever the structures hold', async () => {
  const [water, both] = [folder.file('only-water.npy'), folder.file('both.npy')];
  const flags = ['--config', config, '--species', 'O, H,C'];
  await cliJson('featurize', files[0]!, ...flags, '-o', water);
  await cliJson('featurize', ...files, ...flags, '-o', both);
  const { values, columns } = await expected();
  const found = await readNpy(water);
  expect(found.shape[1]).toBe(columns);
  expect(found.data).toEqual(values.subarray(0, found.data.length));
  expect((await readNpy(both)).data).toEqual(values);

  // Said before anything is written, and without a result.
  for (const last of [['-o', folder.file('refused.npy')], ['--dry-run']]) {
    const refused = await cli(['featurize', ...files, '--species', 'H,O', ...last]);
    expect(refused).toMatchObject({ code: 1, stdout: '' });
    expect(refused.stderr).toMatch(
      /error: .*ethanol-test\.xyz, frame 0 .*: element C of atom \d .* is not among those of the representation: H, O\n$/,
    );
  }
  expect(readdirSync(folder.path)).not.toContain('refused.npy');
  const wrong = await cli(['featurize', ...files, '--species', 'H,Q', '--dry-run']);
  expect(wrong).toMatchObject({ code: 2 });
});

test.each([
  { species: ['H'] },
  { type: 'structure-average', of: { species: ['H', 'O'] } },
  { type: 'concatenation', parts: [{ representation: { species: ['H', 'O'] } }] },
])('elements come from one place: %j', async (given) => {
  const file = folder.write('with-species.json', JSON.stringify(given));
  const run = ['featurize', files[0]!, '--config', file, '--species', 'H,O', '--dry-run'];
  expect(await cli(run)).toMatchObject({
    code: 1,
    stdout: '',
    stderr:
      'error: --species: the configuration names the species already: leave them out here or there\n',
  });
});

test.each(['npy', 'safetensors'])('writes single precision to .%s', async (ending) => {
  const output = folder.file(`single.${ending}`);
  const flags = ['--config', config, '-o', output, '--precision', 'float32'];
  await cliJson('featurize', ...files, ...flags);
  const { values, columns } = await expected();
  const { data, shape } =
    ending === 'npy'
      ? await readNpy(output)
      : (await readSafetensors(output)).tensors.get('features')!;
  expect(shape).toEqual([values.length / columns, columns]);
  expect(data).toEqual(Float32Array.from(values));
});

test('means in single precision are means of double precision, rounded once', async () => {
  const output = folder.file('single-means.npy');
  const flags = ['--config', config, '--per', 'structure', '-o', output];
  await cliJson('featurize', ...files, ...flags);
  const exact = (await readNpy(output)).data as Float64Array;
  await cliJson('featurize', ...files, ...flags, '--precision', 'float32');
  expect((await readNpy(output)).data).toEqual(Float32Array.from(exact));
});

test('memory does not grow with the number of structures', () => {
  // The large file's features are 183 MB; what a process takes differs by tens of MB from run to run.
  const water = '3\nProperties=species:S:1:pos:R:3\nO 0 0 0\nH 0.76 0.59 0\nH -0.76 0.59 0\n';
  const peakBytes = (structures: number): number => {
    const input = folder.write(`${structures}.xyz`, water.repeat(structures));
    const output = folder.file(`${structures}.npy`);
    const script = `
      process.on('exit', () => console.error(process.resourceUsage().maxRSS * 1024));
      require(${JSON.stringify(program)});`;
    const args = ['-e', script, 'soapstone', 'featurize', input, '-o', output, '--json'];
    const { stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
    expect(JSON.parse(stdout)).toMatchObject({ structures, shape: [3 * structures, 952] });
    return Number(stderr.trim().split('\n').at(-1));
  };
  expect(peakBytes(8000) - peakBytes(500)).toBeLessThan(120e6);
}, 60_000);

test('takes the representation of the settings of train, and its list of elements', async () => {
  const representation = { ...hyperparameters, species: ['O', 'H', 'C', 'N'] };
  const settings = folder.write('train.json', JSON.stringify({ representation }));
  const output = folder.file('four.npy');
  const { shape } = await cliJson<{ shape: number[] }>(
    ...['featurize', files[0]!, '--config', settings, '-o', output],
  );
  expect(shape).toEqual([516, new PowerSpectrum(representation).features]);
});

test.each([
  ['an unknown key', { cutof: 1 }, /cutof: unknown key/],
  ['an unknown key of a representation', { representation: { basi: 1 } }, /representation.basi/],
  ['a list that lacks an element', { species: ['H'] }, /element O .*not among .* H/],
])('refuses %s and leaves nothing', async (_, settings, message) => {
  const file = folder.write('wrong.json', JSON.stringify(settings));
  const before = readdirSync(folder.path);
  const output = folder.file('wrong.npy');
  const { code, stderr } = await cli(['featurize', files[0]!, '--config', file, '-o', output]);
  expect(code).toBe(1);
  expect(stderr).toMatch(message);
  expect(readdirSync(folder.path)).toEqual(before);
});

test('takes any representation by its type, and names them all', async () => {
  const ace = { type: 'ace', maxOrder: 2, maxDegree: 5, density: { type: 'delta' } };
  const settings = folder.write('ace.json', JSON.stringify(ace));
  const output = folder.file('ace.npy');
  await cliJson('featurize', files[0]!, '--config', settings, '-o', output);
  const structures = await readStructures(files[0]!);
  const representation = new AtomicClusterExpansion({
    ...ace,
    type: 'ace',
    density: { type: 'delta' },
    species: ['H', 'O'],
  });
  const { values, columns } = await representation.compute(structures);
  expect(await readNpy(output)).toEqual({
    data: values,
    shape: [values.length / columns, columns],
  });

  const list = await cli(['featurize', '--list']);
  for (const type of Object.keys(representationTypes)) expect(list.stdout).toContain(`${type} `);

  const unknown = folder.write('unknown.json', JSON.stringify({ type: 'soap' }));
  const refused = await cli([
    'featurize',
    files[0]!,
    '--config',
    unknown,
    '-o',
    folder.file('x.npy'),
  ]);
  expect(refused.stderr).toMatch(
    /unknown\.json.*type: expected one of "power-spectrum", .*, got "soap"/s,
  );
});

describe('before anything is computed', () => {
  interface Estimate {
    readonly fileBytes: number;
    readonly memoryBytes: number;
  }
  const dryRun = (...flags: string[]) =>
    cliJson<Estimate>('featurize', ...files, '--config', config, '--dry-run', ...flags);

  test('the size of the result and the memory are said', async () => {
    const output = folder.file('said.npy');
    const { code, stderr } = await cli([
      ...['featurize', ...files, '--config', config, '-o', output],
      ...['--precision', 'float32'],
    ]);
    const { columns } = await expected();
    const size = `${Math.round((4 * 1416 * columns) / 1e3)} kB`;
    expect(code).toBe(0);
    const line = `1416 × ${columns} features: a file of ${size}, about 1\\d\\d MB of memory\n`;
    expect(stderr).toMatch(new RegExp(line));
    const { data } = await readNpy(output);
    expect(data.byteLength).toBe(4 * 1416 * columns);
  });

  test('--dry-run says no more, and writes nothing', async () => {
    const before = readdirSync(folder.path);
    const { columns } = await expected();
    const estimate = await dryRun('-o', folder.file('never.npy'));
    expect(estimate).toEqual({
      structures: 150,
      atoms: 1416,
      shape: [1416, columns],
      fileBytes: 8 * 1416 * columns,
      memoryBytes: expect.any(Number) as number,
    });
    const means = await dryRun('--per', 'structure', '--precision', 'float32');
    expect(means).toMatchObject({ shape: [150, columns], fileBytes: 4 * 150 * columns });
    const text = await cli(['featurize', ...files, '--config', config, '--dry-run']);
    expect(text.stdout).toMatch(/^1416 × \d+ features: .* of memory\n$/);
    expect(readdirSync(folder.path)).toEqual(before);
  });

  test('the memory goes with the largest structure: its features and neighbours', async () => {
    const atoms = 4000;
    const density = 0.05;
    const side = Math.cbrt(atoms / density);
    const lines = Array.from({ length: atoms }, (_, i) => {
      const at = [i % 20, Math.floor(i / 20) % 20, Math.floor(i / 400)];
      return `Si ${at.map((x) => (x * side) / 20).join(' ')}`;
    });
    const lattice = `Lattice="${side} 0 0 0 ${side} 0 0 0 ${side}"`;
    const crystal = `${atoms}\n${lattice} Properties=species:S:1:pos:R:3\n${lines.join('\n')}\n`;
    const file = folder.write('crystal.xyz', crystal);
    const wide = { basis: { maxAngular: 6, radial: { count: 16 } } };
    const memory = async (radius: number): Promise<number> => {
      const given = JSON.stringify({ cutoff: { radius }, ...wide });
      const settings = folder.write('wide.json', given);
      const flags = [file, '--config', settings, '--dry-run'];
      return (await cliJson<Estimate>('featurize', ...flags)).memoryBytes;
    };
    const columns = (7 * 16 * 17) / 2;
    expect(await memory(3)).toBeGreaterThan(8 * atoms * columns + 100e6);
    const neighbours = (radius: number) => (4 / 3) * Math.PI * radius ** 3 * density;
    const more = atoms * 40 * (neighbours(9) - neighbours(3));
    expect((await memory(9)) - (await memory(3))).toBeCloseTo(more, -2);
  });

  test('--memory-limit refuses what takes more, and says what to do', async () => {
    const before = readdirSync(folder.path);
    const output = folder.file('refused.npy');
    const limited = (limit: string) =>
      cli(['featurize', ...files, '--config', config, '-o', output, '--memory-limit', limit]);
    const { code, stderr } = await limited('50MB');
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /error: this takes about 1\d\d MB of memory, more than the limit of 50\.0 MB: take fewer features .* or raise --memory-limit\n$/,
    );
    expect(readdirSync(folder.path)).toEqual(before);
    for (const limit of ['much', '-1GB', '0', '5 XB']) {
      expect(await limited(limit)).toMatchObject({ code: 2 });
    }
    const { memoryBytes } = await dryRun();
    await dryRun('--memory-limit', `${memoryBytes / 1e9}GB`);
    await dryRun('--memory-limit', `${Math.ceil(memoryBytes / 2 ** 20)}MiB`);
    const below = ['--dry-run', '--memory-limit', `${memoryBytes - 1}`];
    expect(await cli(['featurize', ...files, '--config', config, ...below])).toMatchObject({
      code: 1,
      stdout: '',
    });
  });
});

describe('structure-average', () => {
  const of = { type: 'concatenation', parts: [{ representation: hyperparameters }] };
  const average = (name: string, settings: object) =>
    folder.write(name, JSON.stringify({ type: 'structure-average', ...settings }));

  test.each(['outer', 'inner'] as const)('%s: a row for each structure', async (kind) => {
    const settings = average(`${kind}.json`, { of, average: kind });
    const output = folder.file(`${kind}.npy`);
    const result = await cliJson('featurize', ...files, '--config', settings, '-o', output);
    const { structures, columns } = await expected();
    expect(result).toMatchObject({ shape: [150, columns] });
    const representation = new StructureAverage({
      of: hyperparameters,
      species: ['H', 'C', 'O'],
      average: kind,
    });
    expect((await readNpy(output)).data).toEqual((await representation.compute(structures)).values);
    const labels = readFileSync(folder.file(`${kind}.labels.json`), 'utf8');
    expect(JSON.parse(labels)).toMatchObject({ per: 'structure', shape: [150, columns] });
  });

  test('has no row for each atom', async () => {
    const flags = ['--config', average('no-atoms.json', { of }), '--dry-run', '--per'];
    const { code, stderr } = await cli(['featurize', ...files, ...flags, 'atom']);
    expect(code).toBe(1);
    expect(stderr).toMatch(/--per: a structure-average has a row for each structure/);
    expect(await cliJson('featurize', ...files, ...flags, 'structure')).toMatchObject({
      structures: 150,
    });
  });

  test.each([
    ['of.cutoff.radius', { cutoff: { radius: -1 } }],
    ['of.type', { type: 'soap' }],
    [
      'of.parts[1].representation.basi',
      { type: 'concatenation', parts: [{ representation: {} }, { representation: { basi: 1 } }] },
    ],
  ])('%s is found wrong before structures are read', async (place, wrong) => {
    const settings = average('inside.json', { of: wrong });
    const broken = folder.write('broken.xyz', 'no number of atoms\n');
    const flags = ['--config', settings, '-o', folder.file('inside.npy')];
    const { code, stderr } = await cli(['featurize', broken, ...flags]);
    expect(code).toBe(1);
    expect(stderr).toContain(`inside.json: ${place}: `);
  });
});
