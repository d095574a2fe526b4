/**
 * The images of a run whose manifest has parts.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { DataSetError } from "../../data/sample.ts";
import {
  type ObjectStore,
  readIfThere,
  type StoreOptions,
} from "../../storage/object_store.ts";
import type { PlanItem, PlanItems } from "../run.ts";
import { encodeItems, linesOf, toItem } from "./item_lines.ts";

/** A part of a manifest: so many images, in an object of that hash. */
export interface ManifestPart {
  /** Images in it. */
  readonly images: number;
  /** SHA-256 of the object in hexadecimal. */
  readonly sha256: string;
}

/** Images that are read from a store whenever they are gone through. */
export class StoredItems implements PlanItems {
  readonly #out: ObjectStore;
  /** The parts, in order. */
  readonly parts: readonly ManifestPart[];
  /** How many images there are. */
  readonly length: number;

  /** Constructs the images of a large run. */
  constructor(out: ObjectStore, parts: readonly ManifestPart[]) {
    this.#out = out;
    this.parts = parts;
    this.length = parts.reduce((sum, { images }) => sum + images, 0);
  }

  /** Some of them, in order; only their own parts are read. */
  async *slice(
    start: number,
    end: number = this.length,
    options: StoreOptions = {},
  ): AsyncGenerator<PlanItem> {
    let first = 0;
    for (const part of this.parts) {
      const next = first + part.images;
      if (first >= end) return;
      if (next > start && start < end) {
        const items = await readPart(this.#out, part, options);
        yield* items(Math.max(start - first, 0), Math.min(end, next) - first);
      }
      first = next;
    }
  }

  /** All of them, in order. */
  [Symbol.asyncIterator](): AsyncGenerator<PlanItem> {
    return this.slice(0);
  }
}

/**
 * The key of a part. It names the content, so that equal parts of several plans
 * are one object.
 *
 * @param sha256 SHA-256 of the part.
 * @returns The key below the results' root.
 */
export function manifestPartKey(sha256: string): string {
  return `manifests/${sha256}.jsonl`;
}

function damaged(location: string, cause?: unknown): DataSetError {
  const message = `Cannot read the images of the run as each part of its ` +
    `manifest must be as it was written: ${location} is missing or damaged`;
  return new DataSetError(message, { cause });
}

type ReadItems = (start: number, end: number) => Generator<PlanItem>;

async function readPart(
  out: ObjectStore,
  { images, sha256 }: ManifestPart,
  options: StoreOptions,
): Promise<ReadItems> {
  const key = manifestPartKey(sha256);
  const location = `${out.uri}${key}`;
  const bytes = await readIfThere(out, key, options);
  if (bytes === null || hashOf(bytes) !== sha256) throw damaged(location);
  return function* (start, end) {
    let at = start;
    for (const line of linesOf(bytes, start)) {
      if (at === end) return;
      yield itemOf(line, location);
      at++;
    }
    if (at < Math.min(end, images)) throw damaged(location);
  };
}

function itemOf(line: string, location: string): PlanItem {
  try {
    return toItem(line);
  } catch (cause) {
    throw damaged(location, cause);
  }
}

function hashOf(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** Options of {@linkcode writeParts}. */
export interface WritePartsOptions extends StoreOptions {
  /** Images of a part. */
  readonly images: number;
  /** Called with each image. */
  readonly onItem: (item: PlanItem) => void;
  /** Called with the bytes of all parts, one after the other. */
  readonly onBytes: (bytes: Uint8Array) => void;
}

/** Every so many items of a list, without a list of them all. */
function* groupsOf<T>(items: Iterable<T>, size: number): Generator<T[]> {
  let group: T[] = [];
  for (const item of items) {
    group.push(item);
    if (group.length < size) continue;
    yield group;
    group = [];
  }
  if (group.length > 0) yield group;
}

/**
 * Writes the parts of a manifest. Parts that are there already stay.
 *
 * @param out Where results go.
 * @param items The images, in order.
 * @param options How many images a part has, and how to stop.
 * @returns The parts.
 * @throws {StorageError} If the store fails.
 */
export async function writeParts(
  out: ObjectStore,
  items: Iterable<PlanItem>,
  { images, onItem, onBytes, ...options }: WritePartsOptions,
): Promise<ManifestPart[]> {
  const parts: ManifestPart[] = [];
  for (const group of groupsOf(items, images)) {
    options.signal?.throwIfAborted();
    group.forEach(onItem);
    const bytes = await new Blob([...encodeItems(group)]).bytes();
    onBytes(bytes);
    const sha256 = hashOf(bytes);
    const key = manifestPartKey(sha256);
    const contentType = "application/jsonl";
    if (!await out.create(key, bytes, { ...options, contentType })) {
      throw damaged(`${out.uri}${key}`);
    }
    parts.push({ images: group.length, sha256 });
  }
  return parts;
}
