/**
 * Archives that lie about what is in them.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { crc32, deflateRawSync, gzipSync } from "node:zlib";
import { png } from "../../tests/data/trees.ts";
import { packTar, packZip, type RawEntry } from "../../tests/data/trees.ts";
import { deepTar, tarHeader } from "./inputs.ts";

type Bytes = Uint8Array;

/** What a zip says of an entry, where that is not so. */
interface ZipLies {
  readonly size?: number;
  readonly packedSize?: number;
  readonly sum?: number;
  /** Where the entry is said to start. */
  readonly offset?: number;
  /** Names as the directory has them. */
  readonly central?: string;
  readonly method?: number;
}

interface ZipEntry extends ZipLies {
  readonly name: string;
  readonly data: Bytes;
}

function record(
  { name, data, central, method = 8, ...lies }: ZipEntry,
  packed: number,
  offset: number | null,
): Buffer {
  const isCentral = offset !== null;
  const path = Buffer.from(isCentral ? central ?? name : name);
  const header = Buffer.alloc(isCentral ? 46 : 30);
  header.writeUInt32LE(isCentral ? 0x02014b50 : 0x04034b50, 0);
  const at = isCentral ? 6 : 4;
  header.writeUInt16LE(20, at);
  header.writeUInt16LE(method, at + 4);
  header.writeUInt32LE(lies.sum ?? crc32(data), at + 10);
  header.writeUInt32LE(lies.packedSize ?? packed, at + 14);
  header.writeUInt32LE(lies.size ?? data.length, at + 18);
  header.writeUInt16LE(path.length, at + 22);
  if (isCentral) header.writeUInt32LE(lies.offset ?? offset, 42);
  return Buffer.concat([header, path]);
}

/** Packs a zip that lies. */
function lyingZip(
  entries: readonly ZipEntry[],
  { count = entries.length, start = 0 } = {},
): Bytes {
  const parts: Bytes[] = [];
  const directory: Bytes[] = [];
  let at = 0;
  for (const entry of entries) {
    const packed = deflateRawSync(entry.data);
    const local = record(entry, packed.length, null);
    directory.push(record(entry, packed.length, at));
    parts.push(local, packed);
    at += local.length + packed.length;
  }
  const end = endOf(directory, at + start, count);
  return Buffer.concat([...parts, ...directory, end]);
}

/** The record after the directory. */
function endOf(
  directory: readonly Bytes[],
  start: number,
  count = directory.length,
): Buffer {
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(count, 8);
  end.writeUInt16LE(count, 10);
  const length = directory.reduce((sum, { length }) => sum + length, 0);
  end.writeUInt32LE(length, 12);
  end.writeUInt32LE(start, 16);
  return end;
}

interface TarLies {
  readonly name: string;
  readonly data: Bytes;
  /** The size as it is written. */
  readonly size?: number | string;
  readonly type?: string;
}

/** Packs a tar that lies. */
function lyingTar(entries: readonly TarLies[]): Bytes {
  const parts = entries.flatMap(({ name, data, size, type = "0" }) => {
    const header = tarHeader(name, data.length, type);
    if (typeof size === "number") {
      header.write(`${size.toString(8).padStart(11, "0")}\0`, 124);
    } else if (size !== undefined) header.write(size, 124, 12, "latin1");
    header.write("        ", 148);
    const sum = header.reduce((total, byte) => total + byte, 0);
    header.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
    return [header, data, Buffer.alloc(-data.length & 511)];
  });
  return Buffer.concat([...parts, Buffer.alloc(1024)]);
}

function named(
  image: Bytes,
  name: string,
): Record<string, () => Promise<Bytes>> {
  const entries: RawEntry[] = [{ name: "good/a.png", data: image }, {
    name,
    data: image,
  }];
  const shown = JSON.stringify(name.slice(0, 20));
  return {
    [`name ${shown}.zip`]: () => Promise.resolve(packZip(entries)),
    [`name ${shown}.tar`]: () => packTar(entries),
  };
}

function linked(type: "symlink" | "link", to: string) {
  const entries: RawEntry[] = [{ name: "a.png", type, linkname: to }];
  return { [`${type} to ${to.slice(0, 20)}.tar`]: () => packTar(entries) };
}

const NAMES = [
  ...["/etc/x.png", "../x.png", "a/../../x.png", "C:\\x.png", "..\\x.png"],
  ...["a\0.png", "a\n\x1b[31m.png", "good/a.png", `${"k".repeat(5000)}.png`],
  ...[`${"d/".repeat(3000)}x.png`, "good/a.png/b.png", "\ud800.png", "./a.png"],
];

/** Many entries, all of them said to be the first one. */
function overlapping(count: number, image: Bytes): Bytes {
  const data = new Uint8Array(1e7);
  const entries = Array.from({ length: count }, (_, i) => ({
    name: `${i}.png`,
    ...{ data: i === 0 ? data : image, offset: 0 },
    ...{ size: data.length, packedSize: deflateRawSync(data).length },
    sum: crc32(data),
  }));
  return lyingZip(entries);
}

