import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const folder = path.resolve(__dirname, '..', '..', 'examples');
const programs = readdirSync(folder).filter((name) => /\.[cm]js$/.test(name));

/** What each program must say when all is well. */
const expected: Readonly<Record<string, RegExp>> = {
  'active-learning.mjs':
    /^structures [^\n]*\n {8}20 +(\d+\.\d) +\1\n {8}40 [^]*\n {8}80 +\d+\.\d +\d+\.\d\n$/,
  'compare-environments.mjs': /^9 atoms × 2100 features[^]* C0 1\.00/,
  'equivariants.mjs':
    /turned with the molecule: 1\.000000\nmirrored: scalars 1\.000000, pseudoscalars -1\.000000\n$/,
  'family.mjs': /^radial-spectrum +15 columns[^]*\nace +\d+ columns[^]*\nby pair: 72 pairs/,
  'fit-a-structure.mjs': /step 200: loss [\d.]+e-([6-9]|1\d)\n/,
  'large-files.mjs': /^300 structures written/,
  'motifs.mjs':
    /^516 O atoms, 4 motifs\nmotif 0 +5\d\.\d % {2}bonds H2\nmotif 1[^]*map: motifs\.html\n$/,
  'real-space.mjs':
    /C at 1\.5\d Å, O at 1\.4\d Å, 1[01]\d° between them; in the structure 1\.5\d Å, 1\.4\d Å, 1[01]\d°/,
  'server.mjs':
    /\n200: -13\d\.\d\d ± 0\.\d\d eV\n400: structures\[0\][^]* He [^]*\n100 of 100 requests/,
  'select-features.mjs': /^95 of 952 columns; [^]*atom 0: ([-\d.]+), among all \1\n/,
  'long-range.mjs': /\n +8 +0\.000 +1\d\.\d+\n108 of 234 columns cross the two\n$/,
  'optimal-radial-basis.mjs':
    /4 plain functions {2}: 546 features, error of dot products 7\.\de-1\n 4 optimal functions: 546 features, error of dot products 2\.\de-3\n$/,
  'train-and-predict.mjs': /force error: +\d\d\.\d meV\/Å\nfirst test structure: -275\.889/,
  'uncertainty.cjs': /\n +0\.96 +0\.000 +0\.0\d+\n[^]*\n +2\.00 +[\d.]+ +0\.[1-9]\d+\n$/,
};

test('every example is listed here and in the README', () => {
  expect(programs.sort()).toEqual(Object.keys(expected).sort());
  const readme = readFileSync(path.join(folder, 'README.md'), 'utf8');
  for (const name of programs) expect(readme).toContain(`](${name})`);
});

test.each(programs)(
  '%s runs',
  (name) => {
    const cwd = mkdtempSync(path.join(tmpdir(), 'soapstone-example-'));
    try {
      const { status, stdout, stderr } = spawnSync(process.execPath, [path.join(folder, name)], {
        cwd,
        encoding: 'utf8',
      });
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
      expect(stdout).toMatch(expected[name]!);
    } finally {
      rmSync(cwd, { recursive: true, force: true });
    }
  },
  60_000,
);
