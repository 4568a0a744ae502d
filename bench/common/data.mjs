// Published data sets, in a folder that the user names; bench/README.md says what it must hold.

import { existsSync } from 'node:fs';
import path from 'node:path';

import { readStructures, writeStructures } from '../../dist/index.js';
import { workFile } from './paths.mjs';
import { Skipped } from './skipped.mjs';

/**
 * The path of a file of the data folder.
 *
 * @throws Skipped when it is not there.
 */
export function dataFile(data, name) {
  if (!data) throw new Skipped('no data folder is named: set SOAPSTONE_DATA or use --data');
  const file = path.join(data, name);
  if (!existsSync(file)) throw new Skipped(`there is no ${name} in the data folder`);
  return file;
}

/** A file of the first `count` frames; the file itself when `count` is undefined. */
export async function firstFrames(file, count) {
  if (count === undefined) return file;
  const part = workFile(`first-${count}-${path.basename(file)}`);
  await writeStructures(part, (await readStructures(file)).slice(0, count));
  return part;
}
