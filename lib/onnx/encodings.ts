/**
 * How each primitive is said in ONNX operators.
 *
 * @module
 */
import type { NodeOf, Value } from "../graph/graph.ts";
import type { Primitive } from "../graph/primitives.ts";
import { BATCH, type Shape } from "../graph/shape.ts";
import type { Emitter } from "./emitter.ts";
import type { Attribute } from "./model_proto.ts";

type Encoding<P extends Primitive> = (node: NodeOf<P>, emit: Emitter) => void;

/** The encoding of each primitive. */
export const ENCODINGS: { [P in Primitive]: Encoding<P> } = {
  input: ({ output }, emit) => {
    if (output.shape[0] === BATCH) emit.batchFrom(output);
  },
  parameter: ({ output }, emit) => emit.parameter(output),
  constant: ({ output, attributes }, emit) =>
    emit.constant(output, attributes.data),
  negate: operator("Neg"),
  exp: operator("Exp"),
  log: operator("Log"),
  sqrt: operator("Sqrt"),
  sigmoid: operator("Sigmoid"),
  erf: operator("Erf"),
  leakyRelu: (node, emit) => {
    const { slope } = node.attributes;
    if (slope === 0) return operator("Relu")(node, emit);
    operator("LeakyRelu", { alpha: { float: slope } })(node, emit);
  },
  add: operator("Add"),
  subtract: operator("Sub"),
  multiply: operator("Mul"),
  divide: operator("Div"),
  maximum: operator("Max"),
  minimum: operator("Min"),
  equal: operator("Equal"),
  select: operator("Where"),
  cast: ({ inputs, output }, emit) => {
    const [x] = names(inputs);
    emit.cast(x!, emit.dataType(output.type), { output: output.name });
  },
  matMul: encodeMatMul,
  conv2d: (node, emit) => {
    const { stride, padding } = node.attributes;
    operator("Conv", {
      strides: [stride, stride],
      pads: Array(4).fill(padding),
    })(node, emit);
  },
  maxPool2d: (node, emit) => {
    const { window, stride, padding } = node.attributes;
    operator("MaxPool", {
      kernel_shape: [window, window],
      strides: [stride, stride],
      pads: Array(4).fill(padding),
    })(node, emit);
  },
  reduceSum: reduction("ReduceSum"),
  reduceMax: reduction("ReduceMax"),
  reduceMin: reduction("ReduceMin"),
  argMax: (node, emit) => {
    operator("ArgMax", { axis: node.attributes.axis })(node, emit);
  },
  reshape: ({ inputs, output }, emit) => {
    emitReshape(emit, names(inputs)[0]!, output.shape, output.name);
  },
  transpose: (node, emit) => {
    operator("Transpose", { perm: node.attributes.permutation })(node, emit);
  },
  broadcastTo: ({ inputs, output }, emit) => {
    const shape = emit.dimensions(output.shape);
    emit.node("Expand", [...names(inputs), shape], { output: output.name });
  },
  concat: (node, emit) => {
    operator("Concat", { axis: node.attributes.axis })(node, emit);
  },
  slice: ({ inputs, output, attributes }, emit) => {
    const { axis, start, end } = attributes;
    const ranges = [[start], [end], [axis]].map((v) => emit.integers(v));
    emit.node("Slice", [...names(inputs), ...ranges], { output: output.name });
  },
  gather: operator("Gather"),
};

function names(values: readonly Value[]): string[] {
  return values.map((value) => value.name);
}

/** A primitive that is one operator with the same operands. */
function operator(
  type: string,
  attributes: Record<string, Attribute> = {},
): (node: NodeOf<Primitive>, emit: Emitter) => void {
  return ({ inputs, output }, emit) => {
    emit.node(type, names(inputs), { output: output.name, attributes });
  };
}

function reduction(
  type: string,
): Encoding<"reduceSum" | "reduceMax" | "reduceMin"> {
  return ({ inputs, output, attributes }, emit) => {
    const axes = emit.integers(attributes.axes);
    emit.node(type, [...names(inputs), axes], { output: output.name });
  };
}

/** Adds a Reshape; ONNX calls the one free dimension -1. */
export function emitReshape(
  emit: Emitter,
  x: string,
  shape: Shape,
  output?: string,
): string {
  const sizes = emit.integers(shape.map((size) => Math.max(size, -1)));
  return emit.node("Reshape", [x, sizes], output ? { output } : {});
}

/**
 * x W^T + b for a matrix W [out, in], as one Gemm over all rows of x: it reads
 * weights as checkpoints store them.
 */
export function emitGemm(
  emit: Emitter,
  operands: readonly Value[],
  output: Value,
): void {
  const [x, ...rest] = operands;
  const width = x!.shape.at(-1)!;
  const flat = x!.shape.length === 2
    ? x!.name
    : emitReshape(emit, x!.name, [-1, width]);
  const inputs = [flat, ...names(rest)];
  const attributes = { transB: 1 };
  if (x!.shape.length === 2) {
    emit.node("Gemm", inputs, { attributes, output: output.name });
    return;
  }
  const rows = emit.node("Gemm", inputs, { attributes });
  emitReshape(emit, rows, output.shape, output.name);
}

function encodeMatMul(
  { inputs, output, attributes }: NodeOf<"matMul">,
  emit: Emitter,
): void {
  const [a, b] = inputs as readonly [Value, Value];
  const { transposeA, transposeB } = attributes;
  if (b.shape.length === 2 && transposeB && !transposeA) {
    return emitGemm(emit, [a, b], output);
  }
  const left = transposeA ? emitMatrixTranspose(emit, a) : a.name;
  const right = transposeB ? emitMatrixTranspose(emit, b) : b.name;
  emit.node("MatMul", [left, right], { output: output.name });
}

function emitMatrixTranspose(emit: Emitter, x: Value): string {
  const axes = x.shape.map((_, axis) => axis);
  const perm = [...axes.slice(0, -2), axes.at(-1)!, axes.at(-2)!];
  return emit.node("Transpose", [x.name], { attributes: { perm } });
}
