/**
 * The choices of AnomalyCLIP, read from anomaly_clip.json.
 *
 * @module
 */
import { cannotLoad } from "../../checkpoint/cannot_load.ts";
import { Fields } from "../../checkpoint/fields.ts";
import type { JsonObject } from "../../checkpoint/json_file.ts";
import type { TowerConfig } from "../../clip/config.ts";

/** The choices of AnomalyCLIP. */
export interface AnomalyClipConfig {
  /** Side H of the square input in pixels. */
  readonly imageSize: number;
  /** Vision blocks whose patches meet the text, counted from 1. */
  readonly taps: readonly number[];
  /**
   * First vision block, counted from 1, with the V-V path, which then goes on
   * to the last tap.
   */
  readonly vvFrom: number;
  /** Learned tokens E of each state, at positions 1 to E. */
  readonly context: number;
  /** Learned tokens M that take positions 1 to M before later text blocks. */
  readonly deep: number;
  /** They do so before the text blocks 1 to depth - 1, counted from 0. */
  readonly depth: number;
  /** The word that stands for every product. */
  readonly noun: string;
  /** Cosines are divided by it. */
  readonly temperature: number;
  /** Whether the class token passes CLIP's last layer norm. */
  readonly classNorm: boolean;
  /** How published maps join the taps; M is the mean in either case. */
  readonly combine: "sum" | "mean";
  /** How position embeddings are interpolated. */
  readonly position: "bilinear" | "bicubic";
  /** Activation of both towers; null takes that of CLIP's vision tower. */
  readonly activation: TowerConfig["hiddenAct"] | null;
  /** Whether the deep tokens and their gradients are rounded to float16. */
  readonly halfPrompts: boolean;
  /** Weight of the losses of the map. */
  readonly localWeight: number;
}

/** The published choices. */
export const DEFAULT_CONFIG: AnomalyClipConfig = {
  imageSize: 518,
  taps: [24],
  vvFrom: 6,
  context: 12,
  deep: 4,
  depth: 9,
  noun: "object",
  temperature: 0.07,
  classNorm: false,
  combine: "sum",
  position: "bilinear",
  activation: null,
  halfPrompts: true,
  localWeight: 4,
};

const ACTIVATION = {
  fallback: "quick_gelu",
  words: ["quick_gelu", "gelu"],
} as const;

type Choice<K extends keyof AnomalyClipConfig> = Pick<AnomalyClipConfig, K>;

function readPrompts(
  fields: Fields,
): Choice<"context" | "deep" | "depth" | "noun" | "halfPrompts"> {
  const d = DEFAULT_CONFIG;
  return {
    context: fields.integer("context", { fallback: d.context, min: 0 }),
    deep: fields.integer("deep", { fallback: d.deep, min: 0 }),
    depth: fields.integer("depth", { fallback: d.depth }),
    noun: fields.text("noun", d.noun),
    halfPrompts: fields.boolean("half_prompts", d.halfPrompts),
  };
}

function readFields(fields: Fields, json: JsonObject): AnomalyClipConfig {
  const d = DEFAULT_CONFIG;
  return {
    imageSize: fields.integer("image_size", { fallback: d.imageSize }),
    taps: fields.integers("taps", d.taps),
    vvFrom: fields.integer("vv_from", { fallback: d.vvFrom }),
    ...readPrompts(fields),
    temperature: fields.number("temperature", d.temperature),
    classNorm: fields.boolean("class_norm", d.classNorm),
    combine: fields.word("combine", {
      fallback: d.combine,
      words: ["sum", "mean"],
    }),
    position: fields.word("position", {
      fallback: d.position,
      words: ["bilinear", "bicubic"],
    }),
    activation: (json.activation ?? null) === null
      ? null
      : fields.word("activation", ACTIVATION),
    localWeight: fields.number("local_weight", d.localWeight),
  };
}

/** What values that are usable alone must be together. */
function checkTogether(fields: Fields, config: AnomalyClipConfig): void {
  const { deep, context, temperature } = config;
  if (deep > context) {
    fields.addProblem("deep", `at most context, which is ${context}`, deep);
  }
  if (temperature === 0) fields.addProblem("temperature", "above 0", 0);
}

/**
 * Reads the choices from a parsed anomaly_clip.json. Absent keys have their
 * defaults, keys of other readers are ignored.
 *
 * @param path What errors call the file.
 * @throws {ModelError} If any value is unusable; the one message says all.
 */
export function parseAnomalyClipConfig(
  json: JsonObject,
  path: string,
): AnomalyClipConfig {
  const fields = new Fields(json);
  const config = readFields(fields, json);
  checkTogether(fields, config);
  if (fields.problems.length > 0) cannotLoad(path, fields.problems.join(", "));
  return config;
}
