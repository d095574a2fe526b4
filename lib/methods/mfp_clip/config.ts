/**
 * The choices of MFP-CLIP, read from mfp_clip.json.
 *
 * @module
 */
import { cannotLoad } from "../../checkpoint/cannot_load.ts";
import { Fields } from "../../checkpoint/fields.ts";
import { type JsonObject, readJsonObject } from "../../checkpoint/json_file.ts";
import { configToJson } from "../config_json.ts";

/** The choices of MFP-CLIP; section numbers are the paper's. */
export interface MfpClipConfig {
  /** Side H of the square input in pixels. */
  readonly imageSize: number;
  /** Vision blocks whose output is tapped, counted from 1 (stage ends). */
  readonly taps: readonly number[];
  /** Whether image-to-text prompting is on (section 3.3). */
  readonly i2tp: boolean;
  /**
   * How I2TP mixes: `feature` joins image and text token on the width,
   * `token` appends the image token and mixes along the tokens.
   */
  readonly i2tpFusion: "feature" | "token";
  /** Whether self prompting is on (section 3.4). */
  readonly sp: boolean;
  /** K: as many prompts come from the image as are learned. */
  readonly spPrompts: number;
  /** Prompts are refreshed up to the end of this stage, counted from 1. */
  readonly spStages: number;
  /** Whether prompts ride along afterwards or are removed. */
  readonly spAfter: "keep" | "drop";
  /** Side N of MPFA's window in patches (section 3.5); 1 switches it off. */
  readonly mpfa: number;
  /** Whether mask prompting, the second pass, is on (section 3.6). */
  readonly mp: boolean;
  /** Whether both passes carry the losses, or only the refined one. */
  readonly supervise: "both" | "refined";
  /** Whether dice counts the normal channel too. */
  readonly dice: "both" | "abnormal";
  /** Scale of the cosines; null takes the checkpoint's own. */
  readonly logitScale: number | null;
  /** Slope of the adapters' LeakyReLU below 0. */
  readonly leakySlope: number;
  /**
   * Longest end-of-text position seen in training, counted from 0; null where
   * it is not recorded. In `token` fusion rows of the mixing matrix past it
   * are untrained.
   */
  readonly longestEndOfText: number | null;
}

/** The choices behind the paper's main results, as we read them. */
export const DEFAULT_CONFIG: MfpClipConfig = {
  imageSize: 518,
  taps: [6, 12, 18, 24],
  i2tp: true,
  i2tpFusion: "feature",
  sp: true,
  spPrompts: 5,
  spStages: 1,
  spAfter: "keep",
  mpfa: 3,
  mp: true,
  supervise: "both",
  dice: "both",
  logitScale: null,
  leakySlope: 0.01,
  longestEndOfText: null,
};

function readFields(fields: Fields): MfpClipConfig {
  const d = DEFAULT_CONFIG;
  return {
    imageSize: fields.integer("image_size", { fallback: d.imageSize }),
    taps: fields.risingIntegers("taps", d.taps),
    i2tp: fields.boolean("i2tp", d.i2tp),
    i2tpFusion: fields.word("i2tp_fusion", {
      fallback: d.i2tpFusion,
      words: ["feature", "token"],
    }),
    sp: fields.boolean("sp", d.sp),
    spPrompts: fields.integer("sp_prompts", { fallback: d.spPrompts }),
    spStages: fields.integer("sp_stages", { fallback: d.spStages }),
    spAfter: fields.word("sp_after", {
      fallback: d.spAfter,
      words: ["keep", "drop"],
    }),
    mpfa: fields.integer("mpfa", { fallback: d.mpfa }),
    mp: fields.boolean("mp", d.mp),
    supervise: fields.word("supervise", {
      fallback: d.supervise,
      words: ["both", "refined"],
    }),
    dice: fields.word("dice", {
      fallback: d.dice,
      words: ["both", "abnormal"],
    }),
    logitScale: fields.number("logit_scale", d.logitScale),
    leakySlope: fields.number("leaky_slope", d.leakySlope),
    longestEndOfText: fields.integer("longest_end_of_text", {
      fallback: d.longestEndOfText,
    }),
  };
}

function checkRelations(config: MfpClipConfig, fields: Fields): void {
  const { mpfa, spStages, taps } = config;
  if (mpfa % 2 === 0) fields.addProblem("mpfa", "odd", mpfa);
  if (spStages > taps.length) {
    fields.addProblem("sp_stages", `at most the ${taps.length} taps`, spStages);
  }
}

/**
 * Reads the choices from a parsed mfp_clip.json. Absent keys have their
 * defaults, keys of other readers are ignored.
 *
 * @param path What errors call the file.
 * @throws {ModelError} If any value is unusable; the one message says all.
 */
export function parseMfpClipConfig(
  json: JsonObject,
  path: string,
): MfpClipConfig {
  const fields = new Fields(json);
  const config = readFields(fields);
  checkRelations(config, fields);
  if (fields.problems.length > 0) cannotLoad(path, fields.problems.join(", "));
  return config;
}

/**
 * Reads mfp_clip.json.
 *
 * @param overrides Choices that replace those of the file.
 * @throws {ModelError} If the file is missing or any value is unusable.
 */
export async function readMfpClipConfig(
  path: string,
  overrides: Partial<MfpClipConfig> = {},
): Promise<MfpClipConfig> {
  const json = await readJsonObject(path);
  const merged = { ...json, ...mfpClipConfigToJson(overrides) };
  return parseMfpClipConfig(merged, path);
}

/** The choices, or some of them, as they stand in mfp_clip.json. */
export function mfpClipConfigToJson(
  config: Partial<MfpClipConfig>,
): Record<string, unknown> {
  return configToJson(config);
}
