/**
 * A tar archive, compressed or not, as a source. It is read as a stream, once
 * to list it and once to yield its files; nothing is written to disk.
 *
 * @module
 */
import {
  ARCHIVE_LIMITS,
  archiveError,
  type ArchiveLimits,
  archiveName,
  EntryList,
} from "./archive.ts";
import type { DataSetError } from "../sample.ts";
import { isImageName, type Source, type SourceFile } from "../source.ts";
import type { StoredBytes } from "../../files/stored_bytes.ts";
import { readTar, type TarCompression, type TarEntry } from "./tar_stream.ts";

/**
 * Whether to keep a file's bytes while listing: lists, and what is a mask by
 * its name, as masks may lie before or after their images.
 */
function isKept(path: string): boolean {
  if (/\.(csv|tsv|jsonl?|ndjson|txt|xml)$/i.test(path)) return true;
  return isImageName(path) && MASK_REGEXP.test(path);
}

const MASK_REGEXP =
  /(^|\/)(ground[_ -]?truths?|gt|masks?|labels?|annotations?|segmentations?)\/|[-_. ](mask|label|gt|ground[-_ ]?truth)(?:[-_. ]?\d+)?\.\w+$/i;

class TarSource implements Source {
  readonly location: string;
  readonly kind = "archive";
  readonly name: string;
  files: readonly string[] = [];
  folders: readonly string[] = [];
  notes: readonly string[] = [];
  /** Path of a link -> path of its file. */
  #links: ReadonlyMap<string, string> = new Map();
  readonly #bytes: StoredBytes;
  readonly #compression: TarCompression;
  readonly #limits: ArchiveLimits;
  readonly #kept = new Map<string, Uint8Array>();
  #keptBytes = 0;

  constructor(
    bytes: StoredBytes,
    compression: TarCompression,
    limits: ArchiveLimits,
  ) {
    this.location = bytes.location;
    this.name = archiveName(bytes.location);
    this.#bytes = bytes;
    this.#compression = compression;
    this.#limits = limits;
  }

  async list(): Promise<void> {
    const list = new EntryList(this.location, this.#limits);
    for await (const entry of readTar(this.#bytes, this.#compression)) {
      const path = list.add(entry.name, entry.kind, entry.target);
      if (entry.kind === "file" && isKept(path)) await this.#keep(path, entry);
    }
    this.files = list.files;
    this.folders = list.folders;
    this.notes = list.notes;
    this.#links = list.links.files;
    const linked = [...this.#links].filter(([path, file]) =>
      isKept(path) && !this.#kept.has(file)
    );
    await this.#keepMissing(new Set(linked.map(([, file]) => file)));
  }

  /** The file that a path leads to. */
  #fileOf(path: string): string {
    return this.#links.get(path) ?? path;
  }

  /** What is too large to keep is left, and missed only if it is needed. */
  async #keep(path: string, entry: TarEntry): Promise<void> {
    const total = this.#keptBytes + entry.size;
    if (total > this.#limits.keptBytes) return;
    this.#kept.set(path, await entry.read());
    this.#keptBytes = total;
  }

  read(path: string): Promise<Uint8Array> {
    const data = this.#kept.get(this.#fileOf(path));
    if (data !== undefined) return Promise.resolve(data);
    return Promise.reject(this.#tooMuch(path));
  }

  async keep(paths: ReadonlySet<string>): Promise<void> {
    const files = new Set([...paths].map((path) => this.#fileOf(path)));
    for (const path of this.#kept.keys()) {
      if (files.has(path)) continue;
      this.#keptBytes -= this.#kept.get(path)!.length;
      this.#kept.delete(path);
    }
    await this.#keepMissing(files);
    const [lost] = files.difference(this.#kept);
    if (lost !== undefined) throw this.#tooMuch(lost);
  }

  async #keepMissing(files: ReadonlySet<string>): Promise<void> {
    const missing = files.difference(this.#kept);
    if (missing.size === 0) return;
    for await (const { path, entry } of this.#entries(missing)) {
      await this.#keep(path, entry);
    }
  }

  #tooMuch(path: string): DataSetError {
    const must =
      `its masks and lists must have at most ${this.#limits.keptBytes} bytes together`;
    return archiveError(this.location, must, path);
  }

  async *each(paths: ReadonlySet<string>): AsyncGenerator<SourceFile> {
    const { fileBytes } = this.#limits;
    const wanted = Map.groupBy(paths, (path) => this.#fileOf(path));
    for await (const { path, entry } of this.#entries(new Set(wanted.keys()))) {
      if (entry.size > fileBytes) {
        const must = `${path} must have at most ${fileBytes} bytes`;
        const error = archiveError(this.location, must, entry.size);
        for (const name of wanted.get(path)!) {
          yield { path: name, read: () => Promise.reject(error) };
        }
        continue;
      }
      const data = await entry.read();
      for (const name of wanted.get(path)!) {
        yield { path: name, read: () => Promise.resolve(data) };
      }
    }
  }

  /** Passes through the archive until the last of these files, no links, is met. */
  async *#entries(
    paths: ReadonlySet<string>,
  ): AsyncGenerator<{ path: string; entry: TarEntry }> {
    const left = new Set(paths);
    const list = new EntryList(this.location, this.#limits);
    for await (const entry of readTar(this.#bytes, this.#compression)) {
      const path = list.add(entry.name, entry.kind, entry.target);
      if (!left.delete(path)) continue;
      yield { path, entry };
      if (left.size === 0) return;
    }
    const [first] = left;
    if (first !== undefined) {
      const must = "it must not change while it is read";
      throw archiveError(this.location, must, first);
    }
  }
}

/**
 * Opens a tar archive and lists it.
 *
 * @param bytes The archive's bytes.
 * @param compression How they are compressed.
 * @param limits How large it may be.
 * @returns Its files as a source.
 * @throws {DataSetError} If it is cut off or damaged, has an entry that is
 * unsafe or there twice, or is over a limit.
 */
export async function openTar(
  bytes: StoredBytes,
  compression: TarCompression,
  limits: ArchiveLimits = ARCHIVE_LIMITS,
): Promise<Source> {
  const source = new TarSource(bytes, compression, limits);
  await source.list();
  return source;
}
