import { InvalidInputError } from '../errors';
import type { NeighbourSearchHandle } from '../native/contract';

/**
 * Memory for neighbour lists that is used again and again. New memory is slow: the system hands it out page by page
 * when it is touched, which for large lists takes several times as long as finding the pairs. Who needs lists step
 * by step should give the same memory every time:
 *
 * ```ts
 * const memory = new NeighbourMemory();
 * for (const structures of steps) use(neighbourListSync(structures, { cutoff: 5, memory }));
 * ```
 *
 * Lists are valid until the next call with the same memory, which overwrites them.
 */
export class NeighbourMemory {
  readonly #buffers: ArrayBuffer[] = [];
  /** What the engine keeps between counting and filling. @internal */
  search: NeighbourSearchHandle | undefined;
  #taken = 0;
  #inUse = false;

  /** Bytes of the lists; the engine keeps about a fifth of that besides. */
  get bytes(): number {
    return this.#buffers.reduce((sum, { byteLength }) => sum + byteLength, 0);
  }

  /** Room for so many bytes, not cleared, beside what has been taken since {@link begin}. @internal */
  take(bytes: number): ArrayBuffer {
    const index = this.#taken++;
    const known = this.#buffers[index];
    if (known && known.byteLength >= bytes) return known;
    // The second time it is not enough is a sign that sizes vary.
    const buffer = new ArrayBuffer(8 * Math.ceil(((known ? 1.25 : 1) * bytes) / 8));
    this.#buffers[index] = buffer;
    return buffer;
  }

  /** Everything may be overwritten from now on. @throws InvalidInputError while a call works with it. @internal */
  begin(): void {
    if (this.#inUse) {
      throw new InvalidInputError('another call that has not ended works with it', {
        path: 'memory',
      });
    }
    this.#inUse = true;
    this.#taken = 0;
  }

  /** The call has ended. @internal */
  end(): void {
    this.#inUse = false;
  }
}
