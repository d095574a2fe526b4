/**
 * Parts: the results of consecutive images, in one object.
 *
 * A part is a Parquet file of rows. Its metadata hold the counts for pixel
 * metrics, so that rows and counts appear together or not at all, and the
 * SHA-256 of the whole file, so that a flipped bit is seen.
 *
 * The name of a part is its shard and the position of its first image. A worker
 * creates a part only where the part before it ends, and the store lets only one
 * worker create a name. The parts of a shard therefore form one chain, in which
 * no image is missing or counted twice, however many workers race.
 *
 * @module
 */
import { z } from "zod";
import { DataSetError, IMAGE_NOTES, MASK_NOTES } from "../data/sample.ts";
import type { TallyState } from "../evaluation/tally_state.ts";
import {
  readNotes,
  readScores,
  writeScores,
} from "../results/scores_parquet.ts";
import { isSealed, SEAL, seal, UNSEALED } from "./seal.ts";
import type { PromptWords, ScoreRow } from "../results/summary.ts";
import { parseJson, recordOf } from "./stored_json.ts";

const STAGES = ["read", "decode", "mask", "score", "write"] as const;

/** The step at which an image failed. */
export type FailureStage = (typeof STAGES)[number];

/** An image without a score. */
export interface PartError {
  /** The image. */
  readonly key: string;
  /** The step that failed. */
  readonly stage: FailureStage;
}

/** The content of a part. */
export interface Part {
  /** The run. */
  readonly run: string;
  /** Which shard, counted from 0. */
  readonly shard: number;
  /** Position in the run of its first image. */
  readonly start: number;
  /** One row per image, in any order. */
  readonly rows: readonly ScoreRow[];
  /** The step that failed for each image without a score, by key. */
  readonly stages: Readonly<Record<string, FailureStage>>;
  /** Counts, by category. */
  readonly tallies: Readonly<Record<string, TallyState>>;
  /** Words used, by category. */
  readonly prompts: Readonly<Record<string, PromptWords>>;
  /** Seconds that a worker spent on it. */
  readonly seconds: number;
}

const NOTE = "mfp_clip_part";
const NAME_REGEXP = /\/parts\/(\d+)-(\d+)\.parquet$/;

const COUNT = z.int().min(0);
const BYTES = z.string().transform((text) => Uint8Array.fromBase64(text));
const WORDS = z.array(z.string());

const TALLY = z.object({
  images: COUNT,
  errors: COUNT,
  labelled: COUNT,
  masksMissing: COUNT,
  masksLost: COUNT,
  maskNotes: z.partialRecord(z.enum(MASK_NOTES), COUNT).exactOptional(),
  imageNotes: z.partialRecord(z.enum(IMAGE_NOTES), COUNT).exactOptional(),
  largestSample: COUNT.exactOptional(),
  scores: BYTES,
  pixels: BYTES.nullable(),
  masks: COUNT.exactOptional(),
  groups: BYTES.nullable().exactOptional(),
  kinds: recordOf(BYTES).exactOptional(),
  kindPixels: recordOf(BYTES).nullable().exactOptional(),
});

/** The content of a part beside its rows. */
const NOTES = z.object({
  run: z.string(),
  shard: COUNT,
  start: COUNT,
  stages: recordOf(z.enum(STAGES)),
  tallies: recordOf(TALLY),
  prompts: recordOf(
    z.union([z.string(), z.object({ normal: WORDS, abnormal: WORDS })]),
  ),
  seconds: z.number().min(0),
});

const ERROR_LINE = z.object({ key: z.string(), stage: z.enum(STAGES) });

/** Which part. */
export type PartName = Pick<Part, "run" | "shard" | "start">;

function numbersOf({ shard, start }: PartName): string {
  return `${`${shard}`.padStart(5, "0")}-${`${start}`.padStart(9, "0")}`;
}

/**
 * The key of a part.
 *
 * @param name Which part.
 * @returns The key below the results' root.
 */
export function partKey(name: PartName): string {
  return `runs/${name.run}/parts/${numbersOf(name)}.parquet`;
}

/**
 * The key of the errors of a part.
 *
 * @param name Which part.
 * @returns The key below the results' root.
 */
export function errorsKey(name: PartName): string {
  return `${errorsPrefix(name.run)}${numbersOf(name)}.jsonl`;
}

/**
 * The common prefix of the keys of the errors of a run.
 *
 * @param run The run.
 * @returns The prefix below the results' root.
 */
