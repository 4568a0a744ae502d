import { existsSync } from 'node:fs';
import path from 'node:path';

import { pages, prose, root } from './markdown';

test.each(pages)('links and paths in %s lead somewhere', (page) => {
  const text = prose(page);
  const links = [...text.matchAll(/\]\(([^)#]+)(?:#[^)]*)?\)/g)]
    .map((match) => match[1]!)
    .filter((target) => !/^\w+:/.test(target))
    .map((target) => path.join(path.dirname(page), target));
  // Files of the source are named from the root.
  const named = [
    ...text.matchAll(/`((?:cpp|ts|test|bench|data|docs|scripts|examples)\/[\w./-]*)`/g),
  ];
  const wanted = [...links, ...named.map((match) => match[1]!)];
  expect(wanted.filter((file) => !existsSync(path.join(root, file)))).toEqual([]);
});

test('the README names every page of docs', () => {
  const text = prose('README.md');
  const missing = pages.filter((page) => page !== 'README.md' && !text.includes(`](${page})`));
  expect(missing).toEqual([]);
});
