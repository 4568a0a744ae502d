import { chemicalSymbols, isAtomicNumber } from '../elements';
import type { AtomArray } from '../values';
import { parseInteger, scanReal } from './numbers';
import type { Property } from './properties';

/** The values of one property of all atoms, filled one after the other. */
export abstract class Column<Data extends AtomArray['data'] = AtomArray['data']> {
  abstract data: Data;
  /** What a value has to be, in words. */
  abstract readonly expects: string;

  constructor(
    readonly name: string,
    /** Values per atom. */
    readonly count: number,
  ) {}

  /** Takes memory for this many values; those there are stay. */
  abstract resize(size: number): void;

  /** Sets value i from the word `bytes[start] … bytes[end - 1]`; false when the word is no such value. */
  abstract set(i: number, bytes: Buffer, start: number, end: number): boolean;
}

/** The column for a property. Symbols are elements unless the frame also has atomic numbers. */
export function makeColumn({ name, type, count }: Property, hasNumbers: boolean): Column {
  if (name === 'positions') return new PositionColumn(name, count);
  if (name === 'numbers') return new AtomicNumberColumn(name, count);
  if (name === 'symbols' && !hasNumbers) return new ElementColumn(name, count);
  switch (type) {
    case 'R':
      return new RealColumn(name, count);
    case 'I':
      return new IntegerColumn(name, count);
    case 'L':
      return new LogicalColumn(name, count);
    case 'S':
      return new TextColumn(name, count);
  }
}

class RealColumn extends Column<Float64Array> {
  data = new Float64Array();
  readonly expects: string = 'a real number';

  resize(size: number): void {
    this.data = resized(new Float64Array(size), this.data);
  }

  set(i: number, bytes: Buffer, start: number, end: number): boolean {
    const value = scanReal(bytes, start, end);
    if (value === undefined) return false;
    this.data[i] = value;
    return true;
  }
}

class PositionColumn extends RealColumn {
  override readonly expects = 'a finite real number';

  override set(i: number, bytes: Buffer, start: number, end: number): boolean {
    return super.set(i, bytes, start, end) && Number.isFinite(this.data[i]);
  }
}

class IntegerColumn extends Column<Int32Array> {
  data = new Int32Array();
  readonly expects: string = 'an integer of 32 bits';

  resize(size: number): void {
    this.data = resized(new Int32Array(size), this.data);
  }

  set(i: number, bytes: Buffer, start: number, end: number): boolean {
    const value = parseInteger(bytes.toString('latin1', start, end));
    if (value === undefined) return false;
    this.data[i] = value;
    return this.data[i] === value;
  }
}

class AtomicNumberColumn extends IntegerColumn {
  override readonly expects = 'an atomic number from 1 to 118';

  override set(i: number, bytes: Buffer, start: number, end: number): boolean {
    return super.set(i, bytes, start, end) && isAtomicNumber(this.data[i]!);
  }
}

class ElementColumn extends Column<Int32Array> {
  data = new Int32Array();
  readonly expects = 'a chemical symbol';

  resize(size: number): void {
    this.data = resized(new Int32Array(size), this.data);
  }

  set(i: number, bytes: Buffer, start: number, end: number): boolean {
    const second = end - start === 2 ? letterIndex(bytes[start + 1]!) : 0;
    const number = end - start <= 2 ? elements[27 * letterIndex(bytes[start]!) + second] : 0;
    this.data[i] = number ?? 0;
    return this.data[i] !== 0;
  }
}

class LogicalColumn extends Column<Uint8Array> {
  data = new Uint8Array();
  readonly expects = 'T or F';

  resize(size: number): void {
    this.data = resized(new Uint8Array(size), this.data);
  }

  set(i: number, bytes: Buffer, start: number, end: number): boolean {
    const word = bytes.toString('latin1', start, end);
    this.data[i] = word === 'T' || word === 'True' ? 1 : 0;
    return this.data[i] === 1 || word === 'F' || word === 'False';
  }
}

class TextColumn extends Column<string[]> {
  data: string[] = [];
  readonly expects = 'text';

  resize(): void {
    // An array of strings grows by itself.
  }

  set(i: number, bytes: Buffer, start: number, end: number): boolean {
    this.data[i] = bytes.toString('utf8', start, end);
    return true;
  }
}

/** 1 to 26 for a letter of any case; far outside the table of elements for anything else. */
function letterIndex(byte: number): number {
  const index = (byte | 0x20) - 0x60;
  return index >= 1 && index <= 26 ? index : 1e4;
}

/** Atomic number by the letters of the symbol, so that reading an element makes no string. */
const elements = new Uint8Array(27 * 27);
chemicalSymbols.forEach((symbol, number) => {
  if (number === 0) return;
  const [first, second] = Buffer.from(symbol);
  elements[27 * letterIndex(first!) + (second === undefined ? 0 : letterIndex(second))] = number;
});

function resized<T extends Float64Array | Int32Array | Uint8Array>(larger: T, current: T): T {
  larger.set(current);
  return larger;
}
