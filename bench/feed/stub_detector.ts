/**
 * A detector whose network takes a fixed time. All else is as in `Detector`:
 * decoding in workers, the tensor of a batch, messages to a worker and back.
 *
 * @module
 */
import type { ShardDetector } from "../../lib/batch/run.ts";
import { readDetections } from "../../lib/detector/read_detections.ts";
import { DecodePool } from "../../lib/framing/decode_pool.ts";
import { resizeBicubic } from "../../lib/image/resample.ts";
import type { Request, Response } from "../../lib/onnx/session_worker.ts";
import type { Tensors } from "../../lib/onnx/tensor.ts";

/** Options of {@linkcode openStub}. */
export interface StubOptions {
  /** Side of the model's square, in pixels. */
  readonly side: number;
  /** Time of the network. */
  readonly millisecondsAnImage: number;
  /** Workers that decode. */
  readonly workers: number;
}

type Answer = Extract<Response, { readonly outputs: Tensors }>;

/** A worker that answers in order, as a session does. */
class StubSession {
  readonly #worker: Worker;
  readonly #waiting: ((answer: Answer) => void)[] = [];

  constructor(millisecondsAnImage: number) {
    const url = new URL("./stub_worker.ts", import.meta.url);
    const name = String(millisecondsAnImage);
    this.#worker = new Worker(url, { type: "module", name });
    this.#worker.onmessage = ({ data }: MessageEvent<Answer>) =>
      this.#waiting.shift()?.(data);
  }

  run(feeds: Tensors): Promise<Answer> {
    const { promise, resolve } = Promise.withResolvers<Answer>();
    this.#waiting.push(resolve);
    const request: Request = { id: 0, run: { feeds } };
    this.#worker.postMessage(request);
    return promise;
  }

  close(): void {
    this.#worker.terminate();
  }
}

/** What is measured beside the scores. */
export interface StubDetector extends ShardDetector, Disposable {
  /** Milliseconds that the network has worked so far. */
  readonly busy: () => number;
}

/** Opens a detector that finds the same in every image. */
export function openStub(
  { side, millisecondsAnImage, workers }: StubOptions,
): StubDetector {
  const session = new StubSession(millisecondsAnImage);
  const pool = new DecodePool({ workers });
  let busy = 0;
  return {
    side,
    sessions: 1,
    busy: () => busy,
    preprocess: (image) => resizeBicubic(image, side, side).data,
    promptOf: () => ({ normal: [], abnormal: [] }),
    async decode(bytes, { category = "", signal, ...options } = {}) {
      const how = { options, side, keepImage: false, signal };
      return { ...await pool.decode(bytes, how), category };
    },
    async detect(inputs) {
      const { length: count } = inputs;
      const rgb = new Uint8Array(count * side * side * 3);
      inputs.forEach(({ pixels }, i) => rgb.set(pixels, i * pixels.length));
      const shape = [count, side, side, 3];
      const { outputs, milliseconds } = await session.run({
        rgb: { type: "uint8", shape, data: rgb },
      });
      busy += milliseconds;
      const architecture = { finish: null, mapSize: side };
      return readDetections(architecture, outputs, { count, milliseconds });
    },
    [Symbol.dispose]() {
      pool.close();
      session.close();
    },
  };
}
