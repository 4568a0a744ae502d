import { readdirSync, readFileSync } from 'node:fs';
import { readNpy } from '../../ts/common/npy';
import { readSafetensors } from '../../ts/common/safetensors';
import { PowerSpectrum } from '../../ts/representations';
import { readStructures } from '../../ts/structures/extxyz';
import { cli, cliJson, data, temporaryFolder } from './support';

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