export function errorsPrefix(run: string): string {
  return `runs/${run}/errors/`;
}

/**
 * The common prefix of the keys of the parts of a run, or of one shard.
 *
 * @param run The run.
 * @param shard Which shard; without it, all of them.
 * @returns The prefix below the results' root.
 */
export function partPrefix(run: string, shard?: number): string {
  const number = shard === undefined ? "" : `${`${shard}`.padStart(5, "0")}-`;
  return `runs/${run}/parts/${number}`;
}

/**
 * Parses the key of a part.
 *
 * @param run The run.
 * @param key The key below the results' root.
 * @returns Which part, or null if it is another key.
 */
export function parsePartKey(run: string, key: string): PartName | null {
  const [, shard, start] = NAME_REGEXP.exec(key) ?? [];
  if (shard === undefined || start === undefined) return null;
  const name = { run, shard: Number(shard), start: Number(start) };
  return partKey(name) === key ? name : null;
}

function toText(
  records: Readonly<Record<string, Uint8Array>>,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(records).map(([name, bytes]) => [name, bytes.toBase64()]),
  );
}

/**
 * Encodes a part.
 *
 * @param part Its content.
 * @returns The file's bytes.
 */
export function encodePart(
  { rows, tallies, ...rest }: Part,
): Uint8Array<ArrayBuffer> {
  const stored = Object.entries(tallies).map(([category, tally]) => [category, {
    ...tally,
    scores: tally.scores.toBase64(),
    pixels: tally.pixels?.toBase64() ?? null,
    ...tally.groups !== undefined && {
      groups: tally.groups?.toBase64() ?? null,
    },
    ...tally.kinds !== undefined && { kinds: toText(tally.kinds) },
    ...tally.kindPixels !== undefined && {
      kindPixels: tally.kindPixels && toText(tally.kindPixels),
    },
  }]);
  const note = { ...rest, tallies: Object.fromEntries(stored) };
  const notes = { [NOTE]: JSON.stringify(note), [SEAL]: UNSEALED };
  return seal(writeScores(rows, notes));
}

/**
 * Decodes what {@linkcode encodePart} encoded. Parts of earlier versions have
 * no checksum, and are taken as they are.
 *
 * @param name Which part it must be.
 * @param bytes The file's bytes.
 * @returns Its content.
 * @throws {DataSetError} If the bytes are no part, or another one.
 */
export async function decodePart(
  name: PartName,
  bytes: Uint8Array,
): Promise<Part> {
  try {
    const { [NOTE]: note = "", [SEAL]: sum } = readNotes(bytes);
    if (sum !== undefined && !isSealed(bytes, sum)) {
      throw new TypeError("its bytes are not those that were written");
    }
    const rows = await readScores(bytes);
    const part = { ...parseJson(NOTES, note), rows };
    if (partKey(part) === partKey(name) && rows.length > 0) return part;
    throw new TypeError(`it holds ${rows.length} rows of ${partKey(part)}`);
  } catch (cause) {
    throw new DataSetError(
      `Cannot read ${partKey(name)} as it must be a part of this run: ${
        cause instanceof Error ? cause.message : cause
      }; delete it, and score its images again`,
      { cause },
    );
  }
}

/**
 * Encodes the images of a part that have no score.
 *
 * @param part The part.
 * @returns JSON lines of key, category, stage and reason, or null if all images
 * have a score.
 */
export function encodeErrors(
  { rows, stages }: Part,
): Uint8Array<ArrayBuffer> | null {
  const lines = rows.filter(({ error }) => error !== null)
    .toSorted((a, b) => a.key < b.key ? -1 : 1)
    .map(({ key, category, error: reason }) =>
      `${JSON.stringify({ key, category, stage: stages[key], reason })}\n`
    );
  return lines.length === 0 ? null : new TextEncoder().encode(lines.join(""));
}

/**
 * Decodes what {@linkcode encodeErrors} encoded.
 *
 * @param location Where the bytes lie, for messages.
 * @param bytes The file's bytes.
 * @returns The images.
 * @throws {DataSetError} If the bytes are damaged.
 */
export function decodeErrors(
  location: string,
  bytes: Uint8Array,
): PartError[] {
  const lines = new TextDecoder().decode(bytes).split("\n");
  try {
    return lines.filter((line) => line !== "")
      .map((line) => parseJson(ERROR_LINE, line));
  } catch (cause) {
    throw new DataSetError(
      `Cannot read ${location} as it must list images without a score: it is damaged`,
      { cause },
    );
  }
}
