/**
 * A batch as single images.
 *
 * @module
 */
import type { RunOptions, RunResult } from "../onnx/session.ts";
import { float32, type Tensor, type Tensors } from "../onnx/tensor.ts";
import type { SessionPool } from "./session_pool.ts";

/** Image `i` of a fed tensor, apart: a message copies the whole memory of a part. */
function imageOf(tensor: Tensor, i: number): Tensor {
  const [count = 1, ...rest] = tensor.shape;
  const size = tensor.data.length / count;
  const data = tensor.data.slice(i * size, (i + 1) * size);
  return { ...tensor, shape: [1, ...rest], data } as Tensor;
}

function joined(parts: readonly Tensors[], name: string): Tensor<"float32"> {
  const arrays = parts.map((part) => float32(part, name));
  const size = arrays[0]!.length;
  const data = new Float32Array(parts.length * size);
  arrays.forEach((array, i) => data.set(array, i * size));
  const [, ...rest] = parts[0]![name]!.shape;
  return { type: "float32", shape: [parts.length, ...rest], data };
}

/**
 * Runs the images of a batch one by one, so that none depends on another.
 *
 * @param pool The sessions.
 * @param feeds Tensors whose first dimension is the batch.
 * @param options Followers and outputs, as for the whole batch.
 * @returns The outputs of the batch, and the time of all its images.
 * @throws {SessionError} If a tensor does not fit or an operator fails.
 */
export async function runEach(
  pool: Pick<SessionPool, "run">,
  feeds: Tensors,
  { followers, ...options }: RunOptions,
): Promise<RunResult> {
  const count = Object.values(feeds)[0]!.shape[0]!;
  const results = await Promise.all(
    Array.from({ length: count }, (_, i) => {
      const own = Object.entries(feeds).map(([name, tensor]) =>
        [name, imageOf(tensor, i)] as const
      );
      return pool.run(Object.fromEntries(own), {
        ...options,
        ...followers && { followers: [followers[i]] },
      });
    }),
  );
  const parts = results.map(({ outputs }) => outputs);
  const names = Object.keys(parts[0]!);
  return {
    outputs: Object.fromEntries(
      names.map((name) => [name, joined(parts, name)]),
    ),
    milliseconds: results.reduce(
      (sum, { milliseconds }) => sum + milliseconds,
      0,
    ),
  };
}
