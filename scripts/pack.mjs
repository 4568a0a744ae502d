// Makes the tarball that npm publishes, with binaries for every CPU level, into build/.

import { mkdirSync } from 'node:fs';
import path from 'node:path';

import { buildPrebuilds } from './prebuilds.mjs';
import { mustRun, root } from './project.mjs';

/** Packs what is built and returns the path of the tarball. */
export async function pack() {
  await buildPrebuilds();
  const folder = path.join(root, 'build', 'package');
  mkdirSync(folder, { recursive: true });
  const npm = process.env.npm_execpath ? [process.execPath, process.env.npm_execpath] : ['npm'];
  const [command, ...prefix] = npm;
  const args = ['pack', '--json', '--ignore-scripts', '--pack-destination', folder];
  const [{ filename }] = JSON.parse(mustRun(command, [...prefix, ...args], { quiet: true }));
  return path.join(folder, filename);
}
