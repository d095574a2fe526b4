/**
 * What a processor makes of 8-bit integers.
 *
 * @module
 */
import { tensorBytes } from "./emitter.ts";
import { DATA_TYPE, type OnnxModel, writeModel } from "./model_proto.ts";
import { OnnxSession } from "./session.ts";
import { float32, type Tensors } from "./tensor.ts";

/** Sizes of the product that is timed. */
const ROWS = 256;
const INNER = 1024;
const COLUMNS = 1024;

/** How often it is timed. */
const ROUNDS = 5;

/** What was found of a processor. */
export interface Int8Support {
  /**
   * Whether sums of products are right. Without VNNI, or a like of it, some
   * processors add pairs of products in 16 bits, which are too few.
   */
  readonly isExact: boolean;
  /** Time of a quantised product, as a part of that of one in float32. */
  readonly timeRatio: number;
}

const INPUT = { name: "x", shape: [ROWS, INNER], type: "float32" } as const;
const OUTPUT = { name: "y", shape: [ROWS, COLUMNS], type: "float32" } as const;

/** x times a matrix of ones, in float32. */
function floatProduct(): OnnxModel {
  const data = tensorBytes(
    new Float64Array(INNER * COLUMNS).fill(1),
    "float32",
  );
  const shape = [INNER, COLUMNS];
  return {
    nodes: [{ type: "MatMul", inputs: ["x", "w"], outputs: ["y"] }],
    initializers: [{ name: "w", shape, type: "float32", data }],
    inputs: [INPUT],
    outputs: [OUTPUT],
  };
}

/** The same, with ones as the largest integer there is. */
function quantisedProduct(): OnnxModel {
  const integers = new Uint8Array(INNER * COLUMNS).fill(127);
  const step = tensorBytes(new Float64Array(COLUMNS).fill(1 / 127), "float32");
  const shape = [INNER, COLUMNS];
  const node = (type: string, inputs: string[], ...outputs: string[]) => ({
    type,
    inputs,
    outputs,
  });
  return {
    nodes: [
      node("DynamicQuantizeLinear", ["x"], "integers", "step", "zero"),
      node("MatMulInteger", ["integers", "w", "zero"], "sums"),
      {
        ...node("Cast", ["sums"], "floats"),
        attributes: { to: DATA_TYPE.float32 },
      },
      node("Mul", ["step", "steps"], "scale"),
      node("Mul", ["floats", "scale"], "y"),
    ],
    initializers: [
      { name: "w", shape, type: "int8", data: integers },
      { name: "steps", shape: [COLUMNS], type: "float32", data: step },
    ],
    inputs: [INPUT],
    outputs: [OUTPUT],
  };
}

/** Milliseconds of the fastest of some runs, and what the last returned. */
async function time(
  session: OnnxSession,
  feeds: Tensors,
): Promise<{ least: number; sum: number }> {
  let least = Infinity;
  let sum = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const { outputs, milliseconds } = await session.run(feeds);
    least = Math.min(least, milliseconds);
    sum = float32(outputs, "y")[0]!;
  }
  return { least, sum };
}

/** Every product of the inner size is of the largest integers. */
function isRight(sum: number): boolean {
  return Math.abs(sum / INNER - 1) < 1e-3;
}

const OPTIONS = { weightsFolder: "/", prepack: true };

function ones(): Tensors {
  const data = new Float32Array(ROWS * INNER).fill(1);
  return { x: { type: "float32", shape: [ROWS, INNER], data } };
}

async function multiplyOnce(): Promise<boolean> {
  const model = writeModel(quantisedProduct());
  await using session = await OnnxSession.create(model, OPTIONS);
  const { outputs } = await session.run(ones());
  return isRight(float32(outputs, "y")[0]!);
}

let exact: Promise<boolean> | undefined;

/**
 * Whether sums of 8-bit products are right on this processor; it is found out
 * once.
 *
 * @throws {SessionError} If onnxruntime cannot run on this machine.
 */
export function isInt8Exact(): Promise<boolean> {
  return exact ??= multiplyOnce();
}

/**
 * Multiplies matrices on the processor, in float32 and on 8-bit integers. It
 * takes about a tenth of a second.
 *
 * @throws {SessionError} If onnxruntime cannot run on this machine.
 */
export async function measureInt8(): Promise<Int8Support> {
  const feeds = ones();
  await using float = await OnnxSession.create(
    writeModel(floatProduct()),
    OPTIONS,
  );
  await using quantised = await OnnxSession.create(
    writeModel(quantisedProduct()),
    OPTIONS,
  );
  const expected = await time(float, feeds);
  const found = await time(quantised, feeds);
  return {
    isExact: isRight(found.sum),
    timeRatio: found.least / expected.least,
  };
}
