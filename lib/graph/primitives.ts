/**
 * The vocabulary of tensor programs. Everything else is a table over these
 * primitives: output shapes (`shape_rules.ts`), gradients (`vjp_rules.ts`), ONNX
 * operators (`lib/onnx/encodings.ts`) and TensorFlow.js kernels
 * (`lib/tfjs/kernels.ts`).
 *
 * @module
 */
import type { Shape } from "./shape.ts";

/**
 * Element types. `float` is the precision that the network runs in; `wide` is
 * a float that never has fewer than 32 bits, for probabilities and logarithms;
 * which of them is float16, float32 or float64 is chosen when a graph is
 * encoded. `half` is float16 at every precision: tensors are cast to it and back
 * where published code rounds them.
 */
export type ElementType = "float" | "wide" | "half" | "int" | "uint8" | "bool";

/** No attributes. */
export type None = Record<never, never>;

/** What each primitive needs to know beyond its inputs. */
export interface Attributes {
  // Leaves
  /** A tensor that each run is given. */
  input: { name: string; shape: Shape; type: ElementType };
  /** A tensor of a checkpoint, found by its name there. */
  parameter: { name: string; shape: Shape };
  /** Numbers written in the graph, row-major. */
  constant: { data: Float64Array; shape: Shape; type: ElementType };

  // Element by element, with broadcasting
  negate: None;
  exp: None;
  log: None;
  sqrt: None;
  sigmoid: None;
  /** The error function, 2/sqrt(pi) times the integral of exp(-t^2) to x. */
  erf: None;
  /** x where x > 0, else slope x; a slope of 0 is ReLU. */
  leakyRelu: { slope: number };
  add: None;
  subtract: None;
  multiply: None;
  divide: None;
  maximum: None;
  minimum: None;
  equal: None;
  /** Input 1 where input 0 holds, else input 2. */
  select: None;
  cast: { to: ElementType };
  /** The same numbers, through which no gradient flows. */
  detach: None;

  // Contractions
  /** Batched matrix product over the last two axes. */
  matMul: { transposeA: boolean; transposeB: boolean };
  /** Cross-correlation, NCHW by OIHW, equal stride and zero padding. */
  conv2d: { stride: number; padding: number };
  /** Maximum over square windows, NCHW; padding never wins. */
  maxPool2d: { window: number; stride: number; padding: number };

  // Their cotangents
  /** What a conv2d of an input of `shape` pulls back: by cotangent and kernel. */
  conv2dInputGradient: { stride: number; padding: number; shape: Shape };
  /** What a conv2d with a kernel of `shape` pulls back: by input and cotangent. */
  conv2dKernelGradient: { stride: number; padding: number; shape: Shape };
  /** What a maxPool2d pulls back, to the first maximum: by input and cotangent. */
  maxPool2dGradient: { window: number; stride: number; padding: number };

  // Reductions; reduced axes stay with size 1
  reduceSum: { axes: readonly number[] };
  reduceMax: { axes: readonly number[] };
  reduceMin: { axes: readonly number[] };
  /** Position of the first maximum along an axis, as int. */
  argMax: { axis: number };

  // Movement
  reshape: { shape: Shape };
  transpose: { permutation: readonly number[] };
  broadcastTo: { shape: Shape };
  concat: { axis: number };
  slice: { axis: number; start: number; end: number };
  /** Rows of input 0 chosen by the integers of input 1. */
  gather: None;
}

/** Name of a primitive. */
export type Primitive = keyof Attributes;
