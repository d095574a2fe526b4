/**
 * Outcomes as JSON and as pictures.
 *
 * @module
 */
import { z } from "@hono/zod-openapi";
import { importLate } from "../../async/import_late.ts";
import type { Region } from "../../results/regions.ts";
import type { Outcome, ScoredOutcome } from "../outcome.ts";
import type { Services } from "../services.ts";

/** An image with its scores, as answers spell it. */
export interface ScoredJson {
  status: "ok";
  category: string;
  score: number;
  score_logit: number;
  width: number;
  height: number;
  side: number;
  map?: { width: number; height: number } | undefined;
  is_anomalous?: boolean | null | undefined;
  threshold?: number | null | undefined;
  confidence?: number | null | undefined;
  regions?: readonly Region[] | null | undefined;
  milliseconds: { decode: number; queue: number; session: number };
  warnings?: readonly string[] | undefined;
  heatmap?: string | undefined;
}

/** An image without, as answers spell it. */
export interface FailedJson {
  status: "error";
  reason: string;
  error: string;
}

/** Either. */
export type ResultJson = ScoredJson | FailedJson;

const PointSchema = z.tuple([z.number(), z.number()]);

/** Where an image looks defective, in its pixels. */
const RegionSchema: z.ZodType<Region> = z.object({
  box: z.tuple([z.number(), z.number(), z.number(), z.number()]).openapi({
    description: "Left, top, width and height",
  }),
  area: z.number(),
  peak: PointSchema,
  peak_logit: z.number(),
  centroid: PointSchema,
  polygon: z.array(PointSchema),
  below_threshold: z.literal(true).exactOptional().openapi({
    description:
      "Present where no pixel reaches the pixel threshold: the region is where the map is highest",
  }),
}).openapi("Region");

/** What answers hold of an image with its scores. */
export const ScoredSchema: z.ZodType<ScoredJson> = z.object({
  status: z.literal("ok"),
  category: z.string().openapi({ example: "bottle" }),
  score: z.number().openapi({
    description:
      "Image score, 0 to 1: the maximum of the anomaly map, or what the method takes in its place",
    example: 0.83,
  }),
  score_logit: z.number().openapi({
    description: "log S - log(1 - S), which ranks where the score saturates",
    example: 1.59,
  }),
  width: z.int(),
  height: z.int(),
  side: z.int().openapi({
    description: "Pixels per row of the anomaly map, and of its rows, if not " +
      "said otherwise in map",
  }),
  map: z.object({ width: z.int(), height: z.int() }).optional().openapi({
    description: "Size of an anomaly map that is not square",
  }),
  is_anomalous: z.boolean().nullable().optional().openapi({
    description:
      "Whether score_logit reaches the threshold; absent where the server has none, null where the category has none",
  }),
  threshold: z.number().nullable().optional().openapi({
    description: "The least score_logit that is called defective",
  }),
  confidence: z.number().nullable().optional().openapi({
    description:
      "The share of good images that score lower, as calibrated; null where no good images are known",
    example: 0.97,
  }),
  regions: z.array(RegionSchema).nullable().optional().openapi({
    description:
      "Where an image that is called defective looks so, one at least; null for images called good",
  }),
  milliseconds: z.object({
    decode: z.number(),
    queue: z.number(),
    session: z.number(),
  }),
  warnings: z.array(z.string()).optional().openapi({
    description: "What to know of the prompt, such as that it was cut",
  }),
  heatmap: z.string().optional().openapi({
    description: "PNG in base64, where it was asked for",
  }),
}).openapi("Score");

/** What answers hold of an image without scores. */
export const FailedSchema: z.ZodType<FailedJson> = z.object({
  status: z.literal("error"),
  reason: z.string().openapi({ example: "broken_image" }),
  error: z.string(),
}).openapi("ImageError");

/** What answers hold of an image. */
export const ResultSchema: z.ZodType<ResultJson> = z.union([
  ScoredSchema,
  FailedSchema,
]);

function rounded(milliseconds: number): number {
  return Math.round(milliseconds * 1000) / 1000;
}

function loadHeatmap(): Promise<typeof import("../../image/heatmap.ts")> {
  return importLate(new URL("../../image/heatmap.ts", import.meta.url));
}

/** A heatmap alone, or one to lie over its image. */
export type HeatmapKind = "whole" | "layer";

/**
 * Draws the anomaly map.
 *
 * @param kind Whether its cold parts are clear.
 * @returns PNG bytes, in the size of the map.
 */
export async function heatmapOf(
  { anomalyMap, logitMap, logitRange, map: mapSize }: ScoredOutcome,
  { heatRange, metrics }: Pick<Services, "heatRange" | "metrics">,
  kind: HeatmapKind = "whole",
): Promise<Uint8Array<ArrayBuffer>> {
  const start = performance.now();
  const map = logitRange === undefined ? anomalyMap : logitMap;
  const range = logitRange ?? heatRange;
  const size = { ...mapSize, range };
  const { encodeHeatLayer, encodeHeatmap } = await loadHeatmap();
  const encode = kind === "layer" ? encodeHeatLayer : encodeHeatmap;
  const png = new Uint8Array(await encode(map, size));
  metrics.stageDone("encode", performance.now() - start);
  return png;
}

/**
 * Spells an outcome as answers do.
 *
 * @param heatmap The picture that goes along; absent for none.
 * @returns JSON.
 */
export async function resultJson(
  outcome: Outcome,
  services: Pick<Services, "heatRange" | "metrics">,
  heatmap?: HeatmapKind,
): Promise<ResultJson> {
  if (outcome.status === "error") return { ...outcome };
  const json = scoredJson(outcome);
  if (heatmap === undefined) return json;
  const png = await heatmapOf(outcome, services, heatmap);
  return { ...json, heatmap: png.toBase64() };
}

/**
 * Spells scores as answers do, without a picture.
 *
 * @returns JSON.
 */
export function scoredJson(scored: ScoredOutcome): ScoredJson {
  const { status, category, score, width, height, map, warnings } = scored;
  const { decode, queue, session } = scored.milliseconds;
  return {
    status,
    category,
    score,
    score_logit: scored.scoreLogit,
    ...scored.verdict,
    width,
    height,
    side: map.width,
    ...map.width !== map.height && { map },
    milliseconds: {
      decode: rounded(decode),
      queue: rounded(queue),
      session: rounded(session),
    },
    ...warnings.length > 0 && { warnings },
  };
}
