// node scripts/start.mjs FILE ARGUMENTS…: builds what is out of date, then runs a file of the
// project. npm run demo and npm run bench are this; what follows -- goes to the file.

import { build } from './build.mjs';
import { main, run } from './project.mjs';

await main(async () => {
  await build({ quiet: true });
  process.exitCode = run(process.execPath, process.argv.slice(2)).status ?? 1;
});
