import { sizeOfShape } from '../../common/element-types';
import { parsePythonJson, stringifyPythonJson } from '../../common/json';
import { isFloat64Array, isShapedArray, isUint8Array, numericData, sameShape } from '../values';
import type { InfoValue, JsonValue, ShapedArray } from '../values';
import { formatNumber, formatReal, parseInteger, parseReal } from './numbers';

/**
 * The second line of a frame, `key=value key="several values" flag …`, read and written with the rules of
 * ASE's reader (`ase.io.extxyz.key_val_str_to_dict`, 3.29).
 */

const closing: Readonly<Record<string, string>> = { '"': '"', "'": "'", '{': '}', '[': ']' };
const logicals = new Map([
  ...['T', 'true', 'True', 'TRUE'].map((word) => [word, true] as const),
  ...['F', 'false', 'False', 'FALSE'].map((word) => [word, false] as const),
]);
/** Keys whose nine numbers are a 3 × 3 matrix, written column by column. */
const matrixKeys: ReadonlySet<string> = new Set(['stress', 'virial']);
const jsonPrefix = '_JSON ';

/** Makes the error for a defect: the caller knows where the line is. */
export type Fail = (defect: string) => Error;

/** Keys and the text of their values, in order, quotes and escapes resolved. A key alone has the value T. */
export function splitComment(line: string, fail: Fail): [key: string, text: string][] {
  const pairs: string[][] = [];
  let open: string[] | undefined; // the pair being read: its key, then what the = signs separate
  let complete = false; // the last piece is not empty, or was quoted
  let delimiter: string | undefined; // what closes the quotes or brackets we are in

  const append = (text: string) => {
    if (open === undefined) pairs.push((open = ['']));
    open[open.length - 1] += text;
    complete = true;
  };
  const text = line.trim();
  for (let at = 0; at < text.length; at++) {
    const run = ordinary(delimiter);
    run.lastIndex = at;
    if (run.test(text)) {
      append(text.slice(at, run.lastIndex));
      at = run.lastIndex;
      if (at === text.length) break;
    }
    const char = text.charAt(at);
    if (char === '\\') {
      append(text.charAt(++at));
    } else if (char === delimiter) {
      delimiter = undefined;
    } else if (char in closing) {
      delimiter = closing[char];
      append('');
    } else if (char === '=') {
      // Blanks before an = sign do not end the pair.
      open ??= pairs.at(-1);
      if (open === undefined) throw fail('the line begins with =, expected key=value');
      open.push('');
      complete = false;
    } else if (complete) {
      // A blank does, unless it follows an = sign.
      open = undefined;
    }
  }
  return pairs.map(([key = '', ...pieces]) => [key, pieces.length > 0 ? pieces.join('=') : 'T']);
}

/** What matches a run of characters without a meaning of their own, outside or inside of quotes. */
function ordinary(delimiter: string | undefined): RegExp {
  return delimiter === undefined ? unquoted : quoted[delimiter]!;
}

