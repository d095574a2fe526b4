import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { decodeImage } from "../../lib/image/decode.ts";

/** A TIFF of one row in CMYK, with channels beside the four. */
function cmykTiff(pixels: readonly (readonly number[])[]): Uint8Array {
  const channels = pixels[0]!.length;
  const data = Buffer.from(pixels.flat());
  const extra = channels - 4;
  const fields: [tag: number, type: 3 | 4, count: number, value: number][] = [
    [256, 4, 1, pixels.length],
    [257, 4, 1, 1],
    [258, 3, channels, 0],
    [259, 3, 1, 1],
    [262, 3, 1, 5],
    [273, 4, 1, 8],
    [277, 3, 1, channels],
    [278, 4, 1, 1],
    [279, 4, 1, data.length],
    ...extra > 0 ? [[338, 3, extra, 0] as [number, 3, number, number]] : [],
  ];
  const start = 8 + data.length + data.length % 2;
  const bits = start + 2 + 12 * fields.length + 4;
  const file = Buffer.alloc(bits + 2 * channels);
  file.write("II*\0", 0, "latin1");
  file.writeUInt32LE(start, 4);
  data.copy(file, 8);
  file.writeUInt16LE(fields.length, start);
  for (const [i, [tag, type, count, value]] of fields.entries()) {
    const at = start + 2 + 12 * i;
    file.writeUInt16LE(tag, at);
    file.writeUInt16LE(type, at + 2);
    file.writeUInt32LE(count, at + 4);
    file.writeUInt32LE(tag === 258 ? bits : value, at + 8);
  }
  for (let c = 0; c < channels; c++) file.writeUInt16LE(8, bits + 2 * c);
  return file;
}

Deno.test("decodeImage() leaves out what CMYK has beside its four channels", async () => {
  const four = [[10, 12, 14, 0], [20, 40, 60, 80], [200, 0, 100, 30]];
  const five = four.map((pixel, i) => [...pixel, 90 + i]);
  const plain = await decodeImage(cmykTiff(four));
  assert.deepEqual([plain.width, plain.height], [3, 1]);
  assert.deepEqual([...plain.data.subarray(0, 3)], [245, 243, 241]);
  assert.deepEqual((await decodeImage(cmykTiff(five))).data, plain.data);
});
