/**
 * Draws lib/synthetic/contact_sheet.jpg: from each category one good
 * image and three defects, their masks outlined.
 *
 *     deno run -A tests/golden/data/make_contact_sheet.ts
 *
 * @module
 */
import { syntheticDataSet } from "../../../lib/synthetic/data_set.ts";
import type { Sample } from "../../../lib/data/sample.ts";
import { encodeJpeg } from "../../../lib/image/encode.ts";
import type { Mask, RgbImage } from "../../../lib/image/image.ts";

const SIDE = 112;
const TARGET = "lib/synthetic/contact_sheet.jpg";
const COLUMNS = 2;
const PER_CATEGORY = 4;

/** Marks the pixels around a mask. */
function outline({ width, height, data }: RgbImage, mask: Mask): void {
  const at = (x: number, y: number) =>
    x >= 0 && y >= 0 && x < width && y < height &&
    mask.data[y * width + x] === 1;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const near = at(x - 1, y) || at(x + 1, y) || at(x, y - 1) || at(x, y + 1);
      if (near && !at(x, y)) data.set([255, 0, 0], (y * width + x) * 3);
    }
  }
}

async function pick(samples: AsyncIterable<Sample>): Promise<Sample[][]> {
  const all = await Array.fromAsync(samples);
  return Object.values(Object.groupBy(all, ({ category }) => category))
    .map((own = []) => [
      ...own.filter(({ label }) => label === 0).slice(0, 1),
      ...own.filter(({ label }) => label === 1).slice(0, PER_CATEGORY - 1),
    ]);
}

const sets = (["aux", "test"] as const).map((split) =>
  syntheticDataSet({ seed: 0, count: 8, side: SIDE, split }).samples()
);
const rows = (await Promise.all(sets.map(pick))).flat();
const lines = Math.ceil(rows.length / COLUMNS);
const width = COLUMNS * PER_CATEGORY * SIDE;
const height = lines * SIDE;
const sheet = new Uint8Array(width * height * 3);
for (const [i, row] of rows.entries()) {
  const left = Math.floor(i / lines) * PER_CATEGORY;
  for (const [j, sample] of row.entries()) {
    const image = await sample.image();
    const picture = { ...image, data: image.data.slice() };
    if (sample.mask !== null) outline(picture, await sample.mask());
    for (let y = 0; y < SIDE; y++) {
      const line = picture.data.subarray(y * SIDE * 3, (y + 1) * SIDE * 3);
      const row = (i % lines) * SIDE + y;
      sheet.set(line, (row * width + (left + j) * SIDE) * 3);
    }
  }
}
const jpeg = await encodeJpeg({ width, height, data: sheet }, { quality: 88 });
await Deno.writeFile(TARGET, jpeg);
