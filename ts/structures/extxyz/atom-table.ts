import type { AtomArray } from '../values';
import { makeColumn } from './columns';
import type { Column } from './columns';
import type { Property } from './properties';

/** The lines of the atoms of one frame, turned into one array per property as they come. */
export class AtomTable {
  private readonly columns: readonly Column[];
  private readonly width: number;
  private rows = 0;
  private capacity = 0;

  /** @param count number of atoms to expect; memory is taken as they come, since this may be damaged. */
  constructor(
    properties: readonly Property[],
    private readonly count: number,
  ) {
    const hasNumbers = properties.some((property) => property.name === 'numbers');
    this.columns = properties.map((property) => makeColumn(property, hasNumbers));
    this.width = properties.reduce((width, property) => width + property.count, 0);
  }

  /** Number of atoms so far. */
  get length(): number {
    return this.rows;
  }

  /**
   * Adds the atom whose line is `bytes[start] … bytes[end - 1]`; columns beyond the last property are ignored,
   * as ASE does.
   *
   * @returns in words what is wrong with the line, undefined when nothing is.
   */
  add(bytes: Buffer, start: number, end: number): string | undefined {
    if (this.rows === this.capacity) this.grow();
    let at = start;
    for (const column of this.columns) {
      const first = this.rows * column.count;
      for (let i = first; i < first + column.count; i++) {
        while (at < end && isBlank(bytes[at]!)) at++;
        const from = at;
        while (at < end && !isBlank(bytes[at]!)) at++;
        if (at === from || !column.set(i, bytes, from, at)) {
          return this.defect(
            column,
            bytes.toString('utf8', start, end),
            bytes.toString('utf8', from, at),
          );
        }
      }
    }
    this.rows++;
    return undefined;
  }

  /** Atomic numbers, positions and the other arrays by name, once all atoms are there. */
  finish(): { species: Int32Array; positions: Float64Array; arrays: Record<string, AtomArray> } {
    const arrays = new Map(
      this.columns.map(({ name, data, count }) => [
        name,
        { data, shape: count === 1 ? [this.count] : [this.count, count] },
      ]),
    );
    const species = (arrays.get('numbers') ?? arrays.get('symbols'))!.data as Int32Array;
    const positions = arrays.get('positions')!.data as Float64Array;
    for (const name of ['numbers', 'symbols', 'positions']) arrays.delete(name);
    return { species, positions, arrays: Object.fromEntries(arrays) };
  }

  private grow(): void {
    const atLeast = Math.max(1, Math.floor(initialValues / this.width));
    this.capacity = Math.min(this.count, Math.max(atLeast, 2 * this.capacity));
    for (const column of this.columns) column.resize(this.capacity * column.count);
  }

  /** What is wrong with a line that stopped at `word` in `column`. */
  private defect(column: Column, line: string, word: string): string {
    const found = line.split(/\s+/).filter((part) => part !== '').length;
    if (found >= this.width) {
      const got = JSON.stringify(word.slice(0, 80));
      return `expected ${column.expects} for ${column.name}, got ${got}`;
    }
    return (
      `expected ${this.width} columns for atom ${this.rows} of ${this.count} (counted from 0), got ${found}` +
      (found <= 1 ? '; is the number of atoms of this frame too large?' : '')
    );
  }
}

/**
 * Values for which a table takes memory before it has seen an atom: the system hands out pages only when they are
 * written to, while to copy values into larger arrays later takes time.
 */
const initialValues = 2 ** 24;

/** Space, tab, vertical tab, form feed, carriage return. */
function isBlank(byte: number): boolean {
  return byte === 0x20 || (byte >= 0x09 && byte <= 0x0d);
}
