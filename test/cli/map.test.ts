import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';

import { pairs, payload, smallSettings } from './maps';
import type { Chemiscope, MapResult } from './maps';
import { cli, cliJson, data, temporaryFolder } from './support';

const folder = temporaryFolder();
const small = folder.write('small.json', smallSettings);
const [ethanol, water] = [data('ethanol-test.xyz'), data('water-test.xyz')];

test('a map of molecules and clusters: a page and a file for chemiscope', async () => {
  const [page, file] = [folder.file('map.html'), folder.file('map.json.gz')];
  const result = await cliJson<MapResult>(
    ...['map', ethanol, water, '-o', page, '-o', file, '--config', small],
    ...['--cluster', 'density-peaks', '--color', 'energy per atom', '--title', 'Two <kinds>'],
  );
  expect(result).toMatchObject({ points: 150, clusters: 2 });
  expect(result.properties).toEqual(
    expect.arrayContaining(['cluster', 'energy', 'energy per atom', 'atoms']),
  );
  expect(result.explained![0]).toBeGreaterThan(0.5);
  const text = readFileSync(page, 'utf8');
  expect(text).toContain('<title>Two &#60;kinds&#62;</title>');
  expect(text).toMatch(/script-src 'sha256-[\w+/=]{44}'/);
  expect(text).not.toMatch(/(src|href)=|https?:/);
  const inside = payload(page) as {
    axes: { values: number[] }[];
    structures: object[];
    color: string;
  };
  expect(inside.axes[0]!.values).toHaveLength(150);
  expect(inside.structures).toHaveLength(150);
  expect(inside.color).toBe('energy per atom');

  const { structures, properties, settings } = JSON.parse(
    gunzipSync(readFileSync(file)).toString(),
  ) as Chemiscope;
  expect(structures[0]).toMatchObject({ size: 9 });
  expect(structures[0]!.x).toHaveLength(9);
  expect(properties['energy per atom']).toMatchObject({ target: 'structure', units: 'eV/atom' });
  // Water and ethanol are apart.
  const clusters = properties.cluster!.values;
  expect(new Set(clusters.slice(0, 100)).size).toBe(1);
  expect(clusters[149]).not.toBe(clusters[0]);
  expect(settings.map).toMatchObject({
    x: { property: 'PC 1' },
    color: { property: 'energy per atom' },
  });
});

test('a map of atoms of one element, with motifs', async () => {
  const file = folder.file('atoms.json');
  const result = await cliJson<MapResult>(
    ...['map', ethanol, '-o', file, '--config', small, '--per', 'atom', '--elements', 'C'],
    ...['--cluster', 'motifs'],
  );
  expect(result.points).toBe(200);
  const { environments, properties } = JSON.parse(readFileSync(file, 'utf8')) as Chemiscope;
  expect(environments).toHaveLength(200);
  expect(new Set(properties.element!.values)).toEqual(new Set(['C']));
  expect(new Set(properties['element (number)']!.values)).toEqual(new Set([6]));
  // The carbon beside the oxygen is another motif than that of the methyl group.
  const names = properties.motif!.values;
  expect(new Set(names)).toEqual(new Set([0, 1]));
  for (const i of names.keys()) {
    const { center } = environments![i]!;
    expect(names[i]).toBe(names[environments!.findIndex((other) => other.center === center)]);
  }
  expect(result.clusters).toBe(2);
});

test.each([
  ['pcovr', '--target', 'energy', '--mixing', '0.3'],
  ['kernel-pca', '--landmarks', '40'],
  ['kernel-pcovr', '--target', 'energy'],
  ['tsne', '--path'],
  ['umap', '--seed', '3'],
])('method %s', async (method, ...flags) => {
  const [one, two] = [folder.file('one.html'), folder.file('two.html')];
  for (const file of [one, two]) {
    await cliJson('map', ethanol, '-o', file, '--config', small, '--method', method, ...flags);
  }
  const { axes, path } = payload(one) as { axes: { values: number[] }[]; path: boolean };
  expect(axes[1]!.values.every(Number.isFinite)).toBe(true);
  expect(path).toBe(flags.includes('--path'));
  expect(payload(two)).toEqual(payload(one));
});

