import { elementTypeOf, sizeOfShape } from '../common/element-types';

/** The values that a structure carries besides its atoms: labels, results, names. */

/**
 * Values with a shape, row-major. Reals are a Float64Array, integers an Int32Array, logicals a Uint8Array of
 * 0 and 1, text an array of strings. `data` holds as many values as `shape` multiplies to.
 */
export interface ShapedArray {
  readonly data: Float64Array | Int32Array | Uint8Array | readonly string[];
  readonly shape: readonly number[];
}

/** Anything that JSON can hold; numbers may also be NaN or infinite. */
export type JsonValue =
  null | boolean | number | string | readonly JsonValue[] | { readonly [key: string]: JsonValue };

/** A value that belongs to a whole structure. */
export type InfoValue = ShapedArray | JsonValue;

/** A value for every atom: the first extent of the shape is the number of atoms. */
export type AtomArray = ShapedArray;

/** Numbers as users have them: in lists, flat or nested, in any typed array, or with a shape. */
export type NumbersLike =
  | ArrayLike<number>
  | readonly NumbersLike[]
  | { readonly data: ArrayLike<number> | readonly string[]; readonly shape: readonly number[] };

/** Whether a value is a {@link ShapedArray}, rather than a JSON object that has the same keys. */
export function isShapedArray(value: InfoValue | undefined): value is ShapedArray {
  if (typeof value !== 'object' || value === null || !('data' in value) || !('shape' in value)) {
    return false;
  }
  const { data, shape } = value;
  const extents = Array.isArray(shape) && shape.every((extent) => typeof extent === 'number');
  return extents && (ArrayBuffer.isView(data) || (Array.isArray(data) && data.every(isString)));
}

/** Whether two shapes are the same. */
export function sameShape(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((extent, axis) => extent === b[axis]);
}

/**
 * The numbers of an array of reals or integers, however it was given; undefined for logicals, text, lists whose rows
 * are not equally long, and everything else.
 */
export function numericData(
  value: unknown,
): { data: Float64Array | Int32Array; shape: readonly number[] } | undefined {
  const shaped = toShapedArray(value);
  if (!shaped || shaped.data.length !== sizeOfShape(shaped.shape)) return undefined;
  const { data, shape } = shaped;
  return isFloat64Array(data) || isInt32Array(data) ? { data, shape } : undefined;
}

/**
 * A {@link ShapedArray} of whatever holds numbers; one that is given is kept. Integers and logicals in typed arrays
 * stay what they are, all other numbers are reals. Undefined for what is no array of numbers.
 */
export function toShapedArray(value: unknown): ShapedArray | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  if (ArrayBuffer.isView(value) || Array.isArray(value)) {
    const shape: number[] = [];
    for (let inside: unknown = value; isListLike(inside); inside = inside[0]) {
      shape.push(inside.length);
    }
    if (shape.length === 1 && !Array.isArray(value)) {
      const data = typedNumbers(value);
      return data && { data, shape };
    }
    const data = new Float64Array(sizeOfShape(shape));
    return fillFrom(value, shape, 0, data, 0) ? { data, shape } : undefined;
  }
  if (!('data' in value && 'shape' in value)) return undefined;
  const { data, shape } = value;
  if (!Array.isArray(shape) || !shape.every((extent) => typeof extent === 'number')) {
    return undefined;
  }
  if (isShapedArray(value as ShapedArray)) {
    const known = isFloat64Array(data) || isInt32Array(data) || isUint8Array(data);
    if (known || Array.isArray(data)) return value as ShapedArray;
  }
  const numbers = toShapedArray(data);
  return numbers?.shape.length === 1 ? { data: numbers.data, shape } : undefined;
}

const isListLike = (value: unknown): value is ArrayLike<unknown> =>
  Array.isArray(value) || (ArrayBuffer.isView(value) && 'length' in value);

/** A typed array in one of the types that structures have; undefined for others, such as of big integers. */
function typedNumbers(array: ArrayBufferView): Float64Array | Int32Array | Uint8Array | undefined {
  if (isFloat64Array(array) || isInt32Array(array) || isUint8Array(array)) return array;
  const numbers = array as unknown as ArrayLike<unknown>;
  return typeof numbers[0] === 'number'
    ? Float64Array.from(numbers as ArrayLike<number>)
    : undefined;
}

/** Copies nested lists row by row; false where they have another shape, or hold something else than numbers. */
function fillFrom(
  value: unknown,
  shape: readonly number[],
  axis: number,
  out: Float64Array,
  at: number,
): boolean {
  if (axis === shape.length) {
    out[at] = value as number;
    return typeof value === 'number';
  }
  if (!isListLike(value) || value.length !== shape[axis]) return false;
  const stride = sizeOfShape(shape.slice(axis + 1));
  for (let i = 0; i < value.length; i++) {
    if (!fillFrom(value[i], shape, axis + 1, out, at + i * stride)) return false;
  }
  return true;
}

export function isFloat64Array(value: unknown): value is Float64Array {
  return elementTypeOf(value) === 'f64';
}

export function isInt32Array(value: unknown): value is Int32Array {
  return elementTypeOf(value) === 'i32';
}

export function isUint8Array(value: unknown): value is Uint8Array {
  return elementTypeOf(value) === 'u8';
}

function isString(value: unknown): value is string {
  return typeof value === 'string';
}
