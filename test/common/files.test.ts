// Wherever a file is named, by a path or by a URL.

import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

import type { FilePath, MapData } from '../../ts';
import {
  iterateStructures,
  learnChannels,
  loadModel,
  optimize,
  Potential,
  PropertyModel,
  readStructures,
  StructureWriter,
  writeChemiscope,
  writeKernelMatrix,
  writeMap,
  writeReport,
  writeStructures,
} from '../../ts';
import { failing } from '../failing';
import { molecules, representation } from './hydrogen';

const folder = mkdtempSync(join(tmpdir(), 'soapstone-files-'));
afterAll(() => rmSync(folder, { recursive: true }));
const at = (name: string) => join(folder, name);
// A space is %20 in a URL.
const names = { structures: 'a b.xyz', potential: 'a b.potential', property: 'a b.property' };

const points = { values: Float64Array.of(1, 2), rows: 2, columns: 1 };
const axis = (name: string) => ({ name, values: [0, 1] });
const map: MapData = {
  title: 'map',
  structures: molecules.slice(0, 2),
  per: 'structure',
  axes: [axis('x'), axis('y')],
  properties: [],
};

let potential: Potential;
let property: PropertyModel;
beforeAll(async () => {
  const config = { representation, kernel: { zeta: 2 }, sparse: { count: 4 } };
  ({ potential } = await Potential.train(molecules, { config }));
  const terms = [{ representation }];
  property = await PropertyModel.train(molecules, 'energy', { config: { terms } });
  await writeStructures(at(names.structures), molecules);
  await potential.save(at(names.potential));
  await property.save(at(names.property));
});

test.each<[string, string, (file: FilePath) => Promise<unknown>]>([
  ['readStructures', names.structures, readStructures],
  ['iterateStructures', names.structures, (file) => iterateStructures(file).next()],
  ['Potential.load', names.potential, (file) => Potential.load(file)],
  ['PropertyModel.load', names.property, (file) => PropertyModel.load(file)],
  ['loadModel', names.potential, loadModel],
])('%s reads from a URL', async (_, name, read) => {
  const result = await read(pathToFileURL(at(name)));
  expect(JSON.stringify(result)).toBe(JSON.stringify(await read(at(name))));
  await expectFilesOnly(read);
});

test.each<[string, (file: FilePath) => Promise<unknown>]>([
  ['writeStructures', (file) => writeStructures(file, molecules)],
  ['StructureWriter', async (file) => (await StructureWriter.create(file)).close()],
  ['Potential.save', (file) => potential.save(file)],
  ['PropertyModel.save', (file) => property.save(file)],
  [
    'writeKernelMatrix',
    (file) => writeKernelMatrix(file, points, undefined, { type: 'gaussian', width: 1 }),
  ],
  ['writeReport', (file) => writeReport(file, { title: 'report', summary: [] })],
  ['writeMap', (file) => writeMap(file, map)],
  ['writeChemiscope', (file) => writeChemiscope(file, map)],
  ['optimize', (state) => optimize({ x: { $uniform: [0, 1] } }, () => 0, { trials: 1, state })],
  [
    'learnChannels',
    (state) =>
      learnChannels(
        molecules,
        molecules.map((_, s) => s),
        { representation, count: 1, iterations: 1, state },
      ),
  ],
])('%s writes to a URL', async (name, write) => {
  const file = at(`${name} written`);
  await write(pathToFileURL(file));
  expect(existsSync(file)).toBe(true);
  await expectFilesOnly(write);
});

async function expectFilesOnly(act: (file: FilePath) => Promise<unknown>): Promise<void> {
  for (const given of [new URL('https://example.org/a.xyz'), new URL('file://host/%2F')]) {
    await expect(act(given)).rejects.toEqual(
      failing({
        code: 'INVALID_INPUT',
        message: expect.stringContaining(`expected a path or a URL of a file, got ${given.href}`),
      }),
    );
  }
}
