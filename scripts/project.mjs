// What every script of this folder needs: where the project is, and how to run a program.

import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');

const require = createRequire(import.meta.url);

/** A failure the reader can mend: printed as its message alone, without a stack. */
export class Failure extends Error {}

/** Runs the body of a script and turns a Failure into one line and exit code 1. */
export async function main(body) {
  try {
    await body();
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    console.error(error.message);
    process.exitCode = 1;
  }
}

/**
 * Runs a program in the project's folder and waits for it.
 * With `quiet`, what it prints is returned instead of shown.
 */
export function run(command, args, { quiet = false, env = {}, cwd = root } = {}) {
  const { status, error, stdout, stderr } = spawnSync(command, args, {
    cwd,
    env: { ...process.env, ...env },
    stdio: quiet ? ['ignore', 'pipe', 'pipe'] : 'inherit',
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  return { ok: status === 0, status, missing: error?.code === 'ENOENT', stdout, stderr };
}

/** Runs npm: the one that started this script, where there was one. */
export function runNpm(args, options) {
  const { npm_execpath: npm } = process.env;
  return npm ? run(process.execPath, [npm, ...args], options) : run('npm', args, options);
}

/** Like run(), but a failure of the program ends the script. Returns what it printed, if quiet. */
export function mustRun(command, args, options = {}) {
  const { ok, stdout, stderr } = run(command, args, options);
  if (!ok) {
    const output = options.quiet ? `${stdout ?? ''}${stderr ?? ''}\n` : '';
    throw new Failure(`${output}This command failed: ${command} ${args.join(' ')}`);
  }
  return stdout;
}

/** Absolute path of the executable script of a package that is installed here. */
export function packageBin(name, bin = name) {
  let manifest;
  try {
    manifest = require.resolve(`${name}/package.json`);
  } catch {
    throw new Failure(`The package ${name} is missing: run npm ci (or npm install) first.`);
  }
  const { bin: bins } = require(manifest);
  return path.join(path.dirname(manifest), typeof bins === 'string' ? bins : bins[bin]);
}

/** Runs the executable of an installed package with this same Node. */
export function mustRunPackage(name, args, options) {
  return mustRun(process.execPath, [packageBin(name), ...args], options);
}
