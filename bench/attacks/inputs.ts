/**
 * Archives and lists whose listing takes long.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { crc32 } from "node:zlib";

/** The header of an entry of a tar. */
export function tarHeader(name: string, size: number, type: string): Buffer {
  const header = Buffer.alloc(512);
  header.write(name, 0, 100);
  header.write("0000644\0", 100);
  header.write(`${size.toString(8).padStart(11, "0")}\0`, 124);
  header.write("00000000000\0", 136);
  header.write("        ", 148);
  header.write(type, 156);
  header.write("ustar\x0000", 257);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
  return header;
}

function padded(bytes: Uint8Array): Buffer {
  return Buffer.concat([bytes, Buffer.alloc(-bytes.length & 511)]);
}

/** A tar with one image, many folders deep. */
export function deepTar(image: Uint8Array, depth: number): Uint8Array {
  const path = `${"a/".repeat(depth)}x.png\0`;
  return Buffer.concat([
    tarHeader("././@LongLink", path.length, "L"),
    padded(Buffer.from(path)),
    tarHeader("x.png", image.length, "0"),
    padded(image),
    Buffer.alloc(1024),
  ]);
}

/** A zip with as many folders as images. */
export function wideZip(image: Uint8Array, folders: number): Uint8Array {
  const parts: Uint8Array[] = [];
  const directory: Uint8Array[] = [];
  const sum = crc32(Buffer.from(image));
  let at = 0;
  for (let i = 0; i < folders; i++) {
    const name = Buffer.from(`f${i}/a.png`);
    const local = Buffer.alloc(30);
    local.writeUInt32LE(0x04034b50, 0);
    local.writeUInt16LE(20, 4);
    local.writeUInt32LE(sum, 14);
    local.writeUInt32LE(image.length, 18);
    local.writeUInt32LE(image.length, 22);
    local.writeUInt16LE(name.length, 26);
    const entry = Buffer.alloc(46);
    entry.writeUInt32LE(0x02014b50, 0);
    entry.writeUInt16LE(20, 4);
    entry.writeUInt16LE(20, 6);
    entry.writeUInt32LE(sum, 16);
    entry.writeUInt32LE(image.length, 20);
    entry.writeUInt32LE(image.length, 24);
    entry.writeUInt16LE(name.length, 28);
    entry.writeUInt32LE(at, 42);
    parts.push(local, name, image);
    directory.push(entry, name);
    at += 30 + name.length + image.length;
  }
  const tail = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(Math.min(folders, 0xffff), 8);
  end.writeUInt16LE(Math.min(folders, 0xffff), 10);
  end.writeUInt32LE(tail.length, 12);
  end.writeUInt32LE(at, 16);
  return Buffer.concat([...parts, tail, end]);
}

/** A list with one image and many columns. */
export function wideCsv(columns: number): string {
  const names = Array.from({ length: columns }, (_, i) => `c${i}`);
  const empty = new Array(columns).fill("").join(",");
  return `image,${names.join(",")}\nx.png,${empty}\n`;
}
