/**
 * The files of the images of a run.
 *
 * @module
 */
import { ARCHIVE_LIMITS } from "../data/archive.ts";
import { DataSetError } from "../data/sample.ts";
import type { Source } from "../data/source.ts";
import type {
  ObjectStore,
  ReadOptions,
  StoreOptions,
} from "../storage/object_store.ts";
import type { Plan, PlanItem } from "./run.ts";
import { archiveSource, findObject } from "./stored_sources.ts";
import type { Stores } from "./stores.ts";

/** An image of a run, and how to read its files. */
export interface ItemFiles {
  /** The image. */
  readonly item: PlanItem;
  /** Reads the image's file. */
  readonly image: () => Promise<Uint8Array>;
  /** Reads the mask's file; the image must have one. */
  readonly mask: () => Promise<Uint8Array>;
}

/** Options of {@linkcode itemFiles}. */
export interface ItemFilesOptions extends StoreOptions {
  /** Opens the input. */
  readonly stores: Stores;
}

/** Reads a file; only the version with the tag, where one is given. */
type Read = (path: string, etag: string) => Promise<Uint8Array>;

/** Larger files are read by no one: a worker would run out of memory. */
const MOST_BYTES = ARCHIVE_LIMITS.fileBytes;

function assertSize(path: string, size: number): void {
  if (size <= MOST_BYTES) return;
  throw new DataSetError(
    `Cannot read ${path} as it must have at most ${MOST_BYTES} bytes: current value is ${size}`,
  );
}

function* objectFiles(
  items: readonly PlanItem[],
  read: Read,
): Generator<ItemFiles> {
  for (const item of items) {
    yield {
      item,
      image: async () => {
        assertSize(item.path, item.size);
        return await read(item.path, item.etag);
      },
      mask: () => read(item.mask!, ""),
    };
  }
}

/** A run has one meaning, so an image that was changed since is as good as none. */
function versioned(etag: string, { signal }: StoreOptions): ReadOptions {
  return {
    ...etag !== "" && { etag },
    ...signal !== undefined && { signal },
  };
}

function folderReader(store: ObjectStore, options: StoreOptions): Read {
  return (path, etag) => store.read(path, versioned(etag, options));
}

function listReader({ stores, ...options }: ItemFilesOptions): Read {
  return async (path, etag) => {
    const { store, key } = stores.object(path);
    return await store.read(key, versioned(etag, options));
  };
}

async function openArchive(
  { header, items: [first] }: Plan,
  { stores, ...options }: ItemFilesOptions,
): Promise<Source> {
  const { store, key } = stores.object(header.input.uri);
  const object = await findObject(store, key, options);
  if (object.info.etag === first?.etag) {
    return await archiveSource(object, options);
  }
  throw new DataSetError(
    `Cannot read the archive ${header.input.uri} as it must be as when the run was planned: it has changed`,
  );
}

async function* archiveFiles(
  source: Source,
  items: readonly PlanItem[],
): AsyncGenerator<ItemFiles> {
  const masks = items.map(({ mask }) => mask).filter((mask) => mask !== null);
  await source.keep(new Set(masks));
  const byPath = new Map(items.map((item) => [item.path, item]));
  for await (const { path, read } of source.each(new Set(byPath.keys()))) {
    const item = byPath.get(path)!;
    yield { item, image: read, mask: () => source.read(item.mask!) };
  }
}

/**
 * Goes through some images of a run.
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
  items: readonly PlanItem[],
  options: ItemFilesOptions,
): AsyncGenerator<ItemFiles> {
  const { uri, kind } = plan.header.input;
  if (items.length === 0) return;
  if (kind === "archive") {
    yield* archiveFiles(await openArchive(plan, options), items);
    return;
  }
  const read = kind === "list"
    ? listReader(options)
    : folderReader(options.stores.folder(uri), options);
  yield* objectFiles(items, read);
}
