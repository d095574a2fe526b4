/**
 * A profile: what `calibrate` learned of products, as a folder or a .zip
 * archive of it.
 *
 * `profile.json` holds thresholds and figures; the memories of good images lie
 * beside it as .safetensors files.
 *
 * @module
 */
import { type NetworkPrecision, PRECISIONS } from "../methods/precision.ts";
import { createHash } from "node:crypto";
import * as z from "zod";
import { cannotLoad } from "../checkpoint/cannot_load.ts";
import { parseJsonObject } from "../checkpoint/json_file.ts";
import { checkSchema } from "../checkpoint/schema_problems.ts";
import {
  FRAME_SETTINGS,
  type FrameSettings,
} from "../framing/frame_settings.ts";
import type { Sentences } from "../methods/sentences.ts";
import { memoryHash } from "./memory_tensors.ts";
import {
  LEAST_GOOD,
  type ProductProfile,
  type Target,
} from "./product_profile.ts";
import { openProfileSource, type ProfileSource } from "./profile_source.ts";

/** The format of profiles of this version. */
export const PROFILE_FORMAT = "mfp-clip profile 1";

/** The file beside the memories. */
export const PROFILE_FILE = "profile.json";

/** One product of a profile. */
export interface ProfileCategory extends ProductProfile {
  /** The memory of its good images; null where it is detected zero-shot. */
  readonly memory: {
    /** The name of the file in the folder. */
    readonly file: string;
    /** SHA-256 of the file. */
    readonly sha256: string;
  } | null;
  /** SHA-256 of the hashes of the pixels of its good images. */
  readonly good_sha256: string;
  /** The sentences it was prompted with. */
  readonly prompts: Sentences;
}

/** The content of `profile.json`. */
export interface Profile {
  /** Tells this version from others. */
  readonly format: typeof PROFILE_FORMAT;
  /** The model that it holds for. */
  readonly model: {
    /** What the model was called. */
    readonly name: string;
    /** What tells the model from any other. */
    readonly fingerprint: string;
  };
  /** Sigma of the Gaussian smoothing of maps. */
  readonly smooth: number;
  /** Precision of the network. */
  readonly precision: NetworkPrecision;
  /** Bits that were taken to be filled in 16-bit files. */
  readonly bit_depth: number;
  /** Present where images were read without the orientation that EXIF tells. */
  readonly ignore_orientation?: true;
  /**
   * How images were laid before the model; absent where they were only
   * stretched to its square.
   */
  readonly frame?: FrameSettings;
  /** What the thresholds were chosen for. */
  readonly target: Target;
  /** The products. */
  readonly categories: Readonly<Record<string, ProfileCategory>>;
}

const count = z.int("an integer").min(0, "at least 0");
const finite = z.number("a number");
const share = finite.min(0, "at least 0").max(1, "at most 1");
const sha256 = z.string("a text").regex(/^[0-9a-f]{64}$/, "a SHA-256");
const sentences = z.array(z.string("a text"), "a list of texts");

const range = z.tuple([finite, finite], "two numbers")
  .refine(([low, high]) => low < high, "two numbers that rise");

const countedRate = z.strictObject({
  count,
  of: count,
  rate: share,
  interval: z.tuple([share, share], "two numbers"),
}, "a counted rate");

const categorySchema: z.ZodType<ProfileCategory> = z.strictObject({
  memory: z.strictObject({
    file: z.string("a text").regex(/^[\w-]+\.safetensors$/, "a file name"),
    sha256,
  }, "a file").nullable(),
  good_sha256: sha256,
  prompts: z.strictObject({ normal: sentences, abnormal: sentences }),
  threshold: finite,
  pixel_threshold: finite,
  heat_range: range,
  good_scores: z.array(finite, "a list of numbers")
    .min(LEAST_GOOD, `a list of at least ${LEAST_GOOD} numbers`),
  false_alarms: countedRate,
  recall: countedRate.nullable(),
  images_needed: count.nullable(),
}, "a category");

const profileSchema: z.ZodType<Profile> = z.strictObject({
  format: z.literal(PROFILE_FORMAT, JSON.stringify(PROFILE_FORMAT)),
  model: z.strictObject({
    name: z.string("a text"),
    fingerprint: sha256,
  }, "a model"),
  smooth: finite.min(0, "at least 0"),
  precision: z.enum(PRECISIONS, "f32, f16 or int8"),
  bit_depth: count,
  ignore_orientation: z.literal(true, "true").exactOptional(),
  frame: FRAME_SETTINGS.exactOptional(),
  target: z.union([
    z.strictObject({ false_alarms: share }),
    z.strictObject({ recall: share }),
    z.strictObject({ threshold: finite }),
  ], "a rate of false alarms, a recall or a threshold"),
  categories: z.record(z.string(), categorySchema, "an object of categories"),
}, "an object");

/** A profile with its memories, by category. */
export interface LoadedProfile {
  /** Where it was read from. */
  readonly path: string;
  /** Thresholds and figures. */
  readonly profile: Profile;
  /** Memories of good images, by category; none of zero-shot products. */
  readonly memories: ReadonlyMap<string, Uint8Array<ArrayBuffer>>;
  /** SHA-256 of `profile.json`: what tells it from any other. */
  readonly sha256: string;
}

/** The text of `profile.json`. The same profile gives the same text. */
export function encodeProfile(profile: Profile): string {
  return `${JSON.stringify(profile, null, 2)}\n`;
}

async function readMemory(
  source: ProfileSource,
  { file, sha256 }: NonNullable<ProfileCategory["memory"]>,
): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = await source.read(file);
  if (memoryHash(bytes) === sha256) return bytes;
  cannotLoad(
    source.pathOf(file),
    "it is not the memory that profile.json was made with",
  );
}

/**
 * Reads a profile.
 *
 * @param path What `calibrate` wrote, or a .zip archive of it.
 * @throws {ModelError} If it is not a profile, damaged, or of another version.
 */
export async function readProfile(path: string): Promise<LoadedProfile> {
  const source = await openProfileSource(path, PROFILE_FILE);
  const main = source.pathOf(PROFILE_FILE);
  const text = new TextDecoder().decode(await source.read(PROFILE_FILE));
  const value = parseJsonObject(text, main);
  const { data, problems } = checkSchema(profileSchema, value, "profile");
  if (data === undefined) cannotLoad(main, problems[0]!);
  const memories = new Map<string, Uint8Array<ArrayBuffer>>();
  for (const [category, { memory }] of Object.entries(data.categories)) {
    if (memory === null) continue;
    memories.set(category, await readMemory(source, memory));
  }
  const sha256 = createHash("sha256").update(encodeProfile(data)).digest("hex");
  return { path, profile: data, memories, sha256 };
}
