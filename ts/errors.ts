/**
 * Every error that soapstone throws on purpose. All carry a `code` that is stable across versions, so a
 * caller can act on `error.code` even when the class comes from another realm or another copy of the package.
 */

/** Stable name of a kind of failure. The native engine reports the same names. */
export type ErrorCode =
  | 'INVALID_INPUT'
  | 'FORMAT'
  | 'MEMORY_LIMIT'
  | 'NUMERICAL'
  | 'NATIVE_LOAD'
  | 'ABORTED'
  | 'INTERNAL';

const brand = Symbol.for('soapstone/error');

/** Base class of all errors of the package. */
export class SoapstoneError extends Error {
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    Object.defineProperty(this, brand, { value: true });
  }

  override get name(): string {
    return 'SoapstoneError';
  }

  /** Whether `value` is an error of this package; true across realms and copies of the package. */
  static is(value: unknown): value is SoapstoneError {
    return typeof value === 'object' && value !== null && brand in value;
  }
}

/** An argument, option or hyperparameter has no meaning. */
export class InvalidInputError extends SoapstoneError {
  override get name() {
    return 'InvalidInputError';
  }

  /** Where in the input, such as `density.width` or `structures[3].positions`. */
  readonly path: string | undefined;

  constructor(message: string, options: ErrorOptions & { path?: string } = {}) {
    super('INVALID_INPUT', options.path ? `${options.path}: ${message}` : message, options);
    this.path = options.path;
  }
}

/** A place in a file. */
export interface FileLocation {
  /** Path as it was given, or the name of the stream. */
  readonly file?: string | undefined;
  /** Frame (structure) in the file, counted from 0. */
  readonly frame?: number | undefined;
  /** Line in the file, counted from 1, as editors do. */
  readonly line?: number | undefined;
}

/** What a file or stream holds is damaged or not in the expected format. */
export class FormatError extends SoapstoneError implements FileLocation {
  override get name() {
    return 'FormatError';
  }

  readonly file: string | undefined;
  readonly frame: number | undefined;
  readonly line: number | undefined;

  constructor(message: string, location: FileLocation & ErrorOptions = {}) {
    super('FORMAT', describeLocation(location) + message, location);
    this.file = location.file;
    this.frame = location.frame;
    this.line = location.line;
  }
}

/** The result would need more memory than the caller allows. */
export class MemoryLimitError extends SoapstoneError {
  override get name() {
    return 'MemoryLimitError';
  }

  /** Bytes the calculation would need. */
  readonly bytes: number | undefined;
  /** Bytes it may take. */
  readonly limit: number | undefined;

  constructor(message: string, options: ErrorOptions & { bytes?: number; limit?: number } = {}) {
    super('MEMORY_LIMIT', message, options);
    this.bytes = options.bytes;
    this.limit = options.limit;
  }
}

/** The mathematics broke down: a matrix is not positive definite, an iteration did not converge. */
export class NumericalError extends SoapstoneError {
  override get name() {
    return 'NumericalError';
  }

  constructor(message: string, options?: ErrorOptions) {
    super('NUMERICAL', message, options);
  }
}

/** Whether the mathematics broke down. @internal */
export const isNumerical = (error: unknown): boolean =>
  SoapstoneError.is(error) && error.code === 'NUMERICAL';

/** The native engine could not be loaded. */
export class NativeLoadError extends SoapstoneError {
  override get name() {
    return 'NativeLoadError';
  }

  /** Every file that was tried and what came of it. */
  readonly attempts: readonly { readonly path: string; readonly reason: string }[];

  constructor(message: string, attempts: NativeLoadError['attempts'], options?: ErrorOptions) {
    super('NATIVE_LOAD', message, options);
    this.attempts = attempts;
  }
}

/** The caller cancelled the work; `cause` holds the reason of the signal, if it gave one. */
export class AbortError extends SoapstoneError {
  override get name() {
    return 'AbortError';
  }

  constructor(message = 'The operation was aborted', options?: ErrorOptions) {
    super('ABORTED', message, options);
  }
}

/** Throws an {@link AbortError} when `signal` has been aborted. */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new AbortError(undefined, { cause: signal.reason });
}

/**
 * Turns what the native engine threw, `{code, message}`, into the typed error of this realm.
 *
 * @param error what was caught.
 * @param callSite an error made where the user called us; its stack replaces that of a worker thread, which
 *   says nothing to the user.
 */
export function fromNative(error: unknown, callSite?: Error): SoapstoneError {
  if (SoapstoneError.is(error)) return error;
  const { code, message, bytes, limit } = nativeFields(error);
  const typed = ((): SoapstoneError => {
    switch (code) {
      case 'INVALID_INPUT':
        return new InvalidInputError(message);
      case 'FORMAT':
        return new FormatError(message);
      case 'MEMORY_LIMIT':
        return new MemoryLimitError(message, {
          ...(typeof bytes === 'number' && { bytes }),
          ...(typeof limit === 'number' && { limit }),
        });
      case 'NUMERICAL':
        return new NumericalError(message);
      case 'ABORTED':
        return new AbortError(message);
      default:
        return new SoapstoneError('INTERNAL', `Internal error, please report it: ${message}`, {
          cause: error,
        });
    }
  })();
  const stack = callSite?.stack ?? typed.stack;
  const firstFrame = stack?.search(/\n\s+at /) ?? -1;
  if (stack !== undefined && firstFrame >= 0) {
    typed.stack = `${typed.name}: ${typed.message}${stack.slice(firstFrame)}`;
  }
  return typed;
}

interface NativeFields {
  readonly code?: unknown;
  readonly message: string;
  readonly bytes?: unknown;
  readonly limit?: unknown;
}

function nativeFields(error: unknown): NativeFields {
  const hasMessage = typeof error === 'object' && error !== null && 'message' in error;
  return hasMessage ? (error as NativeFields) : { message: String(error) };
}

function describeLocation({ file, frame, line }: FileLocation): string {
  const parts = [
    ...(file !== undefined ? [file] : []),
    ...(frame !== undefined ? [`frame ${frame} (counted from 0)`] : []),
    ...(line !== undefined ? [`line ${line}`] : []),
  ];
  return parts.length > 0 ? `${parts.join(', ')}: ` : '';
}
