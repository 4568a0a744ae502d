// npm run format (--write) and npm run format:check (--check): clang-format for C++, Prettier for
// the rest.

import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';

import { main, packageBin, root, run } from './project.mjs';

function cppFiles() {
  const files = (folder) =>
    readdirSync(folder, { recursive: true }).map((file) => path.join(folder, file));
  return ['cpp', 'test', 'bench', 'cmake']
    .map((folder) => path.join(root, folder))
    .filter(existsSync)
    .flatMap(files)
    .filter((file) => /\.[ch]pp$/.test(file));
}

await main(() => {
  const write = process.argv.includes('--write');
  const clangFormat = [packageBin('clang-format'), ...(write ? ['-i'] : ['--dry-run', '--Werror'])];
  const prettier = [
    packageBin('prettier'),
    write ? '--write' : '--check',
    '--log-level',
    'warn',
    '.',
  ];
  const results = [[...clangFormat, ...cppFiles()], prettier].map((args) =>
    run(process.execPath, args),
  );
  if (!results.every(({ ok }) => ok)) process.exitCode = 1;
});
