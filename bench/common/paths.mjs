// Where the benchmarks are, and where they leave what they make.

import { mkdirSync } from 'node:fs';
import path from 'node:path';

export const folder = path.resolve(import.meta.dirname, '..');

/** Models and generated structures; git ignores it. */
export const work = path.join(folder, '..', 'build', 'bench');

/** The path of a file in the work folder, which is made. */
export function workFile(name) {
  mkdirSync(work, { recursive: true });
  return path.join(work, name);
}
