/**
 * Values as matrices of rows, which ONNX's Gemm multiplies.
 *
 * @module
 */
import type { Value } from "../graph/graph.ts";
import { sameShape, type Shape } from "../graph/shape.ts";
import type { Emitter } from "./emitter.ts";

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

/** The name of a value [.., D] as a matrix [rows, D]: it is reshaped once. */
export function rowsOf(emit: Emitter, { name, shape }: Value): string {
  if (shape.length === 2) return name;
  const earlier = emit.rows.get(name);
  if (earlier !== undefined) return earlier;
  const rows = emitReshape(emit, name, [-1, shape.at(-1)!]);
  emit.rows.set(name, rows);
  return rows;
}

/**
 * Adds an operator that computes the rows of a value, and a Reshape to the value
 * itself, which is left out of the model where only rows are read.
 *
 * @param add Adds the operator, whose output gets the name that it is given.
 */
export function emitRows(
  emit: Emitter,
  { name, shape }: Value,
  add: (name: string) => void,
): void {
  if (shape.length === 2) return add(name);
  const rows = `${name} as rows`;
  add(rows);
  emit.rows.set(name, rows);
  emitReshape(emit, rows, shape, name);
}

/**
 * Adds an operator that does the same to each row. Between linear layers it
 * works on rows as they are, so nothing is reshaped there and back.
 *
 * @param inputs What it reads: values of the output's shape.
 * @param add Adds the operator, given the names that it reads and its output's.
 */
export function emitByRow(
  emit: Emitter,
  inputs: readonly Value[],
  output: Value,
  add: (inputs: readonly string[], name: string) => void,
): void {
  const isByRow = inputs.some(({ name }) => emit.rows.has(name)) &&
    inputs.every(({ shape }) => sameShape(shape, output.shape));
  if (!isByRow) return add(inputs.map(({ name }) => name), output.name);
  const rows = inputs.map((input) => rowsOf(emit, input));
  emitRows(emit, output, (name) => add(rows, name));
}