/** Entries, each of which holds all those after it, stored as they are. */
function quoting(count: number): Bytes {
  const image = new Uint8Array(1e7);
  let rest: Bytes = new Uint8Array();
  const entries: ZipEntry[] = [];
  for (let i = count - 1; i >= 0; i--) {
    const data = i === count - 1 ? image : rest;
    const entry = { name: `${i}.png`, data, method: 0 };
    rest = Buffer.concat([record(entry, data.length, null), data]);
    entries.unshift(entry);
  }
  const directory = entries.map((entry) => {
    const { data: { length }, name } = entry;
    return record(entry, length, rest.length - length - name.length - 30);
  });
  return Buffer.concat([rest, ...directory, endOf(directory, rest.length)]);
}

/** Archives by name, whose end says the kind. */
export async function hostileArchives(): Promise<
  Readonly<Record<string, () => Promise<Bytes>>>
> {
  const image = await png(9);
  const zeros = new Uint8Array(4e8);
  const one = { name: "a.png", data: image };
  const zip = (lies: ZipLies, options = {}) => () =>
    Promise.resolve(lyingZip([{ ...one, ...lies }], options));
  const tar = (lies: Partial<TarLies>) => () =>
    Promise.resolve(lyingTar([{ ...one, ...lies }]));
  const bomb = gzipSync(lyingTar([{ name: "a.png", data: zeros }]));
  return {
    ...Object.assign({}, ...NAMES.map((name) => named(image, name))),
    ...linked("symlink", "../../etc/passwd"),
    ...linked("symlink", "/etc/passwd"),
    ...linked("symlink", "a.png"),
    ...linked("link", "/etc/passwd"),
    ...linked("link", "a.png"),
    "bomb of 400 MB.zip": () =>
      Promise.resolve(lyingZip([{ name: "a.png", data: zeros }])),
    "bomb that calls itself 10 bytes.zip": () =>
      Promise.resolve(lyingZip([{ name: "a.png", data: zeros, size: 10 }])),
    "bomb of 400 MB.tar.gz": () => Promise.resolve(bomb),
    "bomb in a bomb.tar.gz": () => Promise.resolve(gzipSync(bomb)),
    "size 0.zip": zip({ size: 0 }),
    "size 2^32 - 2.zip": zip({ size: 2 ** 32 - 2 }),
    "packed size 0.zip": zip({ packedSize: 0 }),
    "packed size 2^31.zip": zip({ packedSize: 2 ** 31 }),
    "wrong sum.zip": zip({ sum: 1 }),
    "starts at 2^32 - 2.zip": zip({ offset: 2 ** 32 - 2 }),
    "two names.zip": zip({ central: "../b.png" }),
    "method 99.zip": zip({ method: 99 }),
    "stored, but packed.zip": zip({ method: 0 }),
    "65,534 entries of 1.zip": zip({}, { count: 65_534 }),
    "directory at 2^31.zip": zip({}, { start: 2 ** 31 }),
    "1,000 entries in one place.zip": () =>
      Promise.resolve(overlapping(1000, image)),
    "30 entries in each other.zip": () => Promise.resolve(quoting(30)),
    "entries that overlap by a byte.zip": () =>
      Promise.resolve(lyingZip([
        { ...one, packedSize: deflateRawSync(image).length + 6 },
        { name: "b.png", data: image },
      ])),
    "size 2^33 - 1.tar": tar({ size: 2 ** 33 - 1 }),
    "size below 0.tar": tar({ size: "-0000000001\0" }),
    "size in base 256.tar": tar({
      size: "\x80\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff",
    }),
    "size of letters.tar": tar({ size: "abcdefghijk\0" }),
    "a device.tar": tar({ type: "3" }),
    "a long name of 8 GB.tar": tar({
      name: "././@LongLink",
      type: "L",
      size: 2 ** 33 - 1,
    }),
    "pax records of 100 MB.tar": () =>
      Promise.resolve(lyingTar([
        { name: "x", type: "x", data: new Uint8Array(1e8).fill(49) },
        one,
      ])),
    "pax size that lies.tar": () =>
      Promise.resolve(lyingTar([
        {
          name: "x",
          type: "x",
          data: Buffer.from("30 size=99999999999999999999\n"),
        },
        one,
      ])),
    "10,000 folders deep.tar": () => Promise.resolve(deepTar(image, 10_000)),
    "no archive.zip": () => Promise.resolve(image),
    "no archive.tar.xz": () => Promise.resolve(image),
    "empty.tar": () => Promise.resolve(new Uint8Array()),
    "an xz header alone.tar.xz": () =>
      Promise.resolve(new Uint8Array([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0, 0, 4])),
    "xz of noise.tar.xz": () =>
      Promise.resolve(
        Uint8Array.from([
          0xfd,
          0x37,
          0x7a,
          0x58,
          0x5a,
          0,
          0,
          4,
          0xe6,
          0xd6,
          0xb4,
          0x46,
          ...Array.from({ length: 5000 }, (_, i) => i * 37 & 255),
        ]),
      ),
  };
}
