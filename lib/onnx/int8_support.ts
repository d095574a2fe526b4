/**
 * What a processor makes of 8-bit integers.
 *
 * @module
 */
import { tensorBytes } from "./emitter.ts";
import { DATA_TYPE, type OnnxModel, writeModel } from "./model_proto.ts";
import { type IntegerType, ZERO_POINT } from "./integers.ts";
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
  /** The integers whose products are summed without loss, if there are such. */
  readonly integers: IntegerType | undefined;
  /** Time of a product of those, as a part of that of one in float32. */
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
function quantisedProduct(kind: IntegerType): OnnxModel {
  const zero = ZERO_POINT[kind];
  const integers = new Uint8Array(INNER * COLUMNS).fill(zero + 127);
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
      node("MatMulInteger", ["integers", "w", "zero", "w zero"], "sums"),
      {
        ...node("Cast", ["sums"], "floats"),
        attributes: { to: DATA_TYPE.float32 },
      },
      node("Mul", ["step", "steps"], "scale"),
      node("Mul", ["floats", "scale"], "y"),
    ],
    initializers: [
      { name: "w", shape, type: kind, data: integers },
      { name: "w zero", shape: [], type: kind, data: Uint8Array.of(zero) },
      { name: "steps", shape: [COLUMNS], type: "float32", data: step },
    ],
    inputs: [INPUT],
    outputs: [OUTPUT],
  };
}

/** Milliseconds of the fastest of some runs. */
async function time(session: OnnxSession, feeds: Tensors): Promise<number> {
  let least = Infinity;
  for (let round = 0; round < ROUNDS; round++) {
    const { milliseconds } = await session.run(feeds);
    least = Math.min(least, milliseconds);
  }
  return least;
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

async function isExact(kind: IntegerType): Promise<boolean> {
  const model = writeModel(quantisedProduct(kind));
  await using session = await OnnxSession.create(model, OPTIONS);
  const { outputs } = await session.run(ones());
  return isRight(float32(outputs, "y")[0]!);
}

async function findExact(): Promise<IntegerType | undefined> {
  if (await isExact("int8")) return "int8";
  return await isExact("uint8") ? "uint8" : undefined;
}

let exact: ReturnType<typeof findExact> | undefined;

/**
 * The integers whose products this processor sums without loss, the faster ones
 * where both are; undefined if none are. It is found out once.
 *
 * @throws {SessionError} If onnxruntime cannot run on this machine.
 */
export function exactIntegers(): Promise<IntegerType | undefined> {
  return exact ??= findExact();
}

/**
 * Multiplies matrices on the processor, in float32 and on 8-bit integers. It
 * takes about a tenth of a second.
 *
 * @throws {SessionError} If onnxruntime cannot run on this machine.
 */
export async function measureInt8(): Promise<Int8Support> {
  const feeds = ones();
  const integers = await exactIntegers();
  await using float = await OnnxSession.create(
    writeModel(floatProduct()),
    OPTIONS,
  );
  await using quantised = await OnnxSession.create(
    writeModel(quantisedProduct(integers ?? "int8")),
    OPTIONS,
  );
  const expected = await time(float, feeds);
  const found = await time(quantised, feeds);
  return { integers, timeRatio: found / expected };
}
