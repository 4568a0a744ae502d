// npm run build: the native half for this machine, then the TypeScript half, and nothing else.
// --native: only the native half. --quiet: show output only of what fails.

import { copyFileSync, mkdirSync, renameSync } from 'node:fs';
import path from 'node:path';

import { buildNative } from './native.mjs';
import { main, root } from './project.mjs';
import { buildTypeScript } from './typescript.mjs';

export async function build({ native = false, quiet = false } = {}) {
  const addon = await buildNative({ quiet });
  const release = path.join(root, 'build', 'Release');
  mkdirSync(release, { recursive: true });
  // Renamed into place: a process that has the old file loaded keeps it.
  const fresh = path.join(release, `soapstone.node.${process.pid}`);
  copyFileSync(addon, fresh);
  renameSync(fresh, path.join(release, 'soapstone.node'));
  if (!native) buildTypeScript();
}

if (process.argv[1] === import.meta.filename) {
  const flags = process.argv.slice(2);
  await main(() => build({ native: flags.includes('--native'), quiet: flags.includes('--quiet') }));
}
