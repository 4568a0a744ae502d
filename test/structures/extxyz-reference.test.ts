import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readStructures } from '../../ts/structures/extxyz';
import { asWrittenByScript } from './ase';

const folder = join(__dirname, '../reference/data/extxyz');
const names = readdirSync(folder).filter((name) => name.endsWith('.xyz'));

// The expectations are what ase.io.read of ASE 3.29.0 returned (test/reference/generate/extxyz.py).
describe('extended XYZ means what ASE makes of it', () => {
  test.each(names)('%s', async (name) => {
    const path = join(folder, name);
    const expected: unknown = JSON.parse(readFileSync(path.replace(/xyz$/, 'json'), 'utf8'));
    const structures = await readStructures(path);
    expect(structures.map(asWrittenByScript)).toEqual(expected);
  });
});
