import { FormatError } from '../../errors';

/** Longer lines than this are no text: the file is something else, and must not fill the memory. */
const maxLineBytes = 2 ** 24;

const lineFeed = 0x0a;
const carriageReturn = 0x0d;

/**
 * Lines of a stream of bytes, one at a time and without copying: the current line is
 * `bytes[start] … bytes[end - 1]`, its end-of-line characters left out.
 *
 * `advance() || (await refill())` moves to the next line; only one call in thousands has to wait.
 */
export class LineReader {
  bytes: Buffer = Buffer.alloc(0);
  start = 0;
  end = 0;
  /** Number of the current line, counted from 1. */
  number = 0;
  private next = 0;
  private held = false;
  private finished = false;

  constructor(
    private readonly chunks: AsyncIterator<Buffer>,
    private readonly file: string,
  ) {}

  /** Moves to the next line if all of it is at hand. */
  advance(): boolean {
    if (this.held) {
      this.held = false;
      return true;
    }
    const feed = this.bytes.indexOf(lineFeed, this.next);
    if (feed < 0) return false;
    this.setLine(feed, feed + 1);
    return true;
  }

  /** Reads on until the next line is at hand; false when there is none. */
  async refill(): Promise<boolean> {
    while (!this.finished) {
      const rest = this.bytes.subarray(this.next);
      if (rest.length > maxLineBytes) {
        throw new FormatError(
          `a line is longer than ${maxLineBytes} bytes: this is not extended XYZ`,
          {
            file: this.file,
            line: this.number + 1,
          },
        );
      }
      const chunk = await this.chunks.next();
      if (chunk.done) {
        this.finished = true;
        break;
      }
      this.bytes = rest.length === 0 ? chunk.value : Buffer.concat([rest, chunk.value]);
      this.next = 0;
      if (this.advance()) return true;
    }
    if (this.next === this.bytes.length) return false;
    this.setLine(this.bytes.length, this.bytes.length);
    return true;
  }

  /** Makes the next `advance` stay on the current line. */
  hold(): void {
    this.held = true;
  }

  /** The current line as text. */
  text(): string {
    return this.bytes.toString('utf8', this.start, this.end);
  }

  private setLine(end: number, next: number): void {
    this.start = this.next;
    this.end = end > this.start && this.bytes[end - 1] === carriageReturn ? end - 1 : end;
    this.next = next;
    this.number++;
  }
}
