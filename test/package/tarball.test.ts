import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import type { SystemInfo } from '../../ts';
import { supportedCpuLevels } from '../../ts/native/cpu-level';

const root = path.resolve(__dirname, '../..');
const levels = supportedCpuLevels();

// A user's project: the tarball installed without scripts, network or compiler. The only program on
// the path is Node; the dependencies are those already installed here, so npm need not fetch them.
let home: string;
let app: string;

beforeAll(() => {
  home = mkdtempSync(path.join(tmpdir(), 'soapstone-package-'));
  app = path.join(home, 'app');
  mkdirSync(path.join(home, 'bin'));
  mkdirSync(app);
  symlinkSync(process.execPath, path.join(home, 'bin', 'node'));
  for (const folder of [...productionDependencies(), 'node_modules/.bin']) {
    const options = { recursive: true, verbatimSymlinks: true };
    cpSync(path.join(root, folder), path.join(app, folder), options);
  }
  writeFileSync(path.join(app, 'package.json'), '{ "name": "app", "private": true }');
  const { SOAPSTONE_TARBALL: tarball } = process.env;
  if (!tarball) throw new Error('SOAPSTONE_TARBALL is not set: run npm run pack:check');
  const flags = [
    '--offline',
    '--ignore-scripts',
    '--no-audit',
    '--no-fund',
    '--no-update-notifier',
  ];
  node([...npm(), 'install', ...flags, tarball]);
}, 120_000);

afterAll(() => rmSync(home, { recursive: true, force: true }));

/** Runs Node in the user's project and returns what it prints. */
function node(args: readonly string[], env: NodeJS.ProcessEnv = {}): string {
  const { status, stdout, stderr } = spawnSync(process.execPath, args, {
    cwd: app,
    env: { PATH: path.join(home, 'bin'), HOME: home, ...env },
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`node ${args.join(' ')}\n${stdout}${stderr}`);
  return stdout;
}

/** npm as a file that Node can run. */
function npm(): string[] {
  const { npm_execpath: file } = process.env;
  return [
    file ?? path.join(path.dirname(process.execPath), '../lib/node_modules/npm/bin/npm-cli.js'),
  ];
}

/** Folders of the dependencies of a user, relative to the project. */
function productionDependencies(): string[] {
  const args = [...npm(), 'ls', '--omit=dev', '--all', '--parseable'];
  const folders = execFileSync(process.execPath, args, { cwd: root, encoding: 'utf8' });
  return folders
    .trim()
    .split('\n')
    .slice(1)
    .map((folder) => path.relative(root, folder));
}

const systemInfo = (args: readonly string[], env: NodeJS.ProcessEnv = {}): SystemInfo =>
  JSON.parse(node(args, env)) as SystemInfo;

const required = ['-p', "JSON.stringify(require('soapstone').systemInfo())"];
const imported = [
  '--input-type=module',
  '-e',
  "import { systemInfo } from 'soapstone'; console.log(JSON.stringify(systemInfo()))",
];

test.each([
  ['require', required],
  ['import', imported],
])('%s takes the best binary for this CPU', (_, program) => {
  expect(systemInfo(program).cpuLevel).toBe(levels[0]);
});

test.each(levels)('the binary for %s loads', (level) => {
  const info = systemInfo(required, { SOAPSTONE_CPU_LEVEL: level });
  expect(info.cpuLevel).toBe(level);
});

test('import and require give the same objects under the same names', () => {
  const program = `
    import * as imported from 'soapstone';
    import { createRequire } from 'node:module';
    const required = createRequire(process.cwd() + '/')('soapstone');
    const names = [...new Set([...Object.keys(imported), ...Object.keys(required)])];
    console.log(JSON.stringify(names.filter((name) => imported[name] !== required[name])));`;
  expect(JSON.parse(node(['--input-type=module', '-e', program]))).toEqual([]);
});

test('types are found by import and by require', () => {
  const program = `import { systemInfo } from 'soapstone';\nexport const level: string = systemInfo().cpuLevel;\n`;
  for (const file of ['module.mts', 'common.cts']) writeFileSync(path.join(app, file), program);
  const modules = path.join(root, 'node_modules');
  const flags = ['--noEmit', '--strict', '--module', 'node16'];
  const nodeTypes = ['--types', 'node', '--typeRoots', path.join(modules, '@types')];
  const tsc = path.join(modules, 'typescript/bin/tsc');
  expect(node([tsc, ...flags, ...nodeTypes, 'module.mts', 'common.cts'])).toBe('');
});

if (process.platform === 'linux') {
  test('the OpenMP runtime is the one in the package', () => {
    const program = `
      require('soapstone').systemInfo();
      console.log(require('fs').readFileSync('/proc/self/maps', 'utf8'));`;
    const libraries = node(['-e', program]).match(/\S*libgomp\S*/g) ?? [];
    expect([...new Set(libraries)]).toEqual([
      expect.stringMatching(/node_modules\/soapstone\/prebuilds\/.*libgomp\.so\.1$/),
    ]);
  });
}
