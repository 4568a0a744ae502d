import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';

import { cli, cliJson, data, temporaryFolder } from './support';

interface MapResult {
  readonly points: number;
  readonly explained?: readonly number[];
  readonly clusters?: number;
  readonly properties: readonly string[];
}

interface Chemiscope {
  readonly structures: readonly {
    readonly size: number;
    readonly names: readonly string[];
    readonly x: readonly number[];
  }[];
  readonly properties: Readonly<
    Record<
      string,
      { readonly target: string; readonly values: readonly unknown[]; readonly units?: string }
    >
  >;
  readonly environments?: readonly { readonly structure: number; readonly center: number }[];
  readonly settings: { readonly map: Readonly<Record<string, unknown>> };
}

const folder = temporaryFolder();
const small = folder.write(
  'small.json',
  JSON.stringify({ cutoff: { radius: 3.5 }, basis: { maxAngular: 3, radial: { count: 3 } } }),
);
const [ethanol, water] = [data('ethanol-test.xyz'), data('water-test.xyz')];

/** The JSON inside a page. */
function payload(file: string): { readonly [key: string]: unknown } {
  const page = readFileSync(file, 'utf8');
  const [, json] = /<script id="data" type="application\/json">([^]*?)<\/script>/.exec(page)!;
  return JSON.parse(json!) as { [key: string]: unknown };
}

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

/** Structures of two atoms, of so many elements. */
function pairs(elements: readonly string[], count: number): string {
  return Array.from({ length: count }, (_, i) =>
    [
      '2',
      `Properties=species:S:1:pos:R:3 energy=${-i} pbc="F F F"`,
      `${elements[(2 * i) % elements.length]} 0 0 0`,
      `${elements[(2 * i + 1) % elements.length]} ${1.5 + 0.1 * i} 0 0\n`,
    ].join('\n'),
  ).join('');
}

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
      /sums of (\d+) × \1 features take .* GiB: take a --config with fewer, such as by "channels" that mix elements, or --method kernel-pca --landmarks N, or raise --memory-limit\n$/,
    );
  });
});

test.each([2, 5, 9])('as few as %i landmarks have as many components', async (landmarks) => {
  const result = await cliJson<MapResult>(
    ...['map', ethanol, '-o', folder.file('few.html'), '--config', small],
    ...['--method', 'kernel-pca', '--landmarks', String(landmarks)],
  );
  expect(result.explained!.length).toBeGreaterThanOrEqual(2);
  expect(result.explained!.length).toBeLessThanOrEqual(landmarks);
});

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
