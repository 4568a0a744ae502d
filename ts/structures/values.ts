import { elementTypeOf } from '../common/element-types';

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

/** The numbers of an array of reals or integers; undefined for logicals, text and everything else. */
export function numericData(
  value: InfoValue | undefined,
): { data: Float64Array | Int32Array; shape: readonly number[] } | undefined {
  if (!isShapedArray(value)) return undefined;
  const { data, shape } = value;
  return isFloat64Array(data) || isInt32Array(data) ? { data, shape } : undefined;
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
