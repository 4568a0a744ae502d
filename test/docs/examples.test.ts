import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import ts from 'typescript';

import { checkConfig } from '../../ts/models/config';
import type { PotentialConfig } from '../../ts/models/config';
import { checkPropertyConfig } from '../../ts/models/property/config';
import { Space } from '../../ts/regression/optimize/space';
import { createRepresentation } from '../../ts';
import type { PropertyConfig, RepresentationHyperparameters, SearchSpace } from '../../ts';
import { codeBlocks, pages, root } from './markdown';
import type { CodeBlock } from './markdown';

// A user's folder: the package installed, its data at hand.
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'soapstone-docs-'));
  mkdirSync(path.join(folder, 'node_modules', '.bin'), { recursive: true });
  symlinkSync(root, path.join(folder, 'node_modules', 'soapstone'));
  symlinkSync(path.join(root, 'node_modules', '@types'), path.join(folder, 'node_modules/@types'));
  symlinkSync(path.join(root, 'data'), path.join(folder, 'data'));
  const command = path.join(folder, 'node_modules', '.bin', 'soapstone');
  symlinkSync(path.join(root, 'dist', 'cli', 'main.js'), command);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

const where = (page: string, { line }: CodeBlock): string => `${page}:${line}`;
const blocks = pages.flatMap((page) => codeBlocks(page).map((block) => ({ page, block })));
const ofLanguage = (...languages: string[]) =>
  blocks
    .filter(({ block }) => languages.includes(block.language))
    .map(({ page, block }) => [where(page, block), block.text] as const);

const programs = ofLanguage('ts', 'js');

test('all programs compile', () => {
  const files = programs.map(([place, text]) => {
    const file = path.join(folder, `${place.replace(/\W/g, '-')}.mts`);
    writeFileSync(file, text);
    return file;
  });
  expect(files).not.toEqual([]);
  const program = ts.createProgram(files, {
    target: ts.ScriptTarget.ES2023,
    module: ts.ModuleKind.NodeNext,
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    noUncheckedIndexedAccess: true,
    types: ['node'],
    typeRoots: [path.join(root, 'node_modules', '@types')],
  });
  const messages = ts.getPreEmitDiagnostics(program).map(({ file, messageText }) => {
    const message = ts.flattenDiagnosticMessageText(messageText, '\n');
    return `${file?.fileName ?? ''}: ${message}`;
  });
  expect(messages).toEqual([]);
}, 60_000);

// What waits for another program is compiled only.
test.each(programs.filter(([, text]) => !/\bdrive\(/.test(text)))(
  'the program at %s runs',
  (place, text) => {
    const file = path.join(folder, `${place.replace(/\W/g, '-')}.mjs`);
    const compilerOptions = { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext };
    writeFileSync(file, ts.transpileModule(text, { compilerOptions }).outputText);
    expect(run(process.execPath, [file])).toMatchObject({ status: 0, stderr: '' });
  },
  60_000,
);

// Commands that build the project are for other tests; those of soapstone itself run here.
const shells = ofLanguage('sh').filter(([, text]) => /^soapstone /m.test(text));

test.each(shells)(
  'the commands at %s run',
  (place, text) => {
    writeFileSync(path.join(folder, 'settings.json'), settingsFor(place));
    writeFileSync(path.join(folder, 'space.json'), smallSpace);
    writeFileSync(path.join(folder, 'property.json'), smallProperty);
    const { status, stdout, stderr } = run('sh', ['-e', '-c', quick(text)]);
    expect({ status, stderr: status === 0 ? '' : stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).not.toBe('');
  },
  120_000,
);

test.each(ofLanguage('json'))('the configuration at %s is valid', (_, text) => {
  const config = JSON.parse(text) as object;
  const check = () =>
    'terms' in config
      ? checkPropertyConfig(config as PropertyConfig)
      : 'type' in config
        ? createRepresentation(config as RepresentationHyperparameters)
        : text.includes('"$')
          ? checkConfig(middleOf(config))
          : checkConfig(config);
  expect(check).not.toThrow();
});

/** Training that finds its settings takes too long for a test: here it is given some. So does a long search. */
function quick(text: string): string {
  return text
    .replace(/^(soapstone train (?!.*--config).*)$/gm, '$1 --config settings.json')
    .replace(/^(soapstone optimize .*)$/gm, '$1 --trials 2 --folds 2');
}

const smallProperty = JSON.stringify({
  terms: [{ representation: { basis: { maxAngular: 2, radial: { count: 3 } } } }],
  regression: { type: 'sparse', count: 50 },
});

const smallSpace = JSON.stringify({
  representation: { basis: { maxAngular: { $choice: [1, 2] } } },
  sparse: { count: 20 },
  noise: { energy: 0.001, forces: 0.05 },
});

/** The configuration in the middle of a search space. */
function middleOf(space: object) {
  const cube = new Space(space as SearchSpace);
  return cube.configAt(cube.dimensions.map(() => 0.5)) as PotentialConfig;
}

/** The configuration that the page shows, else a small one. */
function settingsFor(place: string): string {
  const page = place.split(':')[0]!;
  const shown = codeBlocks(page).find(({ language }) => language === 'json');
  return (
    shown?.text ?? '{"representation": {"basis": {"maxAngular": 3}}, "sparse": {"count": 100}}'
  );
}

function run(command: string, args: readonly string[]) {
  const bin = path.join(folder, 'node_modules', '.bin');
  const PATH = `${bin}${path.delimiter}${process.env.PATH}`;
  // Flags of Node that the tests need are not for the programs.
  const env = { ...process.env, PATH, NODE_OPTIONS: '' };
  return spawnSync(command, args, { cwd: folder, env, encoding: 'utf8' });
}
