/**
 * The choices of WinCLIP, read from winclip.json.
 *
 * @module
 */
import { cannotLoad } from "../../checkpoint/cannot_load.ts";
import { Fields } from "../../checkpoint/fields.ts";
import type { JsonObject } from "../../checkpoint/json_file.ts";

/**
 * The choices in which the re-implementations of WinCLIP differ; README.md
 * says who chose what.
 */
export interface WinClipConfig {
  /** Side H of the square input in pixels. */
  readonly imageSize: number;
  /** Sides of the windows in patches. */
  readonly scales: readonly number[];
  /** Whose sentences. */
  readonly prompts: "anomalib" | "caoyunkang";
  /** Whether each sentence has the length 1 before the mean. */
  readonly sentenceNorm: boolean;
  /** Scale of the cosines; null takes the checkpoint's own. */
  readonly logitScale: number | null;
  /**
   * Harmonic mean of the probability of the abnormal state, or 1 - that of the
   * normal one.
   */
  readonly language: "anomaly" | "normality";
  /** Whether the image's own probability is one more scale. */
  readonly imageLevel: boolean;
  /**
   * Which patch tokens are compared with those of good images: after the last
   * layer norm, before it, or none.
   */
  readonly patches: "normed" | "raw" | "none";
  /** Which mean of the distances of the windows that hold a patch. */
  readonly association: "harmonic" | "mean";
  /** How the map by text and the map by good images are joined. */
  readonly fusion: "mean" | "sum" | "harmonic";
  /** Whether the image score is of the class token or the map's maximum. */
  readonly score: "image" | "map";
  /** Side of the map in pixels; null for that of the image. */
  readonly mapSize: number | null;
}

/** The choices of anomalib, which follow the paper. */
export const DEFAULT_CONFIG: WinClipConfig = {
  imageSize: 240,
  scales: [2, 3],
  prompts: "anomalib",
  sentenceNorm: false,
  logitScale: 1 / 0.07,
  language: "anomaly",
  imageLevel: true,
  patches: "normed",
  association: "harmonic",
  fusion: "mean",
  score: "image",
  mapSize: null,
};

function readFields(fields: Fields): WinClipConfig {
  const d = DEFAULT_CONFIG;
  const word = <T extends string>(key: string, ...words: [T, ...T[]]) =>
    fields.word(key, { fallback: words[0], words });
  return {
    imageSize: fields.integer("image_size", { fallback: d.imageSize }),
    scales: fields.integers("scales", d.scales),
    prompts: word("prompts", "anomalib", "caoyunkang"),
    sentenceNorm: fields.boolean("sentence_norm", d.sentenceNorm),
    logitScale: fields.numberOrNull("logit_scale", d.logitScale),
    language: word("language", "anomaly", "normality"),
    imageLevel: fields.boolean("image_level", d.imageLevel),
    patches: word("patches", "normed", "raw", "none"),
    association: word("association", "harmonic", "mean"),
    fusion: word("fusion", "mean", "sum", "harmonic"),
    score: word("score", "image", "map"),
    mapSize: fields.integer("map_size", { fallback: d.mapSize }),
  };
}

/**
 * Reads the choices from a parsed winclip.json. Absent keys have their
 * defaults, keys of other readers are ignored.
 *
 * @param path What errors call the file.
 * @throws {ModelError} If any value is unusable; the one message says all.
 */
export function parseWinClipConfig(
  json: JsonObject,
  path: string,
): WinClipConfig {
  const fields = new Fields(json);
  const config = readFields(fields);
  if (fields.problems.length > 0) cannotLoad(path, fields.problems.join(", "));
  return config;
}
