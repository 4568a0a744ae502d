// npm test: builds what is out of date, then runs the tests of the core (GoogleTest through ctest),
// of the TypeScript half (Jest) and of the packed tarball, and ends with one line of totals.
//
// While developing: npm run test:core -- -R neighbours, npm run test:ts -- neighbours (the arguments
// are those of ctest and of Jest).

import { build } from './build.mjs';
import { Failure, main } from './project.mjs';
import { testCore, testPackage, testTypeScript } from './suites.mjs';

const suites = { core: testCore, ts: testTypeScript, package: testPackage };

await main(async () => {
  const [name, ...args] = process.argv.slice(2);
  if (name !== 'core') await build({ quiet: true });

  const totals = { passed: 0, failed: 0 };
  for (const suite of name ? [suites[name]] : Object.values(suites)) {
    const { passed, failed } = await suite(args).catch(unableToRun);
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
