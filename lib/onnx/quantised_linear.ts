/**
 * Linear layers on 8-bit integers.
 *
 * These are operators of ONNX itself, so any runtime can run them.
 * onnxruntime makes one MatMulIntegerToFloat of a product and what follows it.
 *
 * @module
 */
import type { CompositeOf, Value } from "../graph/graph.ts";
import { quantisedNames } from "../graph/quantise.ts";
import type { Emitter, QuantisedValue } from "./emitter.ts";

/** x W^T + b, with x quantised as a whole or by row, and W by output channel. */
export function emitQuantisedLinear(
  { inputs, attributes, output }: CompositeOf<"quantisedLinear">,
  emit: Emitter,
): void {
  const [x, bias] = inputs as readonly [Value, Value];
  const { integers, steps } = quantisedNames(attributes.weight);
  const quantised = quantise(x, attributes, emit);
  const sums = emit.node("MatMulInteger", [
    quantised.integers,
    emit.stored(integers),
    quantised.zero,
  ]);
  const step = emit.node("Mul", [quantised.step, emit.stored(steps)]);
  const product = emit.node("Mul", [emit.cast(sums, "float32"), step]);
  const scaled = quantised.rows === null
    ? product
    : emit.node("Mul", [product, quantised.rows]);
  emit.node("Add", [scaled, bias.name], { output: output.name });
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
