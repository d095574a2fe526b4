/**
 * Good images of runs. What is learned of them is stored once beside the runs,
 * so that all workers compare images with the very same numbers.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { z } from "zod";
import { DataSetError } from "../data/sample.ts";
import type { Detector } from "../detector/detector.ts";
import { memoryHash } from "../references/memory_tensors.ts";
import type { LoadedProfile } from "../references/profile.ts";
import { storedImages } from "../references/stored_images.ts";
import type { GoodSummary } from "../results/summary.ts";
import {
  type ObjectStore,
  readIfThere,
  type StoreOptions,
} from "../storage/object_store.ts";
import type { Plan, RunDetector } from "./run.ts";
import { RunError } from "./run_error.ts";
import { STORED_CRITERION, type StoredCriterion } from "./stored_criteria.ts";
import { parseJson } from "./stored_json.ts";

/** Good images of a run that is being planned. */
export interface PlannedGood {
  /** What tells these good images and how they are read from any others. */
  readonly identity: string;
  /**
   * Learns good images, and stores what is learned.
   *
   * @param categories The categories of the run.
   * @param out Where results go.
   * @returns What was learned, by category; others stay zero-shot.
   */
  readonly learn: (
    categories: readonly string[],
    out: ObjectStore,
  ) => Promise<Readonly<Record<string, LearnedGood>>>;
}

/** What was learned of the good images of one category. */
export interface LearnedGood extends GoodSummary {
  /**
   * Thresholds that they set.
   *
   * @default {They set none}
   */
  readonly criterion?: StoredCriterion;
}

/** A memory that was learned. */
export interface LearnedMemory {
  /** What it was learned of, and thresholds. */
  readonly summary: LearnedGood;
  /** The bytes of a .safetensors file. */
  readonly file: Uint8Array<ArrayBuffer>;
}

const SUMMARY = z.object({
  images: z.int().min(1),
  patches: z.int().min(1),
  kept: z.int().min(1),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
});

/** How a manifest describes good images. */
export const GOOD_SUMMARY: z.ZodType<GoodSummary> = SUMMARY;

/** How a stored memory describes them. */
const LEARNED_GOOD: z.ZodType<LearnedGood> = SUMMARY.extend({
  criterion: STORED_CRITERION.exactOptional(),
});

function memoryKey(sha256: string): string {
  return `good/${sha256}.safetensors`;
}

/** SHA-256 of a value's JSON, in hexadecimal. */
export function jsonHash(value: unknown): string {
  return createHash("sha256").update(JSON.stringify(value)).digest("hex");
}

/**
 * Learns the good images of one category, unless another worker has: machines
 * may round differently, so the first one decides for all.
 *
 * @param out Where results go.
 * @param source What tells these good images from any others.
 * @param learn Learns them.
 * @returns What was learned.
 * @throws {StorageError} If the store fails.
 */
export async function learnOnce(
  out: ObjectStore,
  source: string,
  learn: () => Promise<LearnedMemory>,
): Promise<LearnedGood> {
  const key = `good/${source}.json`;
  const earlier = await readIfThere(out, key);
  if (earlier !== null) return decode(earlier, `${out.uri}${key}`);
  const { summary, file } = await learn();
  await out.create(memoryKey(summary.sha256), file);
  const bytes = new TextEncoder().encode(`${JSON.stringify(summary)}\n`);
  const contentType = "application/json";
  if (await out.create(key, bytes, { contentType })) return summary;
  return decode(await out.read(key), `${out.uri}${key}`);
}

function decode(bytes: Uint8Array, location: string): LearnedGood {
  try {
    return parseJson(LEARNED_GOOD, new TextDecoder().decode(bytes));
  } catch (cause) {
    throw new DataSetError(
      `Cannot use the good images of ${location} as it must be as it was ` +
        `written: it is damaged`,
      { cause },
    );
  }
}

/** The good images that a detector has learned, for runs that it scores. */
export function goodOfDetector(
  detector: Pick<RunDetector, "learned" | "memory">,
): PlannedGood | undefined {
  const { learned = [] } = detector;
  if (learned.length === 0) return undefined;
  return {
    identity: jsonHash(
      learned.map(({ category, sha256 }) => [category, sha256]),
    ),
    async learn(categories, out) {
      const used = learned.filter(({ category }) =>
        categories.includes(category)
      );
      for (const { category, sha256 } of used) {
        const file = await detector.memory!(category);
        await out.create(memoryKey(sha256), file!);
      }
      return Object.fromEntries(
        used.map(({ category, ...summary }) => [category, summary]),
      );
    },
  };
}

/**
 * The good images of a profile, for a run.
 *
 * @param profile The profile.
 */
export function goodOfProfile(
  { path, memories, sha256 }: LoadedProfile,
): PlannedGood {
  return {
    identity: sha256,
    async learn(categories, out) {
      const used = [...memories].filter(([name]) => categories.includes(name));
      const learned: [string, GoodSummary][] = [];
      for (const [category, file] of used) {
        const stored = storedImages(file, `${path}, "${category}"`);
        const { images: { length: images }, patches, kept } = stored;
        const summary = { images, patches, kept, sha256: memoryHash(file) };
        await out.create(memoryKey(summary.sha256), file);
        learned.push([category, summary]);
      }
      return Object.fromEntries(learned);
    },
  };
}

/**
 * Gives a detector the memories of a run.
 *
 * @throws {DataSetError} If one is missing or damaged.
 * @throws {StorageError} If the store fails.
 * @throws {ModelError} If one was learned with another model.
 */
export async function rememberGood(
  detector: Pick<Detector, "remember">,
  { out, header: { good } }: Plan,
  options: StoreOptions = {},
): Promise<void> {
  for (const { sha256 } of Object.values(good?.categories ?? {})) {
    const key = memoryKey(sha256);
    const file = await readIfThere(out, key, options);
    if (file === null || memoryHash(file) !== sha256) {
      throw new DataSetError(
        `Cannot use the good images of the run as ${out.uri}${key} must be ` +
          `as it was written: it is ${file === null ? "missing" : "damaged"}`,
      );
    }
    await detector.remember(new Uint8Array(file), `${out.uri}${key}`);
  }
}

/**
 * Checks that a detector compares images with the good images of a run, and
 * with no others.
 *
 * @throws {RunError} If it has learned others.
 */
export function assertLearned(
  { learned = [] }: RunDetector,
  { run, header: { good, categories } }: Plan,
): void {
  const wanted = new Map(
    Object.entries(good?.categories ?? {}).map((
      [category, { sha256 }],
    ) => [category, sha256]),
  );
  const known = new Map(
    learned.map(({ category, sha256 }) => [category, sha256]),
  );
  const other = categories.find((name) => wanted.get(name) !== known.get(name));
  if (other === undefined) return;
  throw new RunError(
    `Cannot score the run ${run} as the detector must have learned the good ` +
      `images it was planned with: those of "${other}" are others`,
    "configuration",
  );
}
