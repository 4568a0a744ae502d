import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

const root = path.resolve(__dirname, '..');

/** The stages in the order of the data flow. A stage uses itself and what stands before it. */
const stages = [
  'common',
  'math',
  'structures',
  'neighbours',
  'density',
  'representations',
  'kernels',
  'regression',
  'models',
  'analysis',
  'report',
  'cli',
];

/** Folders and files outside the data flow: the first serve every stage, the last use them all. */
const foundations = ['errors', 'native', 'system'];
const tops = ['binding', 'index'];

const order = (stage: string): number => {
  if (foundations.includes(stage)) return -1;
  if (tops.includes(stage)) return stages.length;
  return stages.indexOf(stage);
};

interface Use {
  readonly file: string;
  readonly from: string;
  readonly to: string;
  readonly what: string;
}

function sources(folder: string, extension: RegExp): string[] {
  return readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => extension.test(file))
    .map((file) => path.join(folder, file));
}

/** First folder, or file without its extension, below cpp/ or ts/. */
const stageOf = (file: string): string => file.split('/')[1]!.replace(/\.\w+$/, '');

function uses(file: string, pattern: RegExp, resolve: (what: string) => string): Use[] {
  const text = readFileSync(path.join(root, file), 'utf8');
  return [...text.matchAll(pattern)].map(([, what]) => ({
    file,
    from: stageOf(file),
    to: stageOf(resolve(what!)),
    what: what!,
  }));
}

const cppFiles = sources('cpp', /\.[ch]pp$/);
const tsFiles = sources('ts', /\.ts$/);
const includes = cppFiles.flatMap((file) =>
  uses(file, /^\s*#\s*include "([^"]+)"/gm, (what) => `cpp/${what}`),
);
const imports = tsFiles.flatMap((file) =>
  uses(file, /(?:\bfrom|\bimport\(|^import)\s*'(\.[^']*)'/gm, (what) =>
    path.join(path.dirname(file), what),
  ),
);

describe.each([
  ['cpp', cppFiles, includes],
  ['ts', tsFiles, imports],
])('%s', (_, files, found) => {
  test('has files and they use each other', () => {
    expect(files.length).toBeGreaterThan(0);
    expect(found.length).toBeGreaterThan(0);
  });

  test('every folder is a stage of the data flow', () => {
    const known = [...stages, ...foundations, ...tops];
    expect(files.filter((file) => !known.includes(stageOf(file)))).toEqual([]);
  });

  test('a stage uses only itself and the stages before it', () => {
    const wrong = found.filter(({ from, to }) => order(to) > order(from));
    expect(wrong.map(({ file, what }) => `${file} uses ${what}`)).toEqual([]);
  });
});

test('napi.h is included in one place, and its wrapper only by the binding', () => {
  const including = (pattern: RegExp): string[] =>
    cppFiles.filter((file) => pattern.test(readFileSync(path.join(root, file), 'utf8')));
  expect(including(/#\s*include\s*<(napi|node_api|js_native_api)\.h>/)).toEqual([
    'cpp/binding/napi.hpp',
  ]);
  expect(including(/#\s*include "binding\//).map(stageOf)).not.toContainEqual(
    expect.not.stringMatching('binding'),
  );
});
