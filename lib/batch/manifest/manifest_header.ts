/**
 * The settings in a manifest, as they are stored.
 *
 * @module
 */
import { z } from "zod";
import { FRAME_SETTINGS } from "../../framing/frame_settings.ts";
import { PRECISIONS } from "../../methods/precision.ts";
import { GOOD_SUMMARY } from "../good.ts";
import { STORED_CRITERIA } from "../stored_criteria.ts";
import type { ImageCounts } from "../../data/sample.ts";
import type { ManifestPart } from "./stored_items.ts";
import type { PlanHeader } from "../run.ts";
import { parseJson, recordOf } from "../stored_json.ts";

/** The version of a manifest in one file. */
export const ONE_FILE = 1;

/** The version of a manifest in parts. */
export const IN_PARTS = 2;

const COUNT = z.int().min(0);

/** The first line of a manifest in one file. */
const HEADER = z.looseObject({
  version: z.literal(ONE_FILE),
  input: z.object({
    uri: z.string(),
    kind: z.enum(["folder", "list", "archive"]),
    name: z.string(),
  }),
  model: z.object({ name: z.string(), fingerprint: z.string() }),
  scoring: z.object({ method: z.string(), score_rule: z.string() })
    .exactOptional(),
  smooth: z.number().min(0),
  precision: z.enum(PRECISIONS),
  prompts: z.string().nullable(),
  heatRange: z.tuple([z.number(), z.number()]),
  bitDepth: z.literal([8, 10, 12, 16]),
  maxPixels: z.number().positive().exactOptional(),
  ignoreOrientation: z.boolean().exactOptional(),
  frame: FRAME_SETTINGS.exactOptional(),
  criteria: STORED_CRITERIA.exactOptional(),
  shards: z.int().min(1),
  categories: z.array(z.string()),
  since: z.array(z.string()),
  good: z.object({
    identity: z.string(),
    categories: z.record(z.string(), GOOD_SUMMARY),
    criteria: STORED_CRITERIA.exactOptional(),
  }).exactOptional(),
});

const COUNTS = z.object({
  good: COUNT,
  defective: COUNT,
  unlabelled: COUNT,
  masks: COUNT,
});

/** The first line of a manifest in parts. */
const INDEX_HEADER = HEADER.extend({
  version: z.literal(IN_PARTS),
  /** How many images the run has. */
  images: COUNT,
  /** Those of each category. */
  counts: recordOf(COUNTS),
  /** Position after the last image of each shard. */
  ends: z.array(COUNT).min(1),
});

/** A line of a manifest in parts: one of them. */
const INDEX_LINE = z.object({
  images: z.int().min(1),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
});

const ANY_VERSION = z.looseObject({ version: z.literal(IN_PARTS) });

/**
 * Tells a manifest in parts by its first line.
 *
 * @param first The line.
 * @throws {SyntaxError} If it is not JSON.
 */
export function isIndex(first: string): boolean {
  return ANY_VERSION.safeParse(JSON.parse(first)).success;
}

/**
 * Reads the first line of a manifest in one file.
 *
 * @param line The line.
 * @throws {SyntaxError} If it is not JSON.
 * @throws {TypeError} If it is other JSON.
 */
export function parseHeader(line: string): PlanHeader {
  const { version: _, ...header } = parseJson(HEADER, line);
  return header;
}

/** The first line of a manifest in parts. */
export interface IndexHeader {
  /** The settings. */
  readonly header: PlanHeader;
  /** How many images the run has. */
  readonly images: number;
  /** Those of each category. */
  readonly counts: Readonly<Record<string, ImageCounts>>;
  /** Position after the last image of each shard. */
  readonly ends: readonly number[];
}

/**
 * Reads the first line of a manifest in parts.
 *
 * @param line The line.
 * @throws {SyntaxError} If it is not JSON.
 * @throws {TypeError} If it is other JSON.
 */
export function parseIndexHeader(line: string): IndexHeader {
  const { version: _, images, counts, ends, ...header } = parseJson(
    INDEX_HEADER,
    line,
  );
  return { header, images, counts, ends };
}

/**
 * Reads a line of a manifest in parts.
 *
 * @param line The line.
 * @throws {SyntaxError} If it is not JSON.
 * @throws {TypeError} If it is other JSON.
 */
export function parsePart(line: string): ManifestPart {
  return parseJson(INDEX_LINE, line);
}
