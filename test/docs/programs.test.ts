import { readFileSync } from 'node:fs';
import path from 'node:path';

import * as soapstone from '../../ts';
import { root } from './markdown';

test('programs.md lists all that the package exports, and nothing else', () => {
  const page = readFileSync(path.join(root, 'docs/programs.md'), 'utf8');
  const tables = page.slice(page.indexOf('## All classes and functions'));
  const cells = tables.split('\n').map((line) => line.split('|')[1] ?? line);
  const listed = new Set(cells.flatMap((cell) => cell.match(/(?<=`)\w+(?=`)/g) ?? []));
  const options = ['Sync', 'threads', 'signal', 'onProgress'];
  expect([...listed].filter((name) => !options.includes(name)).sort()).toEqual(
    Object.keys(soapstone).sort(),
  );
});
