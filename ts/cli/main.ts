#!/usr/bin/env node
import { discardPendingFiles } from '../common/atomic-file';
import { describeFileError } from '../common/files';
import { say } from './io';
import { exitCodes, run } from './run';

/** Time for the work in progress to end by itself after Ctrl-C. */
const patienceMilliseconds = 3000;

const interruption = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  const end = () => {
    discardPendingFiles();
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  };
  process.on(signal, () => {
    // The second time, or when the work does not heed the first, the process ends at once.
    if (interruption.signal.aborted) end();
    interruption.abort(signal);
    setTimeout(end, patienceMilliseconds).unref();
  });
}

// A reader that has seen enough, such as `head`, closes the pipe.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(exitCodes.success);
  say(process.stderr, `error: ${describeFileError('write', 'the standard output', error)}`);
  process.exit(exitCodes.failure);
});

void run(process.argv.slice(2), {
  stdout: process.stdout,
  stderr: process.stderr,
  signal: interruption.signal,
}).then((code) => {
  process.exitCode = code;
});
