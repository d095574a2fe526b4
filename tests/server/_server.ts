/**
 * What tests of the server share: one with a detector that looks at nothing.
 *
 * @module
 */
import type { RunSettings, ShardDetector } from "../../lib/batch/run.ts";
import { allStores } from "../../lib/batch/stores.ts";
import type { Detection, DetectorInput } from "../../lib/detector/detector.ts";
import { encodePng } from "../../lib/image/encode.ts";
import { resizeBicubic } from "../../lib/image/resample.ts";
import type { Sentences } from "../../lib/methods/sentences.ts";
import {
  type LoadedModel,
  ScoringServer,
  type ServerOptions,
} from "../../lib/server/server.ts";

/** Pixels per side of the fake's maps. */
export const SIDE = 8;

/** What decides on the numbers of the fake. */
export const SETTINGS: RunSettings = {
  model: { name: "fake", fingerprint: "0".repeat(64) },
  smooth: 0,
  precision: "f32",
  prompts: null,
  heatRange: [0, 1],
  bitDepth: 16,
};

/** The score of a flat image is its brightness, from 0 to 1. */
function detection({ pixels }: DetectorInput): Detection {
  const score = pixels[0]! / 255;
  const logit = Math.log(score + 1e-3) - Math.log(1.001 - score);
  return {
    anomalyMap: new Float32Array(SIDE * SIDE).fill(score),
    logitMap: new Float32Array(SIDE * SIDE).fill(logit),
    imageScore: score,
    scoreLogit: logit,
    milliseconds: 1,
  };
}

/** A detector whose batches can be watched and held up. */
export class FakeDetector implements ShardDetector {
  readonly side: number = SIDE;
  readonly sessions: number = 1;
  /** Sizes of the batches so far. */
  readonly batches: number[] = [];
  /** Awaited before each batch is answered. */
  gate: Promise<unknown> = Promise.resolve();
  /** Batches with this category fail. */
  poison = "";

  preprocess(image: Parameters<ShardDetector["preprocess"]>[0]): Uint8Array {
    return resizeBicubic(image, SIDE, SIDE).data;
  }

  promptOf(category: string): Sentences {
    return { normal: [category], abnormal: [`bad ${category}`] };
  }

  async detect(inputs: readonly DetectorInput[]): Promise<Detection[]> {
    this.batches.push(inputs.length);
    await this.gate;
    if (inputs.some(({ category }) => category === this.poison)) {
      throw new Error("the fake fails");
    }
    return inputs.map(detection);
  }
}

/** A flat PNG. */
export async function png(
  brightness = 51,
  { width = 12, height = 10 }: { width?: number; height?: number } = {},
): Promise<Uint8Array<ArrayBuffer>> {
  const data = new Uint8Array(width * height * 3).fill(brightness);
  return new Uint8Array(await encodePng({ width, height, data }));
}

/** A server that is ready, and its detector. */
export function readyServer(
  { criteria, caution, settings = SETTINGS, ...options }:
    & Partial<ServerOptions>
    & Pick<LoadedModel, "criteria" | "caution" | "settings"> = {},
): { server: ScoringServer; detector: FakeDetector } {
  const server = new ScoringServer({
    modelName: "fake",
    stores: allStores(),
    batchDelay: 0,
    ...options,
  });
  const detector = new FakeDetector();
  server.modelLoaded({ detector, settings, criteria, caution });
  return { server, detector };
}

/** Posts to a server without a socket. */
export async function post(
  { app }: ScoringServer,
  path: string,
  body: BodyInit,
  headers: Record<string, string> = {},
): Promise<Response> {
  return await app.request(path, { method: "POST", body, headers });
}

/** Posts JSON. */
export async function postJson(
  server: ScoringServer,
  path: string,
  body: unknown,
  headers: Record<string, string> = {},
): Promise<Response> {
  return await post(server, path, JSON.stringify(body), {
    "Content-Type": "application/json",
    ...headers,
  });
}

/** A form with an image. */
export function imageForm(
  image: Uint8Array<ArrayBuffer>,
  fields: Record<string, string> = {},
): FormData {
  const form = new FormData();
  form.set("image", new File([image], "a.png", { type: "image/png" }));
  for (const [name, value] of Object.entries(fields)) form.set(name, value);
  return form;
}

/** A folder that goes away with the block, and its address. */
export async function temporaryFolder(): Promise<
  AsyncDisposable & { path: string; uri: string }
> {
  const path = await Deno.makeTempDir();
  return {
    path,
    uri: `file://${path}/`,
    [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }),
  };
}
