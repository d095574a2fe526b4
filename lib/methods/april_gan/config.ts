/**
 * The choices of APRIL-GAN, read from april_gan.json.
 *
 * @module
 */
import { cannotLoad } from "../../checkpoint/cannot_load.ts";
import { Fields } from "../../checkpoint/fields.ts";
import type { JsonObject } from "../../checkpoint/json_file.ts";

/** The choices of APRIL-GAN. */
export interface AprilGanConfig {
  /** Side H of the square input in pixels. */
  readonly imageSize: number;
  /** Vision blocks whose output meets the text, counted from 1. */
  readonly taps: readonly number[];
  /** Vision blocks whose output is compared with that of good images. */
  readonly memoryTaps: readonly number[];
  /**
   * Activation of both towers: `gelu` as the published code has it at 518
   * pixels, or the checkpoint's own.
   */
  readonly activation: "gelu" | "checkpoint";
  /** Scale of the cosines; null takes the checkpoint's own. */
  readonly logitScale: number | null;
  /** Whether the enlarged maps have their corners on those of the grid. */
  readonly alignCorners: boolean;
  /** How published maps join the taps; M is the mean in either case. */
  readonly reduce: "sum" | "mean";
  /** Whether position embeddings are interpolated with antialiasing. */
  readonly posAntialias: boolean;
}

/** The published choices. */
export const DEFAULT_CONFIG: AprilGanConfig = {
  imageSize: 518,
  taps: [6, 12, 18, 24],
  memoryTaps: [6, 12, 18, 24],
  activation: "gelu",
  logitScale: 100,
  alignCorners: true,
  reduce: "sum",
  posAntialias: true,
};

function readFields(fields: Fields): AprilGanConfig {
  const d = DEFAULT_CONFIG;
  return {
    imageSize: fields.integer("image_size", { fallback: d.imageSize }),
    taps: fields.integers("taps", d.taps),
    memoryTaps: fields.integers("memory_taps", d.memoryTaps),
    activation: fields.word("activation", {
      fallback: d.activation,
      words: ["gelu", "checkpoint"],
    }),
    logitScale: fields.numberOrNull("logit_scale", d.logitScale),
    alignCorners: fields.boolean("align_corners", d.alignCorners),
    reduce: fields.word("reduce", {
      fallback: d.reduce,
      words: ["sum", "mean"],
    }),
    posAntialias: fields.boolean("pos_antialias", d.posAntialias),
  };
}

/**
 * Reads the choices from a parsed april_gan.json. Absent keys have their
 * defaults, keys of other readers are ignored.
 *
 * @param path What errors call the file.
 * @throws {ModelError} If any value is unusable; the one message says all.
 */
export function parseAprilGanConfig(
  json: JsonObject,
  path: string,
): AprilGanConfig {
  const fields = new Fields(json);
  const config = readFields(fields);
  if (fields.problems.length > 0) cannotLoad(path, fields.problems.join(", "));
  return config;
}
