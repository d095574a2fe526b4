/**
 * The detector of another thread.
 *
 * @module
 */
import type { RunDetector, ShardDetector } from "../../../batch/run.ts";
import type { Detection, FramedInput } from "../../../detector/detector.ts";
import type { NamedDecoding } from "../../../detector/image_source.ts";
import { layFile } from "../../../evaluation/image_detector.ts";
import { resizeBicubic } from "../../../image/resample.ts";
import type { Sentences } from "../../../methods/sentences.ts";
import type { Calls, Method } from "./calls.ts";

/** What is told of a detector before anything is asked of it. */
export interface DetectorFacts extends
  Pick<
    RunDetector,
    "side" | "sessions" | "precision" | "learned" | "frame"
  > {}

/**
 * Tells of a detector.
 *
 * @returns Plain data.
 */
export function factsOf(detector: ShardDetector): DetectorFacts {
  const { side, sessions, precision, learned, framing } = detector;
  return {
    side,
    sessions,
    ...precision !== undefined && { precision },
    ...learned !== undefined && { learned },
    ...framing !== undefined && { frame: framing.settings },
  };
}

/**
 * A detector whose work the other side does, decoding included.
 *
 * @param calls Leads to the other side.
 * @param facts What {@linkcode factsOf} has told.
 */
export function remoteDetector(
  calls: Calls,
  facts: DetectorFacts,
): RunDetector {
  const { side } = facts;
  return {
    ...facts,
    preprocess: (image) => resizeBicubic(image, side, side).data,
    detect: (inputs) => calls.call<Detection[]>("detect", [inputs]),
    layFile: (bytes, { signal, ...options }) => {
      // What is part of a larger buffer would take all of it along.
      const copy = new Uint8Array(bytes);
      const moved = [copy.buffer];
      return calls.call("lay", [copy, options], { signal, moved });
    },
    promptOf: (category) => calls.call<Sentences>("prompt", [category]),
    memory: (category) =>
      calls.call<Uint8Array<ArrayBuffer> | undefined>("memory", [category]),
  };
}

/**
 * Answers the calls of {@linkcode remoteDetector}.
 *
 * @returns One method a call.
 */
export function detectorMethods(
  detector: ShardDetector,
): Record<string, Method> {
  return {
    detect: ([inputs]) => detector.detect(inputs as readonly FramedInput[]),
    lay: ([bytes, options], signal) => {
      const asked = { ...options as NamedDecoding, signal };
      return layFile(detector, bytes as Uint8Array, asked);
    },
    prompt: async ([category]) => await detector.promptOf(category as string),
    memory: async ([category]) => await detector.memory?.(category as string),
  };
}
