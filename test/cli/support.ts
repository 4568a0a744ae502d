import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Writable } from 'node:stream';
import type { Io } from '../../ts/cli/io';
import { run } from '../../ts/cli/run';

const root = path.resolve(__dirname, '..', '..');

/** A file of the data set in the package. */
export const data = (name: string): string => path.join(root, 'data', name);

/** The command as users start it; npm test builds it. */
export const program = path.join(root, 'dist', 'cli', 'main.js');

/** What a command printed, and its exit code. */
export interface Result {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command in this process. */
export async function cli(
  args: readonly string[],
  signal: Io['signal'] = new AbortController().signal,
): Promise<Result> {
  const [stdout, stderr] = [new Capture(), new Capture()];
  const code = await run(args, { stdout, stderr, signal });
  return { code, stdout: stdout.text, stderr: stderr.text };
}

/** Runs a command that must succeed, and parses what it printed, which must be one JSON object. */
export async function cliJson<Output>(...args: string[]): Promise<Output> {
  const { code, stdout, stderr } = await cli([...args, '--json']);
  expect({ code, stderr }).toEqual({ code: 0, stderr });
  expect(stdout).toMatch(/^\{.*\}\n$/);
  return JSON.parse(stdout) as Output;
}

/** An empty folder, removed after the tests of this file. */
export function temporaryFolder(): {
  file: (name: string) => string;
  write: (name: string, text: string) => string;
  path: string;
} {
  const folder = mkdtempSync(path.join(tmpdir(), 'soapstone-cli-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const file = (name: string) => path.join(folder, name);
  const write = (name: string, text: string) => {
    writeFileSync(file(name), text);
    return file(name);
  };
  return { file, write, path: folder };
}

/** Settings of a small potential, trained in a moment. */
export const smallConfig = JSON.stringify({
  representation: {
    cutoff: { radius: 4 },
    basis: { maxAngular: 3, radial: { count: 5 } },
  },
  kernel: { zeta: 2 },
  sparse: { count: 60 },
  noise: { energy: 0.002, forces: 0.05 },
});

class Capture extends Writable {
  text = '';

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.text += chunk.toString();
    done();
  }
}
