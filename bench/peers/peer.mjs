// Runs the scripts of this folder from the benchmarks.

import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const folder = path.dirname(fileURLToPath(import.meta.url));

/** Python of the peers' virtual environment; PEERS_PYTHON names another one that has them. */
export const peerPython =
  process.env.PEERS_PYTHON ??
  path.join(
    folder,
    '.venv',
    ...(process.platform === 'win32' ? ['Scripts', 'python.exe'] : ['bin', 'python']),
  );

/** Whether the peers are installed. Where not, the benchmarks say so and print our numbers alone. */
export function peersInstalled() {
  return existsSync(peerPython);
}

/**
 * Runs `script` (for instance `featomic_soap.py`) and resolves to its measurements, one object per
 * JSON line. Rejects with what the script wrote to stderr when it fails.
 */
export async function runPeer(script, args) {
  const child = spawn(peerPython, [path.join(folder, script), ...args.map(String)], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [stdout, stderr, status] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    new Promise((resolve, reject) => child.once('close', resolve).once('error', reject)),
  ]);
  if (status !== 0) throw new Error(`${script} failed:\n${stderr}`);
  return measurements(stdout);
}

// Some peers print banners of their own; a measurement is a line that opens a JSON object.
function measurements(stdout) {
  const lines = stdout.split('\n').filter((line) => line.startsWith('{"'));
  return lines.map((line) => JSON.parse(line));
}

async function text(stream) {
  let result = '';
  for await (const chunk of stream.setEncoding('utf8')) result += chunk;
  return result;
}
