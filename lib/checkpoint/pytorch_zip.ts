/**
 * The zip archives that torch.save and torch.jit.save write.
 *
 * @module
 */
import { crc32 } from "node:zlib";
import type { ByteRange } from "../files/stored_bytes.ts";
import { ZipDirectory, type ZipEntry } from "../files/zip_directory.ts";
import { cannotLoad } from "./cannot_load.ts";
import { ModelError } from "./model_error.ts";
import { ModelFile } from "./model_file.ts";
import { quote } from "./quote.ts";

/** More entries than any checkpoint has. */
const MAX_ENTRIES = 200_000;

/** "PK" and the kind of the header with which every zip begins. */
const ZIP_MAGIC = 0x04034b50;

/** The first 14 bytes of torch.save until PyTorch 1.6, a pickled number. */
const OLD_MAGIC = "8002 8a0a 6cfc 9c46 f920 6aa8 5019".replaceAll(" ", "");

function refuseOtherFormats(
  path: string,
  start: Uint8Array<ArrayBuffer>,
): void {
  const isZip = start.length >= 4 &&
    new DataView(start.buffer).getUint32(0, true) === ZIP_MAGIC;
  if (isZip) return;
  const isTar = new TextDecoder().decode(start.slice(257, 262)) === "ustar";
  if (isTar || start.slice(0, 14).toHex() === OLD_MAGIC) {
    cannotLoad(
      path,
      "it has the format of PyTorch before 1.6, which must be loaded with " +
        "torch.load and saved again with torch.save",
    );
  }
  cannotLoad(path, "it is neither a zip archive of PyTorch nor safetensors");
}

/** An open archive of PyTorch. */
export class PytorchArchive implements Disposable {
  /** Its path. */
  readonly path: string;
  readonly #file: ModelFile;
  readonly #zip: ZipDirectory;
  readonly #entries: ReadonlyMap<string, ZipEntry>;

  private constructor(
    file: ModelFile,
    zip: ZipDirectory,
    entries: ReadonlyMap<string, ZipEntry>,
  ) {
    this.path = file.path;
    this.#file = file;
    this.#zip = zip;
    this.#entries = entries;
  }

  /**
   * Opens an archive and reads its directory.
   *
   * @throws {ModelError} If it is missing, cut off, damaged or of another
   * format.
   */
  static async open(path: string): Promise<PytorchArchive> {
    using stack = new DisposableStack();
    const file = stack.use(await ModelFile.open(path));
    const end = Math.min(file.size, 512);
    refuseOtherFormats(path, await file.read({ start: 0, end }));
    const zip = await whole(path, ZipDirectory.open(file));
    const entries = await whole(path, readDirectory(path, zip));
    stack.move();
    return new PytorchArchive(file, zip, entries);
  }

  /** Whether there is an entry of this name, below the archive's folder. */
  has(name: string): boolean {
    return this.#entries.has(name);
  }

  /**
   * Finds where the bytes of an entry lie in the file.
   *
   * @throws {ModelError} If there is no such entry, or it is compressed.
   */
  async locate(name: string): Promise<ByteRange> {
    const entry = this.#entries.get(name);
    if (entry === undefined) {
      cannotLoad(this.path, `its archive has no entry ${quote(name)}`);
    }
    if (entry.compressionMethod !== 0 || entry.isEncrypted()) {
      cannotLoad(
        this.path,
        `the entry ${name} of its archive must be stored as it is, neither ` +
          "compressed nor encrypted",
      );
    }
    const { start } = await whole(this.path, this.#zip.locate(entry));
    return { start, end: start + entry.uncompressedSize };
  }

  /**
   * Reads a small entry.
   *
   * @throws {ModelError} If it is missing, damaged or longer than `limit`.
   */
  async read(name: string, limit: number): Promise<Uint8Array<ArrayBuffer>> {
    const range = await this.locate(name);
    const length = range.end - range.start;
    if (length > limit) {
      cannotLoad(
        this.path,
        `${name} must have at most ${limit} bytes: current value is ${length}`,
      );
    }
    const bytes = await this.#file.read(range);
    if (crc32(bytes) !== this.#entries.get(name)!.crc32) {
      cannotLoad(this.path, `the checksum of ${name} does not fit`);
    }
    return bytes;
  }

  /** Closes the file. */
  [Symbol.dispose](): void {
    this.#file[Symbol.dispose]();
  }
}

/** Gives yauzl's errors the form of all others. */
async function whole<T>(path: string, reading: Promise<T>): Promise<T> {
  try {
    return await reading;
  } catch (error) {
    if (error instanceof ModelError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    cannotLoad(
      path,
      `its zip archive must be whole and valid: ${reason.replace(/\.$/, "")}`,
    );
  }
}

/** Entries by their names below the one folder that PyTorch makes. */
async function readDirectory(
  path: string,
  zip: ZipDirectory,
): Promise<Map<string, ZipEntry>> {
  if (zip.entryCount > MAX_ENTRIES) {
    cannotLoad(
      path,
      `its archive must have at most ${MAX_ENTRIES} entries: current value ` +
        `is ${zip.entryCount}`,
    );
  }
  const entries = new Map<string, ZipEntry>();
  for await (const entry of zip.entries()) {
    if (entries.has(entry.fileName)) {
      cannotLoad(path, `its archive has ${quote(entry.fileName)} twice`);
    }
    entries.set(entry.fileName, entry);
  }
  const folders = [...entries.keys()].flatMap((name) =>
    /^([^/]+)\/data\.pkl$/.exec(name)?.[1] ?? []
  );
  if (folders.length !== 1) {
    cannotLoad(
      path,
      "it is a zip archive, but not of torch.save or torch.jit.save: there " +
        `must be one data.pkl, there are ${folders.length}`,
    );
  }
  const prefix = `${folders[0]}/`;
  return new Map(
    [...entries].filter(([name]) => name.startsWith(prefix)).map((
      [name, entry],
    ) => [name.slice(prefix.length), entry]),
  );
}
