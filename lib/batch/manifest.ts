/**
 * The manifest of a run: a line of settings, then a line for each image; of a
 * large run a line for each of its parts, which hold the images.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { visitAll } from "../async/visit_all.ts";
import { countImages, ImageCounter } from "../data/listing.ts";
import { DataSetError } from "../data/sample.ts";
import { type ObjectStore, readIfThere } from "../storage/object_store.ts";
import type { StoreOptions } from "../storage/object_store.ts";
import { HeldItems } from "./manifest/held_items.ts";
import { encodeItems, linesOf, toItem } from "./manifest/item_lines.ts";
import {
  type ManifestPart,
  StoredItems,
  writeParts,
} from "./manifest/stored_items.ts";
import {
  IN_PARTS,
  type IndexHeader,
  isIndex,
  ONE_FILE,
  parseHeader,
  parseIndexHeader,
  parsePart,
} from "./manifest/manifest_header.ts";
import type { Plan, PlanHeader, PlanItem } from "./run.ts";
import {
  rangesTo,
  ShardDivider,
  shardRanges,
  weightOf,
} from "./shard_range.ts";

/** What a manifest is made of. */
export interface ManifestDraft {
  /** The settings. */
  readonly header: PlanHeader;
  /** The images, which are gone through more than once. */
  readonly items: Iterable<PlanItem>;
}

/** Default of {@linkcode WriteManifestOptions.heldImages}. */
export const HELD_IMAGES = 65_536;

/** Options of {@linkcode writeManifest}. */
export interface WriteManifestOptions extends StoreOptions {
  /**
   * Images of a manifest in one file, and of each part of a larger one.
   *
   * @default {65_536}
   */
  readonly heldImages?: number | undefined;
}

/** Earlier versions wrote 1 to 2 GB for ten million images, all in one file. */
const MOST_BYTES = 2 ** 33;

const RUN_REGEXP = /^[0-9a-f]{64}$/;

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

function damaged(location: string, cause?: unknown): DataSetError {
  const message = `Cannot open the run as its manifest must be as it was ` +
    `written: ${location} is damaged or of another version`;
  return new DataSetError(message, { cause });
}

function lineOf(value: unknown): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(`${JSON.stringify(value)}\n`);
}

function firstLine(header: PlanHeader): Uint8Array<ArrayBuffer> {
  return lineOf({ version: ONE_FILE, ...header });
}

/** The first images; all of them where there are no more. */
function firstOf(items: Iterable<PlanItem>, count: number): PlanItem[] {
  const first: PlanItem[] = [];
  for (const item of items) {
    first.push(item);
    if (first.length === count) break;
  }
  return first;
}

async function create(
  out: ObjectStore,
  bytes: Uint8Array<ArrayBuffer>,
  options: StoreOptions,
): Promise<string> {
  const run = runOf(bytes);
  const key = manifestKey(run);
  const contentType = "application/jsonl";
  const isThere = await out.create(key, bytes, { ...options, contentType });
  if (!isThere) throw damaged(`${out.uri}${key}`);
  return run;
}

/** A plan without its place. */
type Content = Omit<Plan, "run" | "out">;

function held(header: PlanHeader, items: readonly PlanItem[]): Content {
  return {
    header,
    items: new HeldItems(items),
    ranges: shardRanges({ header, items }),
    counts: countImages(header.categories, items),
  };
}

/** A run that an earlier version planned, with all images in one file. */
async function earlierRun(
  out: ObjectStore,
  run: string,
  options: StoreOptions,
): Promise<Plan | null> {
  const info = await out.head(manifestKey(run), options);
  return info && await readRunManifest(out, run, options);
}

