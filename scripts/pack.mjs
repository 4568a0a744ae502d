// Makes the tarball that npm publishes, with binaries for every CPU level, into build/.

import { mkdirSync } from 'node:fs';
import path from 'node:path';

import { buildPrebuilds } from './prebuilds.mjs';
import { Failure, root, runNpm } from './project.mjs';

/** Packs what is built and returns the path of the tarball. */
export async function pack() {
  await buildPrebuilds();
  const folder = path.join(root, 'build', 'package');
  mkdirSync(folder, { recursive: true });
  const args = ['pack', '--json', '--ignore-scripts', '--pack-destination', folder];
  const { ok, stdout, stderr } = runNpm(args, { quiet: true });
  if (!ok) throw new Failure(`npm pack failed: ${stderr}`);
  const [{ filename }] = JSON.parse(stdout);
  return path.join(folder, filename);
}
