/**
 * Linear layers on 8-bit integers.
 *
 * As operators of ONNX itself, for any runtime, or as those that onnxruntime
 * would make of them.
 *
 * @module
 */
import type { CompositeOf, Value } from "../graph/graph.ts";
import { quantisedNames } from "../graph/quantise.ts";
import type { Emitter, QuantisedValue } from "./emitter.ts";
import { ZERO_POINT } from "./integers.ts";

type Layer = CompositeOf<"quantisedLinear">;

/**
 * x W^T + b, with x quantised as a whole or by row, and W by output channel.
 *
 * @param fuse Whether onnxruntime's own operators may be used.
 */
export function emitQuantisedLinear(
  layer: Layer,
  emit: Emitter,
  fuse: boolean | "standard",
): void {
  const [x, bias] = layer.inputs as readonly [Value, Value];
  const quantised = quantise(x, layer.attributes, emit);
  const multiply = fuse === true ? multiplyFused : multiplyStandard;
  const output = layer.output.name;
  if (quantised.rows === null) {
    multiply(layer, quantised, emit, { bias, output });
    return;
  }
  const product = multiply(layer, quantised, emit, {});
  const scaled = emit.node("Mul", [product, quantised.rows]);
  emit.node("Add", [scaled, bias.name], { output });
}

/** What is added to a product, and its name. */
interface Sum {
  readonly bias?: Value;
  readonly output?: string;
}

function multiplyFused(
  { attributes }: Layer,
  { integers, step, zero }: QuantisedValue,
  emit: Emitter,
  { bias, ...named }: Sum,
): string {
  const matrix = quantisedNames(attributes.weight);
  return emit.node("MatMulIntegerToFloat", [
    integers,
    emit.stored(matrix.integers),
    step,
    emit.stored(matrix.steps),
    zero,
    zeroOf(matrix.integers, emit),
    ...bias ? [bias.name] : [],
  ], { domain: "com.microsoft", ...named });
}

function multiplyStandard(
  { attributes }: Layer,
  { integers, step, zero }: QuantisedValue,
  emit: Emitter,
  { bias, ...named }: Sum,
): string {
  const matrix = quantisedNames(attributes.weight);
  const sums = emit.node("MatMulInteger", [
    integers,
    emit.stored(matrix.integers),
    zero,
    zeroOf(matrix.integers, emit),
  ]);
  const steps = emit.node("Mul", [step, emit.stored(matrix.steps)]);
  const factors = [emit.cast(sums, "float32"), steps];
  return bias === undefined
    ? emit.node("Mul", factors, named)
    : emit.node("Add", [emit.node("Mul", factors), bias.name], named);
}

/** Name of the integer of a matrix that stands for 0; "" for 0 itself. */
function zeroOf(integers: string, emit: Emitter): string {
  return emit.storedType(integers) === "uint8"
    ? emit.byte(ZERO_POINT.uint8)
    : "";
}

/** Quantises a value once for all that read it. */
function quantise(
  x: Value,
  { smoothing, byRow }: CompositeOf<"quantisedLinear">["attributes"],
  emit: Emitter,
): QuantisedValue {
  const key = JSON.stringify([x.name, smoothing]);
  const earlier = emit.quantised.get(key);
  if (earlier !== undefined) return earlier;
  const smooth = smoothing === null
    ? x.name
    : emit.node("Mul", [x.name, emit.stored(smoothing)]);
  const rows = byRow ? largestOfRows(smooth, emit) : null;
  const integers = `${x.name} as integers`;
  const parts = { integers, step: `${integers}, step`, zero: `${integers}, 0` };
  emit.nodes.push({
    type: "DynamicQuantizeLinear",
    inputs: [rows === null ? smooth : emit.node("Div", [smooth, rows])],
    outputs: Object.values(parts),
  });
  const quantised = { ...parts, rows };
  emit.quantised.set(key, quantised);
  return quantised;
}

/** Largest absolute value of each row; never 0. */
function largestOfRows(x: string, emit: Emitter): string {
  const sizes = emit.node("Abs", [x]);
  const largest = emit.node("ReduceMax", [sizes, emit.integers([-1])]);
  return emit.node("Max", [largest, emit.scalar(1e-12)]);
}
