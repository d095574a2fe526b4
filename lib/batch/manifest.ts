/**
 * The manifest of a run: a line of settings, then a line for each image.
 *
 * @module
 */
import { PRECISIONS } from "../methods/precision.ts";
import { createHash } from "node:crypto";
import { z } from "zod";
import { DataSetError } from "../data/sample.ts";
import { FRAME_SETTINGS } from "../framing/frame_settings.ts";
import { type ObjectStore, readIfThere } from "../storage/object_store.ts";
import type { StoreOptions } from "../storage/object_store.ts";
import type { PlanHeader, PlanItem } from "./run.ts";
import { GOOD_SUMMARY } from "./good.ts";
import { STORED_CRITERIA } from "./stored_criteria.ts";
import { parseJson } from "./stored_json.ts";

/** The content of a manifest. */
export interface RunManifest {
  /** The settings. */
  readonly header: PlanHeader;
  /** The images. */
  readonly items: readonly PlanItem[];
}

const VERSION = 1;
/** Lines that are encoded at a time. */
const LINES = 4096;
const RUN_REGEXP = /^[0-9a-f]{64}$/;

const COUNT = z.int().min(0);
const POINTS = z.array(z.tuple([z.number(), z.number()]));

const MASK_PART = z.union([
  z.string(),
  z.strictObject({ absent: z.string() }),
  z.strictObject({ polygon: POINTS, relative: z.boolean().exactOptional() }),
  z.strictObject({ line: POINTS }),
  z.strictObject({ runs: z.array(COUNT), size: z.tuple([COUNT, COUNT]) }),
]);

/** An image; a path that is the key is left out, as are masks if there are none. */
const LINE = z.object({
  key: z.string(),
  category: z.string(),
  label: z.union([z.literal(0), z.literal(1), z.null()]),
  defect: z.string().exactOptional(),
  size: COUNT,
  etag: z.string(),
  path: z.string().exactOptional(),
  /** Path of the only mask. */
  mask: z.string().exactOptional(),
  masks: z.array(MASK_PART).exactOptional(),
});

const HEADER = z.looseObject({
  version: z.literal(VERSION),
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
  }).exactOptional(),
});

function toLine(item: PlanItem): string {
  const { key, path, category, label, defect, masks, size, etag } = item;
  const [mask] = masks;
  const isOne = masks.length === 1 && typeof mask === "string";
  return JSON.stringify({
    ...{ key, category, label, size, etag },
    ...defect !== undefined && { defect },
    ...path !== key && { path },
    ...isOne && { mask },
    ...masks.length > 0 && !isOne && { masks },
  });
}

function toItem(text: string): PlanItem {
  const { mask, ...line } = parseJson(LINE, text);
  const one = mask === undefined ? [] : [mask];
  return { ...line, path: line.path ?? line.key, masks: line.masks ?? one };
}

/**
 * Encodes a manifest. The same content gives the same bytes.
 *
 * @param manifest Settings and images.
 * @returns The file's bytes, JSON lines.
 */
export function encodeManifest(
  { header, items }: RunManifest,
): Uint8Array<ArrayBuffer> {
  const encoder = new TextEncoder();
  const first = JSON.stringify({ version: VERSION, ...header });
  const chunks = [encoder.encode(`${first}\n`)];
  for (let i = 0; i < items.length; i += LINES) {
    const lines = items.slice(i, i + LINES).map((item) => `${toLine(item)}\n`);
    chunks.push(encoder.encode(lines.join("")));
  }
  const size = chunks.reduce((sum, { length }) => sum + length, 0);
  const bytes = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}

/**
 * The id of the run that a manifest describes.
 *
 * @param bytes The manifest.
 * @returns Its SHA-256 in hexadecimal.
 */
export function runOf(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/**
 * The key of a run's manifest.
 *
 * @param run The id of the run.
 * @returns The key below the results' root.
 */
export function manifestKey(run: string): string {
  return `runs/${run}/manifest.jsonl`;
}

/** Lines of a file; the whole file may be too long for one string. */
function* linesOf(bytes: Uint8Array): Generator<string> {
  const decoder = new TextDecoder();
  let start = 0;
  while (start < bytes.length) {
    const end = bytes.indexOf(10, start);
    const stop = end === -1 ? bytes.length : end;
    yield decoder.decode(bytes.subarray(start, stop));
    start = stop + 1;
  }
}

function damaged(location: string, cause?: unknown): DataSetError {
  const message = `Cannot open the run as its manifest must be as it was ` +
    `written: ${location} is damaged or of another version`;
  return new DataSetError(message, { cause });
}

/**
 * Writes the manifest of a run, unless it is already there.
 *
 * @param out Where the results lie.
 * @param bytes The manifest.
 * @param options How to stop.
 * @throws {DataSetError} If a manifest is there and is damaged.
 * @throws {StorageError} If the store fails.
 */
export async function writeRunManifest(
  out: ObjectStore,
  bytes: Uint8Array<ArrayBuffer>,
  options: StoreOptions = {},
): Promise<void> {
  const key = manifestKey(runOf(bytes));
  const contentType = "application/jsonl";
  const isThere = await out.create(key, bytes, { ...options, contentType });
  if (!isThere) throw damaged(`${out.uri}${key}`);
}

async function readManifestBytes(
  out: ObjectStore,
  run: string,
  options: StoreOptions,
): Promise<Uint8Array> {
  const bytes = await readIfThere(out, manifestKey(run), options);
  if (bytes !== null) return bytes;
  throw new DataSetError(
    `Cannot open the run as it must be planned first: ${out.uri}runs/ has no ${run}`,
  );
}

/**
 * Reads the manifest of a run.
 *
 * @param out Where the results lie.
 * @param run The id of the run.
 * @param options How to stop.
 * @returns The manifest.
 * @throws {DataSetError} If there is none, or it is damaged.
 * @throws {StorageError} If the store fails.
 */
export async function readRunManifest(
  out: ObjectStore,
  run: string,
  options: StoreOptions = {},
): Promise<RunManifest> {
  if (!RUN_REGEXP.test(run)) {
    throw new DataSetError(
      `Cannot open a run as its id must be 64 hexadecimal digits: current value is ${
        JSON.stringify(run)
      }`,
    );
  }
  const bytes = await readManifestBytes(out, run, options);
  const location = `${out.uri}${manifestKey(run)}`;
  if (runOf(bytes) !== run) throw damaged(location);
  const [first = "{}", ...lines] = linesOf(bytes);
  try {
    const { version: _, ...header } = parseJson(HEADER, first);
    return { header, items: lines.map(toItem) };
  } catch (cause) {
    throw damaged(location, cause);
  }
}
