/**
 * The ONNX operators of each primitive.
 *
 * @module
 */
import type { NodeOf, Value } from "../graph/graph.ts";
import type { Primitive } from "../graph/primitives.ts";
import { BATCH } from "../graph/shape.ts";
import type { Emitter } from "./emitter.ts";
import type { Attribute } from "./model_proto.ts";
import { emitByRow, emitReshape, emitRows, rowsOf } from "./rows.ts";

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
    if (slope === 0) return byRow("Relu")(node, emit);
    byRow("LeakyRelu", { alpha: { float: slope } })(node, emit);
  },
  add: byRow("Add"),
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
  detach: operator("Identity"),
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
  conv2dInputGradient: encodeConv2dInputGradient,
  conv2dKernelGradient: encodeConv2dKernelGradient,
  maxPool2dGradient: encodeMaxPool2dGradient,
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

/** The same, of a primitive that does to each row what it does to all. */
function byRow(
  type: string,
  attributes: Record<string, Attribute> = {},
): (node: NodeOf<Primitive>, emit: Emitter) => void {
  return ({ inputs, output }, emit) => {
    emitByRow(emit, inputs, output, (inputs, name) => {
      emit.node(type, inputs, { output: name, attributes });
    });
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
  const inputs = [rowsOf(emit, x!), ...names(rest)];
  emitRows(emit, output, (name) => {
    emit.node("Gemm", inputs, { attributes: { transB: 1 }, output: name });
  });
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

/** A transposed convolution whose output is padded to the input's size. */
function encodeConv2dInputGradient(
  { inputs, output, attributes }: NodeOf<"conv2dInputGradient">,
  emit: Emitter,
): void {
  const [cotangent, kernel] = inputs as readonly [Value, Value];
  const { stride, padding, shape } = attributes;
  const missing = [2, 3].map((axis) =>
    shape[axis]! + 2 * padding - kernel.shape[axis]! -
    stride * (cotangent.shape[axis]! - 1)
  );
  emit.node("ConvTranspose", names(inputs), {
    output: output.name,
    attributes: {
      strides: [stride, stride],
      pads: Array(4).fill(padding),
      output_padding: missing,
    },
  });
}

/** A convolution of the input with the cotangent, samples as channels. */
function encodeConv2dKernelGradient(
  { inputs, output, attributes }: NodeOf<"conv2dKernelGradient">,
  emit: Emitter,
): void {
  const { stride, padding, shape } = attributes;
  const perm = { attributes: { perm: [1, 0, 2, 3] } };
  const swapped = names(inputs).map((x) => emit.node("Transpose", [x], perm));
  const all = emit.node("Conv", swapped, {
    attributes: { dilations: [stride, stride], pads: Array(4).fill(padding) },
  }); // [C, O, >= h, >= w]
  const ranges = [[0, 0], shape.slice(2), [2, 3]].map((v) => emit.integers(v));
  const kernel = emit.node("Slice", [all, ...ranges]);
  emit.node("Transpose", [kernel], { ...perm, output: output.name });
}

/** Adds each cotangent at the place that its maximum came from. */
function encodeMaxPool2dGradient(
  { inputs, output, attributes }: NodeOf<"maxPool2dGradient">,
  emit: Emitter,
): void {
  const [x, cotangent] = names(inputs) as [string, string];
  const { window, stride, padding } = attributes;
  const places = `${output.name} places`;
  emit.nodes.push({
    type: "MaxPool",
    inputs: [x],
    outputs: [`${output.name} maxima`, places],
    attributes: {
      kernel_shape: [window, window],
      strides: [stride, stride],
      pads: Array(4).fill(padding),
    },
  });
  const zeros = emit.node("Mul", [x, emit.scalar(0)]);
  const [flat, at, by] = [zeros, places, cotangent].map((name) =>
    emitReshape(emit, name, [-1])
  ) as [string, string, string];
  const sums = emit.node("ScatterElements", [flat, at, by], {
    attributes: { axis: 0, reduction: "add" },
  });
  emitReshape(emit, sums, output.shape, output.name);
}
