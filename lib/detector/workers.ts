/**
 * The workers of a detector, which may start before its code is loaded.
 *
 * @module
 */
import { DecodePool } from "../framing/decode_pool.ts";
import { OnnxSession } from "../onnx/session.ts";

/** Images that are decoded at a time; workers start as they are needed. */
export const DECODERS: number = Math.min(navigator.hardwareConcurrency, 16);

/** The workers that a detector begins with. */
export interface DetectorWorkers {
  /** Runs the network. */
  readonly session: OnnxSession;
  /** Decodes images. */
  readonly decoder: DecodePool;
}

let early: DetectorWorkers | undefined;

function startWorkers(): DetectorWorkers {
  const session = OnnxSession.start();
  return { session, decoder: new DecodePool({ workers: DECODERS }) };
}

/** Ends workers. */
export async function closeWorkers(
  { session, decoder }: DetectorWorkers,
): Promise<void> {
  decoder.close();
  await session.close();
}

/** The workers that were started early, if no detector has them, or new ones. */
export function takeWorkers(): DetectorWorkers {
  const workers = early ?? startWorkers();
  early = undefined;
  return workers;
}

/**
 * Starts the workers of the next detector: onnxruntime and sharp are then loaded
 * beside the modules of the caller.
 *
 * @returns Ends them, if no detector has taken them.
 */
export function startWorkersEarly(): AsyncDisposable {
  early ??= startWorkers();
  early.decoder.startWorker();
  return {
    async [Symbol.asyncDispose]() {
      const workers = early;
      early = undefined;
      if (workers !== undefined) await closeWorkers(workers);
    },
  };
}
