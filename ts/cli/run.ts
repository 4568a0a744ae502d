import type { CommanderError } from 'commander';
import { SoapstoneError } from '../errors';
import { say } from './io';
import type { Io } from './io';
import { makeProgram } from './program';

/** Exit codes of the command line. */
export const exitCodes = {
  success: 0,
  /** Something that the user can mend: a file, a key, a configuration. */
  failure: 1,
  /** Unknown or missing arguments. */
  usage: 2,
  /** 128 + the number of the signal, as shells have it. */
  SIGINT: 130,
  SIGTERM: 143,
} as const;

/**
 * Runs the command line.
 *
 * @param args what follows the name of the program.
 * @returns the exit code; nothing is thrown.
 */
export async function run(args: readonly string[], io: Io): Promise<number> {
  try {
    await makeProgram(io).parseAsync(args, { from: 'user' });
    return exitCodes.success;
  } catch (error) {
    return report(error, io);
  }
}

function report(error: unknown, { stderr, signal }: Io): number {
  if (isCommanderError(error)) return error.exitCode === 0 ? exitCodes.success : exitCodes.usage;
  if (signal.aborted) {
    say(stderr, 'interrupted');
    return signal.reason === 'SIGTERM' ? exitCodes.SIGTERM : exitCodes.SIGINT;
  }
  const { message, stack } = describe(error);
  say(stderr, `error: ${message}`);
  if (process.env.SOAPSTONE_DEBUG && stack) say(stderr, stack);
  return exitCodes.failure;
}

function describe(error: unknown): { message: string; stack?: string | undefined } {
  const { message, stack } = error as Partial<Error>;
  if (SoapstoneError.is(error)) return { message: error.message, stack };
  return {
    message: `internal error, please report it with what SOAPSTONE_DEBUG=1 adds: ${message ?? String(error)}`,
    stack,
  };
}

/** By name and not by `instanceof`, which fails for a second copy of the package. */
function isCommanderError(error: unknown): error is CommanderError {
  return typeof error === 'object' && error !== null && 'exitCode' in error && 'code' in error;
}
