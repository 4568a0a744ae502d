// npm run format (--write) and npm run format:check (--check): clang-format for C++, Prettier for
// the rest.

import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';

import { main, packageBin, root, run } from './project.mjs';

function cppFiles() {
  const files = (folder) =>
    readdirSync(folder, { recursive: true }).map((file) => path.join(folder, file));
  return ['cpp', 'test', 'cmake', 'bench/core']
    .map((folder) => path.join(root, folder))
    .filter(existsSync)
    .flatMap(files)
    .filter((file) => /\.[ch]pp$/.test(file) && !file.includes('.venv'));
}

function formatCpp(write) {
  const flags = write ? ['-i'] : ['--dry-run', '--Werror'];
  const args = [packageBin('clang-format'), ...flags, ...cppFiles()];
  const { ok, stderr } = run(process.execPath, args, { quiet: true });
  const files = new Set(stderr.match(/^\S+(?=:\d+:\d+: error)/gm) ?? []);
  for (const file of files) console.error(`[error] ${path.relative(root, file)}`);
  if (!ok && files.size === 0) console.error(stderr);
  return ok;
}

function formatRest(write) {
  const flags = [write ? '--write' : '--check', '--log-level', 'warn'];
  return run(process.execPath, [packageBin('prettier'), ...flags, '.']).ok;
}

await main(() => {
  const write = process.argv.includes('--write');
  const results = [formatCpp(write), formatRest(write)];
  if (results.includes(false)) process.exitCode = 1;
});
