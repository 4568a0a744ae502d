import { onAbort } from './abort';
import { AbortError, fromNative, InvalidInputError, throwIfAborted } from '../errors';
import type { NativeAsyncOptions, NativeSyncOptions } from './contract';

/** How a calculation is run; nothing here changes its result. */
export interface SyncOptions {
  /** Number of threads, at least 1. Default: all that the machine offers. */
  readonly threads?: number | undefined;
}

/** How a calculation that leaves the event loop free is run and steered. */
export interface AsyncOptions extends SyncOptions {
  /** Stops the calculation soon after it is aborted; the promise is then rejected with an AbortError. */
  readonly signal?: AbortSignal | undefined;
  /** Called now and then, and at the end, with the number of items done and of all items. */
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}

/**
 * Runs a native function on this thread.
 *
 * @throws the typed errors of the package.
 */
export function callSync<Result>(
  call: (options: NativeSyncOptions) => Result,
  options: SyncOptions = {},
): Result {
  const threads = checkThreads(options.threads);
  try {
    return call({ async: false, threads });
  } catch (error) {
    throw fromNative(error);
  }
}

/** What cancels each calculation in progress. Node waits for these before it exits. */
const inProgress = new Set<() => void>();

process.on('exit', () => {
  for (const cancel of inProgress) cancel();
});

/**
 * Runs a native function on worker threads. Its arguments are taken before this returns.
 *
 * @throws the typed errors of the package, with the stack of the caller.
 */
export async function callAsync<Result>(
  call: (options: NativeAsyncOptions) => Promise<Result>,
  options: AsyncOptions = {},
): Promise<Result> {
  const { signal, onProgress } = options;
  const threads = checkThreads(options.threads);
  throwIfAborted(signal);
  const callSite = new Error();
  const cancelled = new Uint8Array(1);
  const cancel = () => Atomics.store(cancelled, 0, 1);
  // An exception of the caller's own function must not end the process: it ends the calculation.
  let failure: { readonly thrown: unknown } | undefined;
  const report = (done: number, total: number) => {
    if (failure) return;
    try {
      onProgress?.(done, total);
    } catch (thrown) {
      failure = { thrown };
      cancel();
    }
  };
  const stopListening = signal && onAbort(signal, cancel);
  inProgress.add(cancel);
  try {
    const base = { async: true, threads, cancelled } as const;
    const result = await call(onProgress ? { ...base, onProgress: report } : base);
    // Lets reports that are still on their way arrive before the result.
    if (onProgress) await new Promise((resolve) => setImmediate(resolve));
    if (failure) throw failure.thrown;
    return result;
  } catch (error) {
    if (failure) throw failure.thrown;
    const typed = fromNative(error, callSite);
    throw typed.code === 'ABORTED' ? new AbortError(undefined, { cause: signal?.reason }) : typed;
  } finally {
    inProgress.delete(cancel);
    stopListening?.();
  }
}

/** The number of threads as native code takes it. */
function checkThreads(threads: number | undefined): number {
  if (threads === undefined) return 0;
  if (!Number.isInteger(threads) || threads < 1) {
    throw new InvalidInputError(`expected an integer of at least 1, got ${String(threads)}`, {
      path: 'threads',
    });
  }
  return threads;
}
