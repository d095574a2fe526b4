/**
 * Small files that are large, or slow, once they are decoded.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { crc32, deflateSync } from "node:zlib";
import sharp from "sharp";

type Bytes = Uint8Array<ArrayBuffer>;

function chunk(type: string, data: Uint8Array): Uint8Array {
  const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const head = Buffer.alloc(4);
  head.writeUInt32BE(data.length);
  const end = Buffer.alloc(4);
  end.writeUInt32BE(crc32(body));
  return Buffer.concat([head, body, end]);
}

/** A whole grey PNG of one value, with further chunks in front of its pixels. */
export function flatPng(
  width: number,
  height: number,
  chunks: readonly Uint8Array[] = [],
): Bytes {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 0, 0, 0, 0], 8);
  const rows = Buffer.alloc((width + 1) * height);
  return new Uint8Array(Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk("IHDR", header),
    ...chunks,
    chunk("IDAT", deflateSync(rows, { level: 9 })),
    chunk("IEND", Buffer.alloc(0)),
  ]));
}

/** A PNG of 8 x 8 with texts that unpack to 50 MB each. */
export function textBomb(count: number): Bytes {
  const text = deflateSync(Buffer.alloc(50_000_000, 65), { level: 9 });
  const body = Buffer.concat([Buffer.from("Comment\0\0", "latin1"), text]);
  return flatPng(8, 8, new Array(count).fill(chunk("zTXt", body)));
}

/** An SVG with a slow filter, which calls itself WebP. */
export function svgAsWebp(): Bytes {
  const svg = "<!--    WEBP --><svg xmlns='http://www.w3.org/2000/svg' " +
    "width='3000' height='3000'><filter id='f'><feTurbulence " +
    "baseFrequency='0.9' numOctaves='9'/></filter><rect width='3000' " +
    "height='3000' filter='url(#f)'/></svg>";
  return new Uint8Array(new TextEncoder().encode(svg));
}

/** A bitmap of one colour. */
export function flatBmp(width: number, height: number): Bytes {
  const stride = Math.ceil(width * 3 / 4) * 4;
  const bytes = Buffer.alloc(54 + stride * height);
  bytes.write("BM");
  bytes.writeUInt32LE(bytes.length, 2);
  bytes.writeUInt32LE(54, 10);
  bytes.writeUInt32LE(40, 14);
  bytes.writeInt32LE(width, 18);
  bytes.writeInt32LE(height, 22);
  bytes.writeUInt16LE(1, 26);
  bytes.writeUInt16LE(24, 28);
  return new Uint8Array(bytes);
}

/** A progressive JPEG whose last scan comes again and again. */
export async function scannedJpeg(side: number, scans: number): Promise<Bytes> {
  const background = "#777";
  const create = {
    width: side,
    height: side,
    channels: 3 as const,
    background,
  };
  const bytes = await sharp({ create })
    .jpeg({ progressive: true, quality: 30 }).toBuffer();
  const last = bytes.lastIndexOf(Buffer.from([0xff, 0xda]));
  const scan = bytes.subarray(last, -2);
  const more = new Array<Uint8Array>(scans).fill(scan);
  return new Uint8Array(
    Buffer.concat([bytes.subarray(0, -2), ...more, bytes.subarray(-2)]),
  );
}
