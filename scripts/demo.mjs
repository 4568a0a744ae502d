// npm run demo: builds what is out of date, then runs the demo of the command line.
// Further arguments go to it: npm run demo -- --fast

import path from 'node:path';

import { build } from './build.mjs';
import { main, root, run } from './project.mjs';

await main(async () => {
  await build({ quiet: true });
  const cli = path.join(root, 'dist', 'cli', 'main.js');
  process.exitCode = run(process.execPath, [cli, 'demo', ...process.argv.slice(2)]).status ?? 1;
});
