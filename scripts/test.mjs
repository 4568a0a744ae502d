// npm test: builds what is out of date, then runs the tests of the core (GoogleTest through ctest),
// of the TypeScript half (Jest) and of the packed tarball, and ends with one line of totals.
//
// Arguments name the suites to run: checks, core, ts, package; what follows goes to ctest or Jest.
// While developing: npm run test:core -- -R Neighbour, npm run test:ts -- neighbours

import { build } from './build.mjs';
import { Failure, main } from './project.mjs';
import { runChecks, testCore, testPackage, testTypeScript } from './suites.mjs';

const suites = { checks: runChecks, core: testCore, ts: testTypeScript, package: testPackage };

await main(async () => {
  const given = process.argv.slice(2);
  const named = given.findIndex((argument) => !(argument in suites));
  const names = given.slice(0, named < 0 ? given.length : named);
  const args = given.slice(names.length);
  const chosen = names.length > 0 ? names : ['core', 'ts', 'package'];

  if (chosen.some((name) => name === 'ts' || name === 'package')) await build({ quiet: true });

  const totals = { passed: 0, failed: 0 };
  for (const name of chosen) {
    const { passed, failed } = await suites[name](args).catch(unableToRun);
    totals.passed += passed;
    totals.failed += failed;
  }
  console.log(`${totals.passed} passed, ${totals.failed} failed`);
  if (totals.failed > 0) process.exitCode = 1;
});

// A suite that cannot start, because GoogleTest is missing say, must not hide what the others find.
function unableToRun(error) {
  if (!(error instanceof Failure)) throw error;
  console.error(error.message);
  return { passed: 0, failed: 1 };
}
