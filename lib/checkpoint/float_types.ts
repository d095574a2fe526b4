/**
 * The floating-point types that checkpoints store, to and from float32.
 *
 * @module
 */

/** Float types that can be read and written. */
export type FloatDtype = "F32" | "F16" | "BF16";

/** Whether a dtype of a header is one that can be read as numbers here. */
export function isFloatDtype(dtype: string): dtype is FloatDtype {
  return dtype === "F32" || dtype === "F16" || dtype === "BF16";
}

function fromBfloat16(halves: Uint16Array): Float32Array {
  const bits = new Uint32Array(halves.length);
  for (let i = 0; i < halves.length; i++) bits[i] = halves[i]! << 16;
  return new Float32Array(bits.buffer);
}

/** Rounds to nearest, ties to even, as PyTorch does; NaN stays NaN. */
function toBfloat16(values: Float32Array): Uint16Array {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  const halves = new Uint16Array(values.length);
  for (let i = 0; i < bits.length; i++) {
    const b = bits[i]!;
    const isNaN = (b & 0x7fffffff) > 0x7f800000;
    halves[i] = isNaN ? 0x7fc0 : (b + 0x7fff + ((b >>> 16) & 1)) >>> 16;
  }
  return halves;
}

/**
 * Reads little-endian floats of any supported type as float32.
 *
 * @param bytes A buffer that starts at the first element.
 * @param dtype What the bytes hold.
 */
export function decodeFloats(
  bytes: ArrayBuffer,
  dtype: FloatDtype,
): Float32Array {
  switch (dtype) {
    case "F32":
      return new Float32Array(bytes);
    case "F16":
      return Float32Array.from(new Float16Array(bytes));
    case "BF16":
      return fromBfloat16(new Uint16Array(bytes));
  }
}

/**
 * Writes float32 as little-endian floats of any supported type, rounding to
 * nearest with ties to even.
 */
export function encodeFloats(
  values: Float32Array,
  dtype: FloatDtype,
): Uint8Array {
  switch (dtype) {
    case "F32":
      return new Uint8Array(
        values.buffer,
        values.byteOffset,
        values.byteLength,
      );
    case "F16":
      return new Uint8Array(new Float16Array(values).buffer);
    case "BF16":
      return new Uint8Array(toBfloat16(values).buffer);
  }
}