const unquoted = /[^\s"'{[=\\]+/y;
const quoted: Readonly<Record<string, RegExp>> = {
  '"': /[^"\\]+/y,
  "'": /[^'\\]+/y,
  '}': /[^}\\]+/y,
  ']': /[^\]\\]+/y,
};

/** The value that a text stands for: integers, reals, logicals, JSON, or the text itself. */
export function parseValue(key: string, text: string, fail: Fail): InfoValue {
  if (isVerbatim(key)) return text;
  const parts = text.split(/[\s,]+/).filter((part) => part !== '');

  const integers = allOf(parts, parseInteger);
  if (integers?.every((value) => Number.isSafeInteger(value))) {
    return integers.length === 1 ? integers[0]! : asMatrix(key, integerArray(integers));
  }
  if (integers) return text; // a double would not hold it: an identifier, not a quantity
  const reals = allOf(parts, parseReal);
  if (reals) {
    const vector = { data: Float64Array.from(reals), shape: [reals.length] };
    return reals.length === 1 ? reals[0]! : asMatrix(key, vector);
  }
  const flags = allOf(parts, (word) => logicals.get(word));
  if (flags) {
    return flags.length === 1
      ? flags[0]!
      : { data: Uint8Array.from(flags, Number), shape: [flags.length] };
  }
  return text.startsWith(jsonPrefix) ? parseJsonValue(text.slice(jsonPrefix.length), fail) : text;
}

/** One `key=value`, such that {@link splitComment} and {@link parseValue} give the value back. */
export function formatEntry(key: string, value: InfoValue): string {
  return `${quote(key)}=${quote(formatValue(key, value))}`;
}

function formatValue(key: string, value: InfoValue): string {
  if (typeof value === 'number') return formatNumber(value);
  if (typeof value === 'boolean') return value ? 'T' : 'F';
  if (typeof value === 'string') {
    return isVerbatim(key) || readsBack(key, value) ? value : jsonPrefix + JSON.stringify(value);
  }
  if (!isShapedArray(value)) return jsonPrefix + stringifyPythonJson(value);
  const matrix = matrixKeys.has(key) ? matrixNumbers(value) : undefined;
  if (matrix) return words(transposed(matrix)).join(' ');
  const isPlainVector = value.shape.length === 1 && value.data.length > 1;
  return isPlainVector && typeof value.data[0] !== 'string'
    ? words(value.data).join(' ')
    : jsonPrefix + nest(jsonWords(value.data), value.shape);
}

/** Whether a text stands for itself, and not for a number, a logical, JSON or the end of the line. */
function readsBack(key: string, text: string): boolean {
  if (/[\r\n]/.test(text) || text.startsWith(jsonPrefix)) return false;
  return parseValue(key, text, Error) === text;
}

/** The value of `uid` is text even if it looks like a number, which a hexadecimal number may. */
function isVerbatim(key: string): boolean {
  return key.toLowerCase() === 'uid';
}

function quote(text: string): string {
  return /^[^\s"'{}[\]=\\]+$/.test(text) ? text : `"${text.replace(/["\\]/g, '\\$&')}"`;
}

function words(data: ShapedArray['data']): string[] {
  if (isFloat64Array(data)) return Array.from(data, formatReal);
  if (isUint8Array(data)) return Array.from(data, (flag) => (flag ? 'T' : 'F'));
  return Array.from(data, String);
}

/** Values as nested JSON lists. */
function nest(values: readonly string[], [extent, ...inner]: readonly number[]): string {
  if (extent === undefined) return values[0]!;
  const stride = sizeOfShape(inner);
  const items = Array.from({ length: extent }, (_, i) =>
    nest(values.slice(i * stride, (i + 1) * stride), inner),
  );
  return `[${items.join(', ')}]`;
}

/** Values as JSON has them; reals keep a decimal point, so that they stay reals. */
function jsonWords(data: ShapedArray['data']): string[] {
  if (isFloat64Array(data)) {
    return Array.from(data, (x) => (Number.isFinite(x) ? formatReal(x) : String(x)));
  }
  if (isUint8Array(data)) return Array.from(data, (flag) => String(flag !== 0));
  return Array.from<unknown, string>(data, (item) => JSON.stringify(item));
}

function parseJsonValue(text: string, fail: Fail): InfoValue {
  try {
    return fromJson(parsePythonJson(text) as JsonValue, text);
  } catch (error) {
    throw fail(`damaged JSON after ${jsonPrefix}: ${(error as Error).message}`);
  }
}

/** Rectangular nested lists of numbers or of logicals are arrays; anything else stays as it is. */
function fromJson(value: JsonValue, text: string): InfoValue {
  const shape = Array.isArray(value) ? rectangularShape(value) : undefined;
  if (shape === undefined) return value;
  const leaves = leavesOf(value);
  if (leaves.length > 0 && leaves.every((leaf) => typeof leaf === 'boolean')) {
    return { data: Uint8Array.from(leaves, Number), shape };
  }
  if (!leaves.every((leaf) => typeof leaf === 'number')) return value;
  // JSON.parse makes no difference between 1 and 1.0, but the text does.
  const areReal = leaves.length === 0 || /[.eEIN]/.test(text);
  const { data } = areReal ? { data: Float64Array.from(leaves) } : integerArray(leaves);
  return { data, shape };
}

function leavesOf(value: JsonValue): JsonValue[] {
  return Array.isArray(value) ? (value as readonly JsonValue[]).flatMap(leavesOf) : [value];
}

/** Extents of nested lists, undefined when they are ragged. */
function rectangularShape(value: JsonValue): number[] | undefined {
  if (!Array.isArray(value)) return [];
  const [first, ...rest] = value.map(rectangularShape);
  if (value.length === 0) return [0];
  const agree = first && rest.every((shape) => shape && sameShape(shape, first));
  return agree ? [value.length, ...first] : undefined;
}

/** Integers as Int32Array, or as Float64Array where they do not fit. */
function integerArray(values: readonly number[]): ShapedArray {
  const data = Int32Array.from(values);
  const fits = values.every((value, i) => value === data[i]);
  return { data: fits ? data : Float64Array.from(values), shape: [values.length] };
}

/** Nine numbers under the key of a matrix become 3 × 3; anything else stays as it is. */
function asMatrix(key: string, vector: ShapedArray): ShapedArray {
  const numeric = numericData(vector);
  return numeric?.data.length === 9 && matrixKeys.has(key)
    ? { data: transposed(numeric.data), shape: [3, 3] }
    : vector;
}

/** The nine numbers of a 3 × 3 matrix, also of one given by six (xx, yy, zz, yz, xz, xy). */
function matrixNumbers(value: ShapedArray): Float64Array | Int32Array | undefined {
  const numeric = numericData(value);
  if (numeric && sameShape(numeric.shape, [3, 3])) return numeric.data;
  if (!numeric || !sameShape(numeric.shape, [6])) return undefined;
  return Float64Array.from([0, 5, 4, 5, 1, 3, 4, 3, 2], (component) => numeric.data[component]!);
}

function transposed(matrix: Float64Array | Int32Array): Float64Array | Int32Array {
  return matrix.map((_, i) => matrix[3 * (i % 3) + Math.floor(i / 3)]!);
}

function allOf<T>(
  words: readonly string[],
  parse: (word: string) => T | undefined,
): T[] | undefined {
  const values: T[] = [];
  for (const word of words) {
    const value = parse(word);
    if (value === undefined) return undefined;
    values.push(value);
  }
  return values;
}
