import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import type * as Errors from '../../ts/errors';
import type * as Load from '../../ts/native/load';

const localBuild = path.resolve(__dirname, '../../build/Release/soapstone.node');

let folder: string;
const saved = { ...process.env };

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'soapstone-load-'));
  delete process.env.SOAPSTONE_NATIVE;
  delete process.env.SOAPSTONE_CPU_LEVEL;
});

afterEach(() => {
  rmSync(folder, { recursive: true });
  process.env = { ...saved };
});

/** The loader keeps what it loaded, so each test takes a fresh copy of it. */
function load(): ReturnType<typeof Load.native> {
  let loaded: ReturnType<typeof Load.native> | undefined;
  jest.isolateModules(() => {
    const { native } = jest.requireActual<typeof Load>('../../ts/native/load');
    loaded = native();
  });
  return loaded!;
}

function loadError(): Errors.NativeLoadError {
  try {
    load();
  } catch (error) {
    return error as Errors.NativeLoadError;
  }
  throw new Error('the engine loaded');
}

test('takes the local build', () => {
  const info = load().systemInfo();
  expect(info.cpuLevel).toMatch(/^(x86-64(-v[234])?|armv8-a)$/);
  expect(info.eigen).toMatch(/^3\.4\.|^[4-9]/);
  expect(info.openmp).toBeGreaterThanOrEqual(200000);
  expect(info.threads).toBeGreaterThanOrEqual(1);
  expect(info.compiler).toMatch(/^(GCC|Clang) \d+/);
});

test('SOAPSTONE_NATIVE names the file to take', () => {
  process.env.SOAPSTONE_NATIVE = localBuild;
  expect(load().systemInfo().threads).toBeGreaterThanOrEqual(1);
});

test('says what happened to the file that SOAPSTONE_NATIVE names', () => {
  const damaged = path.join(folder, 'damaged.node');
  writeFileSync(damaged, 'not a library');
  process.env.SOAPSTONE_NATIVE = damaged;
  const error = loadError();
  expect(error.name).toBe('NativeLoadError');
  expect(error.code).toBe('NATIVE_LOAD');
  expect(error.attempts.map(({ path: file }) => file)).toEqual([damaged]);
  expect(error.attempts[0]?.reason).toMatch(/invalid|too short|not a/);
  expect(error.message).toContain(damaged);
  expect(error.message).toContain('Unset SOAPSTONE_NATIVE');
});

test('a level that was not built fails with the way to build it', () => {
  process.env.SOAPSTONE_CPU_LEVEL = 'x86-64-v9';
  const error = loadError();
  expect(error.attempts).toHaveLength(1);
  expect(error.attempts[0]?.path).toMatch(/prebuilds.*soapstone-x86-64-v9\.node$/);
  expect(error.attempts[0]?.reason).toBe('no such file');
  expect(error.message).toContain('npm run build');
});