describe('many elements', () => {
  const many = folder.write(
    'many.xyz',
    pairs(['H', 'C', 'N', 'O', 'F', 'Si', 'P', 'S', 'Cl', 'Fe', 'He', 'Ar'], 12),
  );

  test.each(['pca', 'pcovr', 'tsne', 'umap'])(
    'mix to few channels, unless a configuration says otherwise: %s',
    async (method) => {
      const page = folder.file('many.html');
      const { stdout } = await cli(['map', many, '-o', page, '--method', method]);
      expect(stdout).toContain('channels: 6, of 12 elements');
      expect(readFileSync(page, 'utf8')).toContain('6, of 12 elements');
    },
    60_000,
  );

  test('fewer points than features need no sums over features', async () => {
    const every = folder.write('every.json', '{}');
    const result = await cliJson<MapResult & { features: number }>(
      ...['map', many, '-o', folder.file('every.html'), '--config', every],
    );
    expect(result.features).toBeGreaterThan(30_000); // sums would take 25 GB
    expect(result.explained!.slice(0, 11).reduce((sum, part) => sum + part, 0)).toBeGreaterThan(
      0.9,
    );
    const { stderr } = await cli(
      ['map', many, '-o', folder.file('no.html'), '--config', every].concat([
        ...['--memory-limit', '1MB'],
      ]),
    );
    expect(stderr).toMatch(
      /sums of (\d+) × \1 features take .* [MG]iB: take a --config with fewer, such as by "channels" that mix elements, or --method kernel-pca --landmarks N, or raise --memory-limit\n$/,
    );
  });
});

test('kernels of many points stand on landmarks, unless told to stand on all', async () => {
  // Molecules whose bond and angle differ: two axes tell nearly all.
  const frames = Array.from({ length: 5001 }, (_, s) => {
    const [bond, bend] = [0.9 + (s % 71) / 355, -0.3 + (s % 73) / 365];
    return `3\n\nO 0 0 0\nH ${bond} 0 0\nH ${bend} 0.9 0\n`;
  });
  const file = folder.write('5001.xyz', frames.join(''));
  const page = folder.file('5001.html');
  const map = (...flags: string[]) =>
    cliJson<MapResult & { landmarks?: number }>(
      ...['map', file, '-o', page, '--config', small, '--method', 'kernel-pca', ...flags],
    );
  const some = await map();
  expect(some.landmarks).toBe(500);
  expect(readFileSync(page, 'utf8')).toMatch(/Landmarks<\/dt>\s*<dd>\s*500\s*</);
  const all = await map('--landmarks', 'all');
  expect(all.landmarks).toBeUndefined();
  some.explained!.slice(0, 2).forEach((part, k) => expect(part).toBeCloseTo(all.explained![k]!, 4));
}, 120_000);

test.each([2, 5, 9])('as few as %i landmarks have as many components', async (landmarks) => {
  const result = await cliJson<MapResult>(
    ...['map', ethanol, '-o', folder.file('few.html'), '--config', small],
    ...['--method', 'kernel-pca', '--landmarks', String(landmarks)],
  );
  expect(result.explained!.length).toBeGreaterThanOrEqual(2);
  expect(result.explained!.length).toBeLessThanOrEqual(landmarks);
});

