import { readFileSync } from 'node:fs';
import path from 'node:path';

/** Folder of the package, the same from ts/cli and from dist/cli. */
const root = path.resolve(__dirname, '..', '..');

/** Version of this package. */
export function packageVersion(): string {
  const manifest = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as {
    version: string;
  };
  return manifest.version;
}

/** Path of a file of the data set that the package carries. */
export function dataFile(name: string): string {
  return path.join(root, 'data', name);
}
