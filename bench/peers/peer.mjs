// The other programs, as the benchmarks run them.

import { existsSync } from 'node:fs';
import path from 'node:path';

import { Skipped } from '../common/skipped.mjs';

export const folder = import.meta.dirname;

/** Python of the peers' virtual environment; PEERS_PYTHON names another one that has them. */
export const peerPython =
  process.env.PEERS_PYTHON ??
  path.join(
    folder,
    '.venv',
    ...(process.platform === 'win32' ? ['Scripts', 'python.exe'] : ['bin', 'python']),
  );

/** Whether the peers are installed. */
export const peersInstalled = () => existsSync(peerPython);

/** @throws Skipped when the peers are not installed. */
export function requirePeers() {
  if (!peersInstalled()) throw new Skipped('the peers are not installed: npm run bench:peers');
}

/** A script of this folder, as runProgram takes it. */
export function peer(script, ...positional) {
  return [peerPython, path.join(folder, script), ...positional];
}
