import { AbortError } from '../errors';
import { onAbort } from '../native/abort';

/** How a shared value is asked for. */
interface Asking {
  readonly threads?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * A value that takes long to make: made when it is first asked for, once for all who ask. Who asks may stop waiting, but
 * not the making, which others may wait for; if it fails, the next who asks has it made anew.
 */
export class Shared<Value> {
  readonly #make: (threads: number | undefined) => Promise<Value>;
  #value: Promise<Value> | undefined;
  #made: { readonly value: Value } | undefined;

  constructor(make: (threads: number | undefined) => Promise<Value>) {
    this.#make = make;
  }

  /** @throws AbortError when the signal is aborted before the value is there; else what making it throws. */
  get({ threads, signal }: Asking = {}): Promise<Value> {
    this.#value ??= this.#make(threads).then(
      (value) => (this.#made ??= { value }).value,
      (error: unknown) => {
        this.#value = undefined;
        throw error;
      },
    );
    return unlessAborted(this.#value, signal);
  }

  /** For who cannot wait: the value if it is there, else what `make` makes of it, which is kept for all. */
  getSync(make: () => Value): Value {
    this.#made ??= { value: make() };
    this.#value ??= Promise.resolve(this.#made.value);
    return this.#made.value;
  }
}

async function unlessAborted<Value>(
  value: Promise<Value>,
  signal: AbortSignal | undefined,
): Promise<Value> {
  if (!signal) return value;
  return new Promise((resolve, reject) => {
    const stop = () => reject(new AbortError(undefined, { cause: signal.reason }));
    if (signal.aborted) stop();
    void value.then(resolve, reject).finally(onAbort(signal, stop));
  });
}
