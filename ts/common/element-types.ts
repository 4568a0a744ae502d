/** The types of numbers that files and native code exchange, and the typed arrays that hold them. */

interface ArrayOf {
  f64: Float64Array;
  f32: Float32Array;
  i64: BigInt64Array;
  i32: Int32Array;
  u8: Uint8Array;
}

export type ElementType = keyof ArrayOf;
export type NumericArray = ArrayOf[ElementType];

const constructors = {
  f64: Float64Array,
  f32: Float32Array,
  i64: BigInt64Array,
  i32: Int32Array,
  u8: Uint8Array,
} as const;

/** Bytes of one element. */
export function elementBytes(type: ElementType): number {
  return constructors[type].BYTES_PER_ELEMENT;
}

/** The element type of an array, also of one from another realm; undefined for anything else. */
export function elementTypeOf(array: unknown): ElementType | undefined {
  if (!ArrayBuffer.isView(array)) return undefined;
  const tag = (array as ArrayBufferView & { [Symbol.toStringTag]: string })[Symbol.toStringTag];
  return (Object.keys(constructors) as ElementType[]).find(
    (type) => constructors[type].name === tag,
  );
}

/** The memory of an array. */
export function bytesOf(array: NumericArray): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}

/**
 * Bytes as an array: a view where they are aligned, else a copy. Their number must be a multiple of the
 * element's.
 */
export function arrayFromBytes(type: ElementType, bytes: Uint8Array): NumericArray {
  const size = elementBytes(type);
  const aligned = bytes.byteOffset % size === 0 ? bytes : Uint8Array.from(bytes);
  return new constructors[type](
    aligned.buffer as ArrayBuffer,
    aligned.byteOffset,
    aligned.byteLength / size,
  );
}

/** Number of elements of an array of this shape. */
export function sizeOfShape(shape: readonly number[]): number {
  return shape.reduce((size, extent) => size * extent, 1);
}
