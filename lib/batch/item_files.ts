/**
 * The files of the images of a run.
 *
 * @module
 */
import { maskFiles } from "../data/mask_part.ts";
import { DataSetError } from "../data/sample.ts";
import type { Source } from "../data/source.ts";
import type { StoreOptions } from "../storage/object_store.ts";
import type { Plan, PlanItem } from "./run.ts";
import {
  archiveSource,
  assertReadable,
  findObject,
  MOST_BYTES,
  storageCause,
} from "./stored_sources.ts";
import type { OpenObject } from "../storage/open_store.ts";
import type { Stores } from "./stores.ts";

/** An image of a run, and how to read its files. */
export interface PlanItemFiles {
  /** The image. */
  readonly item: PlanItem;
  /** Reads the image's file. */
  readonly image: () => Promise<Uint8Array>;
  /** Reads the file of one of its masks. */
  readonly mask: (path: string) => Promise<Uint8Array>;
}

/** Options of {@linkcode itemFiles}. */
export interface ItemFilesOptions extends StoreOptions {
  /** Opens the input. */
  readonly stores: Stores;
}

/** A file to read; its ETag is "" if it was not looked up before. */
type PlannedFile = Pick<PlanItem, "path" | "size" | "etag">;

/** What `for await` goes through. */
export type AnyIterable<T> = Iterable<T> | AsyncIterable<T>;

async function* objectFiles(
  items: AnyIterable<PlanItem>,
  locate: (path: string) => OpenObject,
  options: StoreOptions,
): AsyncGenerator<PlanItemFiles> {
  const read = (file: PlannedFile) =>
    readFile(locate(file.path), file, options);
  for await (const item of items) {
    yield {
      item,
      image: () => read(item),
      mask: (path) => read({ path, size: 0, etag: "" }),
    };
  }
}

/**
 * Reads a file that is not too large. An image that has changed since the run was
 * planned counts as missing, so that all workers score the same images.
 */
async function readFile(
  { store, key }: OpenObject,
  { path, size, etag }: PlannedFile,
  options: StoreOptions,
): Promise<Uint8Array> {
  const found = etag === "" ? await store.head(key, options) : { size, etag };
  assertReadable(path, found?.size ?? 0);
  return await store.read(key, {
    ...options,
    maxBytes: MOST_BYTES,
    ...found !== null && { etag: found.etag },
  });
}

async function openArchive(
  { header }: Plan,
  [first]: readonly PlanItem[],
  { stores, ...options }: ItemFilesOptions,
): Promise<Source> {
  const { store, key } = stores.object(header.input.uri);
  const object = await findObject(store, key, options);
  if (object.info.etag === first?.etag) {
    return await archiveSource(object, options);
  }
  throw new DataSetError(
    `Cannot read the archive ${header.input.uri} as it must be the one that the run was planned with: it has changed`,
  );
}

async function* archiveFiles(
  source: Source,
  items: readonly PlanItem[],
): AsyncGenerator<PlanItemFiles> {
  const masks = items.flatMap(({ masks }) => maskFiles(masks));
  await source.keep(new Set(masks));
  const byPath = new Map(items.map((item) => [item.path, item]));
  for await (const { path, read } of source.each(new Set(byPath.keys()))) {
    const item = byPath.get(path)!;
    yield { item, image: read, mask: (path) => source.read(path) };
  }
}

/**
 * Reads some images of a run, one after the other.
 *
 * @param plan The run.
 * @param items The images, in the order of the run.
 * @param options How to open the input, and how to stop.
 * @yields Each image, in that order.
 * @throws {DataSetError} If the input is an archive that is damaged or has
 * changed.
 * @throws {StorageError} If a store fails.
 */
export async function* itemFiles(
  plan: Plan,
  items: AnyIterable<PlanItem>,
  options: ItemFilesOptions,
): AsyncGenerator<PlanItemFiles> {
  const { uri, kind } = plan.header.input;
  if (kind === "archive") {
    const all = await Array.fromAsync(items);
    if (all.length === 0) return;
    const source = await openArchive(plan, all, options);
    try {
      yield* archiveFiles(source, all);
    } catch (error) {
      throw storageCause(error) ?? error;
    }
    return;
  }
  const { stores, ...rest } = options;
  const folder = kind === "list" ? undefined : stores.folder(uri);
  const locate = (path: string) =>
    folder === undefined ? stores.object(path) : { store: folder, key: path };
  yield* objectFiles(items, locate, rest);
}
