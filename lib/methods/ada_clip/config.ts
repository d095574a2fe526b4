/**
 * The choices of AdaCLIP, read from ada_clip.json.
 *
 * @module
 */
import { cannotLoad } from "../../checkpoint/cannot_load.ts";
import { Fields } from "../../checkpoint/fields.ts";
import type { JsonObject } from "../../checkpoint/json_file.ts";

/** The choices of AdaCLIP. */
export interface AdaClipConfig {
  /** Side H of the square input in pixels. */
  readonly imageSize: number;
  /** Vision blocks whose output meets the text, counted from 1. */
  readonly taps: readonly number[];
  /** Prompt tokens in front of a block, L. */
  readonly length: number;
  /** Prompted blocks of each tower; the first text block never is. */
  readonly depth: number;
  /** The prompted towers: V vision, L language. */
  readonly branch: "" | "V" | "L" | "VL";
  /** The prompts: S static, D dynamic, SD their sum. */
  readonly kind: "" | "S" | "D" | "SD";
  /** Scale of the cosines. */
  readonly scale: number;
  /** Whether the score reads the most abnormal patches too. */
  readonly hsf: boolean;
  /** Clusters of these patches, K. */
  readonly clusters: number;
  /** Patches for each cluster. */
  readonly perCluster: number;
  /** Share of the patches in the feature that is scored. */
  readonly alpha: number;
  /**
   * The first centres of k-means: drawn, or each the farthest patch from those
   * before. `one` takes the mean of the patches instead.
   */
  readonly start: "kmeans++" | "farthest" | "one";
  /** The order in which k-means reads the patches. */
  readonly order: "raster" | "rank";
  /** Seed of the draws, which begin anew for every image. */
  readonly seed: number;
  /** How position embeddings are interpolated. */
  readonly position: "bicubic" | "bilinear";
  /** Activation of both towers; null takes that of CLIP's vision tower. */
  readonly activation: "gelu" | "quick_gelu" | null;
  /** Whether prompts are rounded to float16, and their gradients too. */
  readonly halfPrompts: boolean;
  /** Whether the dice loss is taken for each row of pixels, or each image. */
  readonly dice: "row" | "image";
}

/** The published choices, but for `order` and for draws that run on. */
export const DEFAULT_CONFIG: AdaClipConfig = {
  imageSize: 518,
  taps: [6, 12, 18, 24],
  length: 5,
  depth: 4,
  branch: "VL",
  kind: "SD",
  scale: 100,
  hsf: true,
  clusters: 20,
  perCluster: 5,
  alpha: 0.2,
  start: "kmeans++",
  order: "raster",
  seed: 111,
  position: "bicubic",
  activation: "gelu",
  halfPrompts: true,
  dice: "row",
};

const ACTIVATION = {
  fallback: "gelu",
  words: ["gelu", "quick_gelu"],
} as const;

/** Seeds have 32 bits. */
const LARGEST_SEED = 2 ** 32 - 1;

function readTowers(
  fields: Fields,
  json: JsonObject,
): Omit<AdaClipConfig, keyof ReturnType<typeof readScoring>> {
  const d = DEFAULT_CONFIG;
  return {
    imageSize: fields.integer("image_size", { fallback: d.imageSize }),
    taps: fields.integers("taps", d.taps),
    length: fields.integer("length", { fallback: d.length }),
    depth: fields.integer("depth", { fallback: d.depth }),
    branch: fields.word("branch", {
      fallback: d.branch,
      words: ["", "V", "L", "VL"],
    }),
    kind: fields.word("kind", {
      fallback: d.kind,
      words: ["", "S", "D", "SD"],
    }),
    position: fields.word("position", {
      fallback: d.position,
      words: ["bicubic", "bilinear"],
    }),
    activation: json.activation === null
      ? null
      : fields.word("activation", ACTIVATION),
    halfPrompts: fields.boolean("half_prompts", d.halfPrompts),
  };
}

function readScoring(fields: Fields) {
  const d = DEFAULT_CONFIG;
  return {
    scale: fields.number("scale", d.scale),
    hsf: fields.boolean("hsf", d.hsf),
    clusters: fields.integer("clusters", { fallback: d.clusters }),
    perCluster: fields.integer("per_cluster", { fallback: d.perCluster }),
    alpha: fields.number("alpha", d.alpha),
    start: fields.word("start", {
      fallback: d.start,
      words: ["kmeans++", "farthest", "one"],
    }),
    order: fields.word("order", {
      fallback: d.order,
      words: ["raster", "rank"],
    }),
    seed: fields.integer("seed", { fallback: d.seed, min: 0 }),
    dice: fields.word("dice", { fallback: d.dice, words: ["row", "image"] }),
  };
}

/** What values that are usable alone must be together. */
function checkTogether(fields: Fields, config: AdaClipConfig): void {
  const { branch, kind, seed, taps } = config;
  if ((branch === "") !== (kind === "")) {
    fields.addProblem("kind", `"" where branch is ""`, kind);
  }
  if (seed > LARGEST_SEED) {
    fields.addProblem("seed", `at most ${LARGEST_SEED}`, seed);
  }
  if (new Set(taps).size < taps.length) {
    fields.addProblem("taps", "a list without repetitions", taps);
  }
}

/**
 * Reads the choices from a parsed ada_clip.json. Absent keys have their
 * defaults, keys of other readers are ignored.
 *
 * @param path What errors call the file.
 * @throws {ModelError} If any value is unusable; the one message says all.
 */
export function parseAdaClipConfig(
  json: JsonObject,
  path: string,
): AdaClipConfig {
  const fields = new Fields(json);
  const config = { ...readTowers(fields, json), ...readScoring(fields) };
  checkTogether(fields, config);
  if (fields.problems.length > 0) cannotLoad(path, fields.problems.join(", "));
  return config;
}
