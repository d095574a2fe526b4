/**
 * Stands for the worker of a session: takes the same messages, waits as long as
 * a card would compute, and answers with maps of the same size. It waits
 * asleep, so that the processor is free for what feeds it.
 *
 * @module
 */
import type { Request, Response } from "../../lib/onnx/session_worker.ts";
import type { Tensor } from "../../lib/onnx/tensor.ts";

/** The part of a worker's global scope that is used here. */
interface WorkerScope {
  readonly name: string;
  onmessage: ((event: MessageEvent<Request>) => void) | null;
  postMessage(message: Response, transfer: Transferable[]): void;
}

const scope = globalThis as unknown as WorkerScope;
const millisecondsAnImage = Number(scope.name);
const asleep = new Int32Array(new SharedArrayBuffer(4));

function floats(
  shape: readonly number[],
  data: Float32Array<ArrayBuffer>,
): Tensor<"float32"> {
  return { type: "float32", shape, data };
}

/** Maps that are smooth with a little noise, as those of a model are. */
function mapsOf(side: number, logit: (x: number) => number): Float32Array {
  return Float32Array.from({ length: side * side }, (_, i) => {
    const [x, y] = [i % side, Math.floor(i / side)];
    const wave = Math.sin(9 * x / side) * Math.cos(7 * y / side);
    return logit(3 * wave - 2 + (i * 7919 % 101) / 1000);
  });
}

let maps: { readonly m: Float32Array; readonly logits: Float32Array };

function repeat(map: Float32Array, count: number): Float32Array<ArrayBuffer> {
  const all = new Float32Array(count * map.length);
  for (let i = 0; i < count; i++) all.set(map, i * map.length);
  return all;
}

scope.onmessage = ({ data: request }) => {
  if (!("run" in request)) return;
  const start = performance.now();
  const { shape: [count = 1, side = 1] } = request.run.feeds["rgb"]!;
  maps ??= {
    m: mapsOf(side, (x) => 1 / (1 + Math.exp(-x))),
    logits: mapsOf(side, (x) => x),
  };
  const map = repeat(maps.m, count);
  const logit_map = repeat(maps.logits, count);
  const spent = performance.now() - start;
  const left = count * millisecondsAnImage - spent;
  if (left > 0) Atomics.wait(asleep, 0, 0, left);
  const score = new Float32Array(count).fill(0.7);
  const shapeOfMaps = [count, side, side];
  scope.postMessage({
    id: request.id,
    milliseconds: performance.now() - start,
    outputs: {
      map: floats(shapeOfMaps, map),
      logit_map: floats(shapeOfMaps, logit_map),
      score: floats([count], score),
      score_logit: floats([count], score.slice()),
    },
  }, [map.buffer, logit_map.buffer]);
};