async function writeInParts(
  out: ObjectStore,
  { header, items }: ManifestDraft,
  { heldImages: images = HELD_IMAGES, ...options }: WriteManifestOptions,
): Promise<Plan> {
  let total = 0;
  const counter = new ImageCounter(header.categories);
  await visitAll(items, (item) => {
    total += weightOf(item);
    counter.add(item);
  }, options.signal);
  const divider = new ShardDivider(total, header.shards);
  const oneFile = createHash("sha256").update(firstLine(header));
  const parts = await writeParts(out, items, {
    ...options,
    images,
    onItem: (item) => divider.add(item),
    onBytes: (bytes) => oneFile.update(bytes),
  });
  const earlier = await earlierRun(out, oneFile.digest("hex"), options);
  if (earlier !== null) return earlier;
  const { counts } = counter;
  const { ranges } = divider;
  const stored = new StoredItems(out, parts);
  const index = {
    version: IN_PARTS,
    ...header,
    images: stored.length,
    counts,
    ends: ranges.map(({ end }) => end),
  };
  const lines = [index, ...parts].map(lineOf);
  const run = await create(out, await new Blob(lines).bytes(), options);
  return { run, out, header, items: stored, ranges, counts };
}

/**
 * Writes the manifest of a run, unless it is already there. The same content
 * gives the same run.
 *
 * @param out Where the results lie.
 * @param draft Settings and images.
 * @param options How many images one file holds, and how to stop.
 * @returns The run.
 * @throws {DataSetError} If a manifest is there and is damaged.
 * @throws {StorageError} If the store fails.
 */
export async function writeManifest(
  out: ObjectStore,
  draft: ManifestDraft,
  options: WriteManifestOptions = {},
): Promise<Plan> {
  const { heldImages = HELD_IMAGES } = options;
  const { header } = draft;
  const items = firstOf(draft.items, heldImages + 1);
  if (items.length > heldImages) return await writeInParts(out, draft, options);
  const chunks = [firstLine(header), ...encodeItems(items)];
  const run = await create(out, await new Blob(chunks).bytes(), options);
  return { run, out, ...held(header, items) };
}

async function readManifestBytes(
  out: ObjectStore,
  run: string,
  options: StoreOptions,
): Promise<Uint8Array> {
  const bounded = { ...options, maxBytes: MOST_BYTES };
  const bytes = await readIfThere(out, manifestKey(run), bounded);
  if (bytes !== null) return bytes;
  throw new DataSetError(
    `Cannot open the run as it must be planned first: ${out.uri}runs/ has no ${run}`,
  );
}

/** What a manifest in parts says of them must fit together. */
function assertFits(
  { images, ends, header: { shards } }: IndexHeader,
  parts: readonly ManifestPart[],
): void {
  const total = parts.reduce((sum, part) => sum + part.images, 0);
  const isOrdered = ends.every((end, i) => end >= (ends[i - 1] ?? 0));
  const isWhole = total === images && ends.at(-1) === images;
  if (isWhole && isOrdered && ends.length === shards) return;
  throw new RangeError("its parts and shards do not add up");
}

function decodeIndex(out: ObjectStore, lines: readonly string[]): Content {
  const [first = "{}", ...rest] = lines;
  const index = parseIndexHeader(first);
  const parts = rest.map(parsePart);
  assertFits(index, parts);
  const { header, counts, ends } = index;
  const items = new StoredItems(out, parts);
  return { header, items, ranges: rangesTo(ends), counts };
}

function decode(out: ObjectStore, bytes: Uint8Array): Content {
  const [first = "{}"] = linesOf(bytes);
  if (isIndex(first)) return decodeIndex(out, [...linesOf(bytes)]);
  return held(parseHeader(first), Array.from(linesOf(bytes, 1), toItem));
}

/**
 * Reads the manifest of a run.
 *
 * @param out Where the results lie.
 * @param run The id of the run.
 * @param options How to stop.
 * @returns The run. The images of a large one are read when they are needed.
 * @throws {DataSetError} If there is none, or it is damaged.
 * @throws {StorageError} If the store fails.
 */
export async function readRunManifest(
  out: ObjectStore,
  run: string,
  options: StoreOptions = {},
): Promise<Plan> {
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
  try {
    return { run, out, ...decode(out, bytes) };
  } catch (cause) {
    throw damaged(location, cause);
  }
}