test('principal covariates tell the target', async () => {
  const file = folder.file('covariates.json');
  const run = [
    'map',
    ethanol,
    '-o',
    file,
    '--config',
    small,
    '--method',
    'pcovr',
    '--target',
    'energy',
  ];
  await cliJson(...run, '--mixing', '0.01');
  const { properties } = JSON.parse(readFileSync(file, 'utf8')) as Chemiscope;
  const [x, y] = [properties['PCov 1']!.values as number[], properties.energy!.values as number[]];
  const mean = (v: readonly number[]) => v.reduce((sum, each) => sum + each / v.length, 0);
  const [mx, my] = [mean(x), mean(y)];
  const product = (a: readonly number[], b: readonly number[], ma: number, mb: number) =>
    a.reduce((sum, each, i) => sum + (each - ma) * (b[i]! - mb), 0);
  const correlation =
    product(x, y, mx, my) / Math.sqrt(product(x, x, mx, mx) * product(y, y, my, my));
  expect(Math.abs(correlation)).toBeGreaterThan(0.98);
});

test('values that some structures lack are grey; for chemiscope, which reads it, NaN', async () => {
  const half = readFileSync(water, 'utf8').replace(/energy=/, 'other=');
  const input = folder.write('half.xyz', half);
  const [page, file] = [folder.file('half.html'), folder.file('half.json')];
  await cliJson('map', input, '-o', page, '-o', file, '--config', small, '--color', 'energy');
  const { properties } = payload(page) as {
    properties: { name: string; values: (number | null)[] }[];
  };
  expect(properties.find(({ name }) => name === 'energy')!.values[0]).toBeNull();
  const text = readFileSync(file, 'utf8');
  expect(text).toMatch(/"energy":{[^{}]*"values":\[NaN,-\d/);
  const { settings } = JSON.parse(text.replaceAll('NaN', 'null')) as Chemiscope;
  expect(settings.map.color).toEqual({ property: 'energy' });
});

test.each([
  ['pca', []],
  ['pcovr', ['--target', 'energy']],
  ['kernel-pca', ['--landmarks', '40']],
  ['kernel-pcovr', ['--landmarks', '40', '--target', 'energy']],
])('features that do not fit into memory are computed again: %s', async (method, more) => {
  const several = [water, ...Array.from({ length: 5 }, () => ethanol)]; // more than are computed at once
  const axesOf = async (name: string, args: readonly string[]) => {
    const page = folder.file(name);
    await cliJson<MapResult>(
      ...['map', ...several, '-o', page, '--config', small, '--method', method],
      ...[...more, ...args],
    );
    return (payload(page) as { axes: { values: number[] }[] }).axes.map(({ values }) => values);
  };
  const kept = await axesOf('kept.html', []);
  const again = await axesOf('again.html', ['--memory-limit', '20kB']);
  expect(kept[0]).toHaveLength(550);
  again.forEach((values, axis) => {
    const scale = Math.max(...kept[axis]!.map(Math.abs));
    values.forEach((x, point) =>
      expect(Math.abs(x - kept[axis]![point]!)).toBeLessThan(1e-5 * scale),
    );
  });
});

test('shows some of many points, with the structures that they need', async () => {
  const [page, file] = [folder.file('some.html'), folder.file('some.json')];
  const args = ['map', ethanol, '--per', 'atom', '--elements', 'O', '--config', small];
  const result = await cliJson<MapResult & { shown: number }>(
    ...[...args, '-o', page, '-o', file, '--show', '20'],
  );
  expect(result).toMatchObject({ points: 100, shown: 20 });
  const { structures, environments, properties } = JSON.parse(
    readFileSync(file, 'utf8'),
  ) as Chemiscope;
  expect(structures).toHaveLength(20);
  expect(environments).toHaveLength(20);
  for (const { structure, center } of environments!) {
    expect(structures[structure]!.names[center]).toBe('O');
  }
  const shown = properties.structure!.values as number[];
  expect(new Set(shown).size).toBe(20);
  expect(shown).toEqual([...shown].sort((a, b) => a - b));
  expect(readFileSync(page, 'utf8')).toContain('Shown, drawn at random');
});

describe('what is wrong is said', () => {
  const one = readFileSync(water, 'utf8').split('\n');
  const single = folder.write('single.xyz', `${one.slice(0, 2 + Number(one[0])).join('\n')}\n`);
  const copies = folder.write('copies.xyz', readFileSync(single, 'utf8').repeat(6));
  const out = folder.file('out.html');

  test.each([
    ['a map needs at least 4 points, got 1; --per atom makes a point of every atom', [single]],
    ['there is no variance: all samples are the same', [copies]],
    ['there is no variance: all samples are the same', [copies, '--method', 'kernel-pca']],
    [
      '--path: expected frames of the same atoms in the same order; structure 6 has others than structure 0',
      [water, '--path', '--per', 'atom'],
    ],
    [
      '--show: expected at least two frames of 9 atoms each, 18, got 17',
      [ethanol, '--per', 'atom', '--path', '--show', '17'],
    ],
    ['--color: there is no charge; there is energy, ', [water, '--color', 'charge']],
    [
      '--target: there is no charge; there is energy, ',
      [water, '--method', 'pcovr', '--target', 'charge'],
    ],
    [
      '--cluster: expected at most 50 clusters, one for each point, got 51',
      [water, '--cluster', 'k-means:51'],
    ],
    ['--elements: no structure has atoms of Si', [water, '--per', 'atom', '--elements', 'Si']],
    ['--elements: structure 0 has no atoms of C', [water, '--elements', 'C']],
    ['--mixing: expected with --method pcovr or kernel-pcovr only', [water, '--mixing', '0.1']],
    [
      '--landmarks: expected with --method kernel-pca or kernel-pcovr only',
      [water, '--landmarks', '9'],
    ],
    [
      'take --landmarks N, or raise --memory-limit',
      [water, '--method', 'kernel-pca', '--memory-limit', '1kB'],
    ],
    [
      '--landmarks: expected at most 50 landmarks, one for each point, got 51',
      [water, '--method', 'kernel-pca', '--landmarks', '51'],
    ],
  ])('%s', async (message, args) => {
    const { code, stderr } = await cli(['map', ...args, '-o', out, '--config', small]);
    expect(stderr).toContain(message);
    expect(code).toBe(1);
  });

  test.each([
    ['Expected k-means:N', ['--cluster', 'k-means']],
    ['Expected k-means:N', ['--cluster', 'ward:3']],
    ['Expected symbols of elements', ['--elements', 'Xx']],
    ['Allowed choices are pca', ['--method', 'sketchmap']],
    ['Expected a number from 0 to 1', ['--method', 'pcovr', '--mixing', '2']],
  ])('usage: %s', async (message, args) => {
    const { code, stderr } = await cli(['map', water, '-o', out, ...args]);
    expect(stderr).toContain(message);
    expect(code).toBe(2);
  });

  test.each([
    [
      'features of a spherical-expansion with basis.maxAngular > 0 turn with a structure',
      { type: 'spherical-expansion' },
    ],
    [
      'equivariant-power-spectrum of ranks 0, 1',
      { type: 'equivariant-power-spectrum', ranks: [0, 1] },
    ],
    ['ace of ranks 1', { type: 'ace', ranks: [1] }],
    [
      'spherical-expansion',
      { type: 'concatenation', parts: [{ representation: { type: 'spherical-expansion' } }] },
    ],
    ['spherical-expansion', { type: 'structure-average', of: { type: 'spherical-expansion' } }],
  ])('only invariants are alike in every direction: %s', async (message, config) => {
    const file = folder.write('turning.json', JSON.stringify(config));
    const { code, stderr } = await cli(['map', water, '-o', out, '--config', file]);
    expect(stderr).toContain('--config: expected invariants');
    expect(stderr).toContain(message);
    expect(code).toBe(1);
  });

  test('files of other kinds', async () => {
    expect(await cli(['map', water, '-o', 'map.pdf'])).toMatchObject({ code: 2 });
    const same = await cli(['map', water, '-o', out, '--config', out]);
    expect(same.code).toBe(1);
  });
});
