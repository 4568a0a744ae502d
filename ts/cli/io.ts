/** What a command reads from and writes to, besides the files that its arguments name. */
export interface Io {
  /** Results. */
  readonly stdout: Output;
  /** Progress, messages and errors. */
  readonly stderr: Output;
  /** Aborted on Ctrl-C, the reason being the name of the signal. */
  readonly signal: AbortSignal;
}

export interface Output extends NodeJS.WritableStream {
  /** Whether someone watches: progress bars are drawn then only. */
  readonly isTTY?: boolean | undefined;
}

/** Writes a line. */
export function say(output: Output, line: string): void {
  output.write(`${line}\n`);
}

/** Writes the result of a command as one JSON object. */
export function writeJson(output: Output, result: object): void {
  say(output, JSON.stringify(result));
}
