/**
 * Helpers of the benchmarks of the server.
 *
 * @module
 */
import { allStores } from "../lib/batch/stores.ts";
import { Detector } from "../lib/detector/detector.ts";
import { encodePng } from "../lib/image/encode.ts";
import { listen } from "../lib/server/listen.ts";
import { ScoringServer } from "../lib/server/server.ts";

/** Images per run of the network. */
export const BATCH = 8;
/** Requests at one time. */
export const CLIENTS = 16;

const CATEGORY = "object";

/** A server at a port of its own, and its detector. */
export interface Endpoint extends AsyncDisposable {
  /** The detector. */
  readonly detector: Detector;
  /** Its address. */
  readonly address: string;
}

/** Opens a model and serves it. */
export async function openEndpoint(model: string): Promise<Endpoint> {
  const detector = await Detector.open(model, {
    categories: [CATEGORY],
    sessions: 0,
  });
  const server = new ScoringServer({
    modelName: "bench",
    stores: allStores(),
    batchSize: BATCH,
  });
  const settings = {
    model: { name: "bench", fingerprint: "" },
    smooth: 0,
    precision: "f32" as const,
    prompts: null,
    heatRange: [0, 1] as const,
    bitDepth: 16 as const,
  };
  server.modelLoaded({ detector, settings });
  const listening = await listen(server, { hostname: "127.0.0.1", port: 0 });
  return {
    detector,
    address: `http://127.0.0.1:${listening.port}`,
    async [Symbol.asyncDispose]() {
      await listening.drain({ accept: 0 });
      await detector.close();
    },
  };
}

/** An image of noise, which PNG cannot compress. */
export async function picture(seed: number): Promise<Uint8Array<ArrayBuffer>> {
  const side = 256;
  let state = seed * 2654435761 + 1 >>> 0;
  const data = Uint8Array.from({ length: side * side * 3 }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state >>> 24;
  });
  return new Uint8Array(await encodePng({ width: side, height: side, data }));
}

/** Scores images with all sessions busy, as evaluations do. */
export async function bare(
  { detector }: Endpoint,
  images: number,
): Promise<void> {
  const pixels = new Uint8Array(detector.side ** 2 * 3).fill(127);
  const batch = Array.from(
    { length: BATCH },
    () => ({ pixels, category: CATEGORY }),
  );
  const pending: Promise<unknown>[] = [];
  for (let done = 0; done < images; done += BATCH) {
    pending.push(detector.detect(batch));
    if (pending.length > detector.sessions) await pending.shift();
  }
  await Promise.all(pending);
}

/** The load on an endpoint. */
export interface Load {
  /** Requests in all. */
  readonly images: number;
  /** Requests at one time. */
  readonly clients: number;
  /** Files to send in turn. */
  readonly bodies: readonly Uint8Array<ArrayBuffer>[];
}

/** Sends images; returns the milliseconds of each request. */
export async function requests(
  { address }: Endpoint,
  { images, clients, bodies }: Load,
): Promise<number[]> {
  const latencies: number[] = [];
  let next = 0;
  async function client(): Promise<void> {
    while (next < images) {
      const body = bodies[next++ % bodies.length]!;
      const start = performance.now();
      const response = await fetch(`${address}/v1/score?category=${CATEGORY}`, {
        method: "POST",
        headers: { "Content-Type": "image/png" },
        body,
      });
      await response.arrayBuffer();
      if (!response.ok) throw new Error(`The endpoint said ${response.status}`);
      latencies.push(performance.now() - start);
    }
  }
  await Promise.all(Array.from({ length: clients }, client));
  return latencies;
}
