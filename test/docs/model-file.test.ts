import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { Potential, readStructures } from '../../ts';
import { readSafetensors } from '../../ts/common/safetensors';
import { root, tableBelow } from './markdown';

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'soapstone-docs-'));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

const types: Readonly<Record<string, string>> = {
  Float64Array: 'F64',
  Float32Array: 'F32',
  Int32Array: 'I32',
};

test('the tables of model-file.md hold all that a file holds', async () => {
  const structures = await readStructures(path.join(root, 'data', 'water-train.xyz'));
  const { potential } = await Potential.train(structures.slice(0, 16), {
    config: {
      representation: { basis: { maxAngular: 2 } },
      sparse: { count: 10 },
      uncertainty: { type: 'committee', members: 8 },
    },
  });
  const file = path.join(folder, 'small.soapstone');
  await potential.save(file);
  const { tensors, metadata } = await readSafetensors(file);

  const found = Array.from(tensors, ([name, { data }]) => [name, types[data.constructor.name]]);
  const described = tableBelow('docs/model-file.md', 'Potentials: tensors');
  expect(described.map(([name, type]) => [name, type]).sort()).toEqual(found.sort());
  const names = tableBelow('docs/model-file.md', 'Potentials: metadata').map(([name]) => name);
  expect(names.sort()).toEqual(Object.keys(metadata).sort());
});
