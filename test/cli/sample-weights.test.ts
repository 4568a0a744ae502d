// Weights of structures on the command line.

import { Potential, readStructures, Structure, writeStructures } from '../../ts';
import { cli, cliJson, data, smallConfig, temporaryFolder } from './support';

const folder = temporaryFolder();
const config = folder.write(
  'weights.json',
  JSON.stringify({ ...(JSON.parse(smallConfig) as object), sampleWeights: 'w' }),
);
const plain = folder.write('plain.json', smallConfig);

async function write(name: string, weightOf: (s: number) => number | undefined): Promise<string> {
  const structures = (await readStructures(data('water-train.xyz'))).slice(0, 20);
  const file = folder.file(name);
  await writeStructures(
    file,
    structures.map(({ positions, species, cell, pbc, info, arrays }, s) => {
      const w = weightOf(s);
      const more = w === undefined ? {} : { w };
      return new Structure({ positions, species, cell, pbc, arrays, info: { ...info, ...more } });
    }),
  );
  return file;
}

test('train takes them from a name in the configuration', async () => {
  const file = await write('some.xyz', (s) => 1 + (s % 3));
  const [own, other] = [folder.file('own.soapstone'), folder.file('other.soapstone')];
  const { configuration } = await cliJson<{ configuration: { sampleWeights?: string } }>(
    ...['train', file, '--config', config, '-o', own],
  );
  expect(configuration.sampleWeights).toBe('w');
  await cliJson('train', file, '--config', plain, '-o', other);
  const [a, b] = [await Potential.load(own), await Potential.load(other)];
  expect(a.config.sampleWeights).toBe('w');
  expect(a.parts.weights).not.toEqual(b.parts.weights);
  expect((await cli(['info', own])).stdout).toMatch(/^weights +w$/m);
  expect((await cli(['info', other])).stdout).not.toMatch(/^weights/m);
  // Nor need structures that are only evaluated have any.
  expect((await cli(['evaluate', own, data('water-test.xyz')])).code).toBe(0);
});

test.each([
  [undefined, 'info.w: expected a number or numbers, got nothing'],
  [0, 'w: expected weights > 0, got 0'],
] as const)('a weight of %p is an error with file and frame', async (bad, message) => {
  const file = await write('bad.xyz', (s) => (s === 12 ? bad : 1));
  const output = folder.file('bad.soapstone');
  const { code, stderr } = await cli(['train', file, '--config', config, '-o', output]);
  expect(code).toBe(1);
  expect(stderr).toContain('bad.xyz, frame 12');
  expect(stderr).toContain(message);
});
