/**
 * The trainable tensors of AnomalyCLIP: anomaly_clip.safetensors.
 *
 * @module
 */
import type { Shapes } from "../../checkpoint/check_weights.ts";
import { drawHead } from "../draw_head.ts";
import type { AnomalyClipConfig } from "./config.ts";

/** Deviation of new tokens. */
const DEVIATION = 0.02;

/** Name of the tokens that enter a text block, counted from 0. */
export function deepName(block: number): string {
  return `deep.${block}`;
}

/** Name -> shape of every learned token. */
export function headShapes(
  { context, deep, depth }: AnomalyClipConfig,
  textWidth: number,
): Shapes {
  const blocks = Array.from({ length: depth - 1 }, (_, i) => i + 1);
  return new Map([
    ["prompt.normal", [context, textWidth]],
    ["prompt.abnormal", [context, textWidth]],
    ...blocks.map((block) => [deepName(block), [deep, textWidth]] as const),
  ]);
}

/**
 * Makes a new head. A tensor depends on the seed and its name alone.
 *
 * @returns Name -> values in row-major order.
 */
export function initialiseHead(
  shapes: Shapes,
  seed: number,
): Map<string, Float32Array> {
  return drawHead(shapes, seed, (_, random) => random.normal(DEVIATION));
}
