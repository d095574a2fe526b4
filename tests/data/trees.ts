/**
 * Small data sets made on the fly, as folders and as archives.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { dirname, join } from "node:path";
import { crc32, deflateRawSync } from "node:zlib";
import { pack } from "tar-stream";
import {
  encodeJpeg,
  encodeMaskPng,
  encodePng,
} from "../../lib/image/encode.ts";

/** Files by path. */
export type Tree = Record<string, Uint8Array>;

const WIDTH = 12;
const HEIGHT = 8;

/** A PNG of one colour, which tells images apart. */
export function png(value: number): Promise<Uint8Array> {
  const data = new Uint8Array(WIDTH * HEIGHT * 3).fill(value);
  return encodePng({ width: WIDTH, height: HEIGHT, data });
}

/** A JPEG of one colour. */
export function jpeg(value: number): Promise<Uint8Array> {
  const data = new Uint8Array(WIDTH * HEIGHT * 3).fill(value);
  return encodeJpeg({ width: WIDTH, height: HEIGHT, data });
}

/** A mask with its first `lit` pixels set. */
export function mask(lit: number, width: number = WIDTH): Promise<Uint8Array> {
  const data = new Uint8Array(width * HEIGHT).fill(1, 0, lit);
  return encodeMaskPng({ width, height: HEIGHT, data });
}

/** Two categories in the layout of MVTec AD, and what lies about in folders. */
export async function mvtecTree(): Promise<Tree> {
  const text = new TextEncoder().encode("not an image");
  return {
    "bottle/ground_truth/broken_large/000_mask.png": await mask(5),
    "bottle/ground_truth/broken_large/001_mask.png": await mask(6),
    "bottle/test/broken_large/000.png": await png(10),
    "bottle/test/broken_large/001.png": await png(11),
    "bottle/test/broken_large/Thumbs.db": text,
    "bottle/test/good/000.png": await png(12),
    "bottle/train/good/000.png": await png(13),
    "license.txt": text,
    "metal_nut/ground_truth/bent/000_mask.png": await mask(7),
    "metal_nut/test/bent/000.PNG": await png(20),
    "metal_nut/test/bent/.hidden.png": text,
    "metal_nut/test/good/000.png": await png(21),
    "metal_nut/train/good/000.png": await png(22),
  };
}

/** The same files below a folder. */
export function below(folder: string, tree: Tree): Tree {
  return Object.fromEntries(
    Object.entries(tree).map(([path, data]) => [`${folder}/${path}`, data]),
  );
}

/** Runs with the files in a temporary folder, which it removes. */
export async function withFolder(
  tree: Tree,
  run: (folder: string) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "data_set" });
  try {
    for (const [path, data] of Object.entries(tree)) {
      await Deno.mkdir(join(folder, dirname(path)), { recursive: true });
      await Deno.writeFile(join(folder, path), data);
    }
    await run(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Runs with one file of these bytes. */
export async function withFile(
  name: string,
  data: Uint8Array,
  run: (path: string) => Promise<void>,
): Promise<void> {
  await withFolder({ [name]: data }, (folder) => run(join(folder, name)));
}

/** An entry of an archive, which need not be a file or safe. */
export interface RawEntry {
  name: string;
  /** Bytes of the name in a zip archive, without the flag for UTF-8. */
  rawName?: Uint8Array;
  data?: Uint8Array;
  type?: "file" | "symlink" | "link" | "directory" | "fifo";
  linkname?: string;
  /** Where the directory of a zip archive says that it starts. */
  offset?: number;
}

/** The entries of a tree of files. */
export function entriesOf(tree: Tree): RawEntry[] {
  return Object.entries(tree).map(([name, data]) => ({ name, data }));
}

/** Packs a tar archive. */
export async function packTar(entries: RawEntry[]): Promise<Uint8Array> {
  const packer = pack();
  for (const { name, data, type = "file", linkname } of entries) {
    const header = linkname === undefined
      ? { name, type }
      : { name, type, linkname };
    packer.entry(header, Buffer.from(data ?? []));
  }
  packer.finalize();
  const chunks: Uint8Array[] = [];
  for await (const chunk of packer) chunks.push(chunk as Uint8Array);
  return Buffer.concat(chunks);
}

/** One record of a zip archive; the central one repeats the local one. */
function zipRecord(
  entry: RawEntry,
  packed: Uint8Array,
  offset: number | null,
): Buffer {
  const { name, rawName, data = new Uint8Array(), type } = entry;
  const path = Buffer.from(rawName ?? new TextEncoder().encode(name));
  const central = offset !== null;
  const record = Buffer.alloc(central ? 46 : 30);
  record.writeUInt32LE(central ? 0x02014b50 : 0x04034b50, 0);
  const at = central ? 6 : 4;
  record.writeUInt16LE(20, at);
  record.writeUInt16LE(rawName === undefined ? 0x800 : 0, at + 2);
  record.writeUInt16LE(8, at + 4);
  record.writeUInt32LE(crc32(data), at + 10);
  record.writeUInt32LE(packed.length, at + 14);
  record.writeUInt32LE(data.length, at + 18);
  record.writeUInt16LE(path.length, at + 22);
  if (central) {
    record.writeUInt16LE(3 << 8 | 20, 4);
    const mode = type === "symlink" ? 0o120777 : 0o100644;
    record.writeUInt32LE(mode * 0x10000, 38);
    record.writeUInt32LE(entry.offset ?? offset, 42);
  }
  return Buffer.concat([record, path]);
}

/** Packs a zip archive with deflated entries. */
export function packZip(entries: RawEntry[]): Uint8Array {
  const local: Uint8Array[] = [];
  const central: Uint8Array[] = [];
  let offset = 0;
  for (const entry of entries) {
    const packed = deflateRawSync(entry.data ?? new Uint8Array());
    const record = zipRecord(entry, packed, null);
    local.push(record, packed);
    central.push(zipRecord(entry, packed, offset));
    offset += record.length + packed.length;
  }
  const directory = Buffer.concat(central);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(entries.length, 8);
  end.writeUInt16LE(entries.length, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...local, directory, end]);
}
