import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { readNpy } from '../../ts/common/npy';
import { readSafetensors } from '../../ts/common/safetensors';
import { AtomicClusterExpansion, PowerSpectrum } from '../../ts/representations';
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
