import { readFileSync } from 'node:fs';

import { pairs, payload, smallSettings } from './maps';
import type { Chemiscope, MapResult } from './maps';
import { cli, cliJson, temporaryFolder } from './support';

const folder = temporaryFolder();
const small = folder.write('small.json', smallSettings);

describe('what a file says', () => {
  const { length } = pairs(['O'], 1).split('\n');
  const lines = pairs(['O', 'H'], 8).split('\n');
  const input = folder.write(
    'said.xyz',
    lines
      .map((line, at) => {
        const i = Math.floor(at / (length - 1));
        if (!line.startsWith('Properties=')) return line;
        return `${line} "PC 1"=${i} cluster=7 index=${9 - i} kind=${i % 2 ? 'odd' : 'even'} flag=${i < 3 ? 'T' : 'F'} dipole="3 ${i} 0" name=n${i}`;
      })
      .join('\n'),
  );
  const forces = folder.write(
    'forces.xyz',
    Array.from(
      { length: 4 },
      (_, i) =>
        `2\nProperties=species:S:1:pos:R:3:forces:R:3:site:S:1:fixed:L:1 pbc="F F F"\nO 0 0 0 3 ${i} 4 top T\nH 1 0 ${i / 9} 0 0 2 hollow F\n`,
    ).join(''),
  );
  const properties = async (args: readonly string[]) => {
    const page = folder.file('said.html');
    const { properties: names } = await cliJson<MapResult>(
      ...['map', ...args, '-o', page, '--config', small],
    );
    const inside = payload(page) as {
      color: string;
      properties: { name: string; classes?: boolean; names?: object; values: number[] }[];
    };
    return {
      names,
      color: inside.color,
      of: (name: string) => inside.properties.find((each) => each.name === name)!,
    };
  };

  test('stands beside what the map says itself, under names of its own', async () => {
    const { names, of } = await properties([input, '--cluster', 'k-means:2']);
    expect(new Set(names).size).toBe(names.length);
    expect(names).toEqual(
      expect.arrayContaining(['cluster', 'cluster (file)', 'PC 1 (file)', 'index', 'index (file)']),
    );
    expect(of('cluster (file)').values).toEqual(Array(8).fill(7));
    expect(new Set(of('cluster').values)).toEqual(new Set([0, 1]));
    expect(of('index').values).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect((await properties([input])).names).toContain('cluster');
  });

  test('texts and logical values are classes, vectors norms', async () => {
    const { of, color } = await properties([input, '--color', 'dipole']);
    expect(of('kind')).toMatchObject({ classes: true, names: { 0: 'even', 1: 'odd' } });
    expect(of('kind').values).toEqual([0, 1, 0, 1, 0, 1, 0, 1]);
    expect(of('flag')).toMatchObject({ names: { 0: 'false', 1: 'true' } });
    expect(color).toBe('|dipole|');
    expect(of('|dipole|').values[4]).toBe(5);
    const ofAtoms = await properties([forces, '--per', 'atom', '--color', 'forces']);
    expect(ofAtoms.color).toBe('|forces|');
    expect(ofAtoms.of('|forces|').values.slice(0, 2)).toEqual([5, 2]);
    expect(ofAtoms.of('site')).toMatchObject({ names: { 0: 'hollow', 1: 'top' } });
    expect(ofAtoms.of('fixed').values.slice(0, 2)).toEqual([1, 0]);
  });

  test.each([
    ['--color: forces is a value of atoms, for --per atom; there is ', [forces], 'forces'],
    ['--color: there is no charge; there is ', [input], 'charge'],
  ])('%s', async (message, args, color) => {
    const out = folder.file('none.html');
    const { stderr } = await cli(['map', ...args, '-o', out, '--color', color, '--config', small]);
    expect(stderr).toContain(message);
  });

  test('too many texts are no classes, and none is a target', async () => {
    const out = folder.file('none.html');
    const several = folder.write(
      'several.xyz',
      Array.from(
        { length: 51 },
        (_, i) =>
          `1\nProperties=species:S:1:pos:R:3 name=n${i} pbc="F F F"\n${i % 2 ? 'O' : 'H'} 0 0 0\n`,
      ).join(''),
    );
    const run = ['-o', out, '--config', small];
    const { stderr } = await cli(['map', several, '--color', 'name', ...run]);
    expect(stderr).toContain('--color: name has 51 different texts, more than the 50');
    const target = ['--method', 'pcovr', '--target', 'kind'];
    expect((await cli(['map', input, ...target, ...run])).stderr).toContain(
      '--target: expected numbers, got the classes of kind',
    );
  });
});

describe('a path', () => {
  const frames = folder.write('frames.xyz', pairs(['O', 'H'], 20));
  const shown = async (...args: string[]) => {
    const [page, file] = [folder.file('path.html'), folder.file('path.json')];
    await cliJson('map', frames, '-o', page, '-o', file, '--config', small, '--path', ...args);
    const { settings } = JSON.parse(readFileSync(file, 'utf8')) as Chemiscope;
    const inside = payload(page) as {
      points?: { structure: number[]; atom: number[] };
      properties: { name: string; values: number[] }[];
    };
    return { ...inside, joined: settings.map.joinPoints };
  };

  test('shows points evenly along it', async () => {
    const { properties, joined } = await shown('--show', '5');
    expect(properties.find(({ name }) => name === 'index')!.values).toEqual([0, 4, 8, 12, 16]);
    expect(joined).toBe(true);
  });

  test('of atoms is one for each, of whole frames', async () => {
    const { points, joined } = await shown('--per', 'atom', '--show', '9');
    expect(points!.atom).toEqual([0, 1, 0, 1, 0, 1, 0, 1]);
    expect(points!.structure).toEqual([0, 0, 1, 1, 2, 2, 3, 3]);
    expect(joined).toBe(false); // chemiscope would join them all
  });
});
