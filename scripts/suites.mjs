// The suites of tests. Each shows its own report and returns how many passed and failed.

import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import path from 'node:path';

import { buildFolder, buildNative } from './native.mjs';
import { pack } from './pack.mjs';
import { packageBin, root, run, runNpm } from './project.mjs';

/** Lint, format and type checks, each counted as one test. */
export async function runChecks() {
  const checks = ['lint', 'format:check', 'typecheck'];
  const failed = checks.filter((check) => !runNpm(['run', '--silent', check]).ok);
  for (const check of failed) console.error(`npm run ${check} found mistakes.`);
  return { passed: checks.length - failed.length, failed: failed.length };
}

/** The core: GoogleTest binary of test/<stage>/*.test.cpp, run by ctest. */
export async function testCore(args = []) {
  await buildNative({ target: 'soapstone_tests', quiet: true });
  const report = freshReport('core.xml');
  const parallel = ['--parallel', String(availableParallelism())];
  const flags = ['--output-on-failure', '--progress', '--no-tests=error', '--output-junit', report];
  const { ok } = run('ctest', ['--test-dir', buildFolder(), ...parallel, ...flags, ...args]);
  const summary = existsSync(report) ? readFileSync(report, 'utf8') : '';
  const count = (name) => Number(new RegExp(`\\b${name}="(\\d+)"`).exec(summary)?.[1] ?? 0);
  return tally(ok, count('tests') - count('failures'), count('failures'));
}

/** The TypeScript half: test/<stage>/*.test.ts, run by Jest. */
export async function testTypeScript(args = []) {
  return runJest('typescript.json', args);
}

/** The tarball as a user gets it: test/package/*.test.ts on the result of npm pack. */
export async function testPackage() {
  const tarball = await pack();
  return runJest('package.json', ['--config', 'test/package/jest.config.mjs'], {
    SOAPSTONE_TARBALL: tarball,
  });
}

function runJest(reportName, args, env = {}) {
  const report = freshReport(reportName);
  const jest = [packageBin('jest'), '--json', `--outputFile=${report}`, ...args];
  // Jest needs this flag to let import() reach the ES modules among the dependencies.
  const flags = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'];
  const NODE_OPTIONS = [process.env.NODE_OPTIONS, ...flags].filter(Boolean).join(' ');
  const { ok } = run(process.execPath, jest, { env: { ...env, NODE_OPTIONS } });
  const summary = existsSync(report) ? JSON.parse(readFileSync(report, 'utf8')) : {};
  return tally(ok, summary.numPassedTests ?? 0, summary.numFailedTests ?? 0);
}

function freshReport(name) {
  const folder = path.join(root, 'build', 'reports');
  mkdirSync(folder, { recursive: true });
  const report = path.join(folder, name);
  rmSync(report, { force: true });
  return report;
}

// A run that ends badly without a failed test, such as a file that does not compile, counts as one.
function tally(ok, passed, failed) {
  return { passed, failed: ok ? failed : Math.max(failed, 1) };
}
