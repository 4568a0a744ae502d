// Peak memory of `soapstone featurize`, the command itself in this process:
// featurize.mjs STRUCTURES.xyz --config FILE.json --output OUT.npy --structures N

import { createRequire } from 'node:module';

import { emit, parse } from './measure.mjs';

const { run } = createRequire(import.meta.url)('../../dist/cli/run.js');

const flags = parse({ config: '', output: '', structures: 0 });
const { file, config, output, threads } = flags;
const args = ['featurize', file, '--config', config, '--output', output, '--threads', `${threads}`];
const code = await run(args, {
  stdout: process.stderr,
  stderr: process.stderr,
  signal: new AbortController().signal,
});
if (code !== 0) process.exit(code);
emit(flags, { length: flags.structures, reduce: () => 9 * flags.structures }, 'featurize', {
  seconds: performance.now() / 1000,
  peakMemoryBytes: process.resourceUsage().maxRSS * 1024,
});
