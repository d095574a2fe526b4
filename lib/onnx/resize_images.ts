/**
 * Resizing inside an ONNX model, as Pillow does it.
 *
 * ONNX's Resize operator is not used: OpenCV has no cubic one, and that of
 * onnxruntime rounds differently. Two matrix products with weights that are
 * computed from the size of the image run everywhere.
 *
 * @module
 */
import type { Emitter } from "./emitter.ts";

/** Half the width of the bicubic filter in samples, at scale 1. */
const SUPPORT = 2;

/** The two pieces of Keys' cubic with a = -0.5, highest power first. */
const INNER = [1.5, -2.5, 0, 1];
const OUTER = [-0.5, 2.5, -4, 2];

/**
 * Adds operators that resize images of any size with Pillow's antialiased
 * bicubic filter: along rows first, rounded to bytes after each direction.
 * Pillow's weights have 22 bits; so a byte may differ by one where a sum lies
 * on the border between two.
 *
 * @param images The name of bytes [B, height, width, 3].
 * @param side The new width and height.
 * @returns The name of whole numbers from 0 to 255 as float32,
 * [B, 3, side, side].
 */
export function emitResizeImages(
  emit: Emitter,
  images: string,
  side: number,
): string {
  const floats = emit.cast(images, "float32");
  const planes = emit.node("Transpose", [floats], {
    attributes: { perm: [0, 3, 1, 2] },
  }); // [B, 3, height, width]
  const columns = emit.node("Transpose", [
    emitWeights(emit, sizeOf(emit, images, 2), side),
  ], { attributes: { perm: [1, 0] } }); // [width, side]
  const narrow = emitBytes(emit, emit.node("MatMul", [planes, columns]));
  const rows = emitWeights(emit, sizeOf(emit, images, 1), side);
  return emitBytes(emit, emit.node("MatMul", [rows, narrow]));
}

/** One dimension of a tensor, as a list of one float32. */
function sizeOf(emit: Emitter, tensor: string, axis: number): string {
  const size = emit.node("Shape", [tensor], {
    attributes: { start: axis, end: axis + 1 },
  });
  return emit.cast(size, "float32");
}

/** The share that each source sample has in each target sample. */
function emitWeights(emit: Emitter, size: string, side: number): string {
  const scalar = (value: number) => emit.floats([value]);
  const scale = emit.node("Div", [size, scalar(side)]);
  const middles = Array.from({ length: side }, (_, i) => i + 0.5);
  const centres = emit.node("Mul", [emit.floats(middles, [side, 1]), scale]);
  const end = emit.node("Squeeze", [size, emit.integers([0])]);
  const range = emit.node("Range", [scalar(0), end, scalar(1)]);
  const samples = emit.node("Add", [range, scalar(0.5)]);
  const distance = emit.node("Sub", [samples, centres]); // [side, size]
  const stretch = emit.node("Max", [scale, scalar(1)]);
  const t = emit.node("Abs", [emit.node("Div", [distance, stretch])]);
  // Each piece is 0 where the other one begins and where the filter ends.
  const near = emit.node("Min", [t, scalar(1)]);
  const far = emit.node("Min", [
    emit.node("Max", [t, scalar(1)]),
    scalar(SUPPORT),
  ]);
  const filter = emit.node("Add", [
    emitPolynomial(emit, near, INNER),
    emitPolynomial(emit, far, OUTER),
  ]);
  const sums = emit.node("ReduceSum", [filter, emit.integers([1])]);
  return emit.node("Div", [filter, sums]);
}

/** Horner's rule. */
function emitPolynomial(
  emit: Emitter,
  x: string,
  [first = 0, ...rest]: readonly number[],
): string {
  let sum = emit.floats([first]);
  for (const coefficient of rest) {
    const product = emit.node("Mul", [sum, x]);
    sum = coefficient === 0
      ? product
      : emit.node("Add", [product, emit.floats([coefficient])]);
  }
  return sum;
}

/** Rounds to whole numbers from 0 to 255. */
function emitBytes(emit: Emitter, x: string): string {
  const up = emit.node("Add", [x, emit.floats([0.5])]);
  const limits = [emit.floats([0]), emit.floats([255])];
  return emit.node("Clip", [emit.node("Floor", [up]), ...limits]);
}
