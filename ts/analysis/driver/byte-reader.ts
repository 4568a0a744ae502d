import { FormatError } from '../../errors';

/** Takes bytes from a stream, which splits and joins messages as it likes. */
export class ByteReader {
  readonly #chunks: AsyncIterator<Buffer, undefined>;
  readonly #name: string;
  #held: Buffer[] = [];
  #size = 0;

  /** @param name what to call the stream in messages. */
  constructor(chunks: AsyncIterable<Buffer>, name: string) {
    this.#chunks = chunks[Symbol.asyncIterator]() as AsyncIterator<Buffer, undefined>;
    this.#name = name;
  }

  /**
   * The next `count` bytes; undefined where the stream has ended before the first of them.
   *
   * @throws FormatError where it ends among them.
   */
  async take(count: number): Promise<Buffer | undefined> {
    while (this.#size < count) {
      const { done, value } = await this.#chunks.next();
      if (!done) {
        this.#held.push(value);
        this.#size += value.length;
      } else if (this.#size === 0) {
        return undefined;
      } else {
        throw this.cutOff(count - this.#size);
      }
    }
    const all = this.#held.length === 1 ? this.#held[0]! : Buffer.concat(this.#held);
    this.#held = [all.subarray(count)];
    this.#size -= count;
    return all.subarray(0, count);
  }

  /** The next `count` bytes, which belong to what has been read. @throws FormatError where they do not come. */
  async rest(count: number): Promise<Buffer> {
    const bytes = await this.take(count);
    if (bytes) return bytes;
    throw this.cutOff(count);
  }

  private cutOff(missing: number): FormatError {
    return new FormatError(
      `the connection ended in the middle of a message, of which ${missing} bytes are missing`,
      { file: this.#name },
    );
  }
}
