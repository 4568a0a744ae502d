import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

import { NativeLoadError } from '../errors';
import type { NativeModule } from './contract';
import { supportedCpuLevels } from './cpu-level';

const packageRoot = path.resolve(__dirname, '..', '..');
const requireFile = createRequire(__filename);

let loaded: NativeModule | undefined;

/**
 * The native engine, loaded at the first call: the file that the environment variable
 * `SOAPSTONE_NATIVE` names, else the local build, else the best of the binaries in the package that
 * this CPU can run. `SOAPSTONE_CPU_LEVEL` asks for one of these by its level, e.g. `x86-64-v2`.
 *
 * @throws NativeLoadError when none of them loads; it lists each attempt and what to do.
 */
export function native(): NativeModule {
  loaded ??= loadFirst(candidates());
  return loaded;
}

function candidates(environment: NodeJS.ProcessEnv = process.env): string[] {
  const { SOAPSTONE_NATIVE: explicit, SOAPSTONE_CPU_LEVEL: level } = environment;
  if (explicit) return [path.resolve(explicit)];
  const platform = `${process.platform}-${process.arch}`;
  const prebuilt = (level ? [level] : supportedCpuLevels()).map((name) =>
    path.join(packageRoot, 'prebuilds', platform, `soapstone-${name}.node`),
  );
  return level
    ? prebuilt
    : [path.join(packageRoot, 'build', 'Release', 'soapstone.node'), ...prebuilt];
}

function loadFirst(files: readonly string[]): NativeModule {
  const attempts: { path: string; reason: string }[] = [];
  for (const file of files) {
    if (!existsSync(file)) {
      attempts.push({ path: file, reason: 'no such file' });
      continue;
    }
    try {
      return loadFile(file);
    } catch (error) {
      attempts.push({ path: file, reason: messageOf(error) });
    }
  }
  const list = attempts.map(({ path: file, reason }) => `  ${file}: ${reason}`).join('\n');
  throw new NativeLoadError(
    `The native engine could not be loaded.\nTried:\n${list}\n${remedy()}`,
    attempts,
  );
}

/**
 * Threads of the engine that wait for each other spin for some 30 µs and then sleep, unless the user says otherwise.
 * OpenMP would let them spin for milliseconds, which on a machine with other work takes the processor from the very
 * threads that are waited for. The variable is read once, at load.
 */
function loadFile(file: string): NativeModule {
  const { OMP_WAIT_POLICY: policy, GOMP_SPINCOUNT: spins } = process.env;
  const ours = policy === undefined && spins === undefined;
  if (ours) process.env.GOMP_SPINCOUNT = '30000';
  try {
    return requireFile(file) as NativeModule;
  } finally {
    if (ours) delete process.env.GOMP_SPINCOUNT;
  }
}

function remedy(): string {
  if (process.env.SOAPSTONE_NATIVE) {
    return 'Unset SOAPSTONE_NATIVE, or let it name a soapstone.node that was built for this system.';
  }
  const build = `build it with a C++17 compiler and CMake: cd ${packageRoot} && npm install && npm run build`;
  return process.env.SOAPSTONE_CPU_LEVEL
    ? `Unset SOAPSTONE_CPU_LEVEL to take the best file there is, or ${build}`
    : `There is no binary for ${process.platform}-${process.arch} that loads here: ${build}`;
}

// Errors may come from another realm, where instanceof says nothing.
function messageOf(error: unknown): string {
  const message = (error as { message?: unknown } | null)?.message;
  return typeof message === 'string' ? message : String(error);
}
