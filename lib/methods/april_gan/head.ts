/**
 * The trainable tensors of APRIL-GAN: april_gan.safetensors.
 *
 * @module
 */
import type { Shapes } from "../../checkpoint/check_weights.ts";
import { drawHead } from "../draw_head.ts";
import type { AprilGanConfig } from "./config.ts";

/** Widths that CLIP gives to the head. */
export interface HeadSizes {
  /** Width Dv of the vision tower. */
  readonly visionWidth: number;
  /** Width Dt of the joint space. */
  readonly jointWidth: number;
}

/** Name -> shape: one Linear for each tap, whose weight is [out, in]. */
export function headShapes(
  { taps }: AprilGanConfig,
  { visionWidth, jointWidth }: HeadSizes,
): Shapes {
  return new Map(
    taps.flatMap((_, i): [string, readonly number[]][] => [
      [`fc.${i}.weight`, [jointWidth, visionWidth]],
      [`fc.${i}.bias`, [jointWidth]],
    ]),
  );
}

/**
 * Makes a new head as PyTorch does: uniform within 1 / sqrt(fan in). A tensor
 * depends on the seed and its name alone.
 *
 * @returns Name -> values in row-major order.
 */
export function initialiseHead(
  shapes: Shapes,
  { visionWidth }: HeadSizes,
  seed: number,
): Map<string, Float32Array> {
  const reach = visionWidth ** -0.5;
  return drawHead(shapes, seed, (_, random) => random.about(reach));
}
