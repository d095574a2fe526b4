import assert from "node:assert/strict";
import type { FrameRules } from "../../lib/framing/frame.ts";
import { frameImage, joinPixels } from "../../lib/framing/frame_image.ts";
import type { Mask, RgbImage } from "../../lib/image/image.ts";
import { resizeBicubic } from "../../lib/image/resample.ts";
import { scattered } from "../contract/numbers.ts";

const RULES: FrameRules = {
  side: 8,
  fit: "stretch",
  tile: { rows: 1, columns: 1 },
  overlap: 0,
};

function noise(width: number, height: number): RgbImage {
  const data = Uint8Array.from(
    scattered(3 * width * height, 7),
    (x) => Math.abs(x * 255) % 256,
  );
  return { width, height, data };
}

/** A region: the rectangle from a corner. */
function corner(
  { width, height }: { width: number; height: number },
  { columns, rows }: { columns: number; rows: number },
): Mask {
  const data = new Uint8Array(width * height);
  for (let y = 0; y < rows; y++) {
    data.fill(1, y * width, y * width + columns);
  }
  return { width, height, data };
}

Deno.test("frameImage() gives what resizing gives where there is one tile", () => {
  const image = noise(20, 11);
  const { pixels, frame } = frameImage(image, RULES);
  assert.deepEqual(pixels, resizeBicubic(image, 8, 8).data);
  assert.equal(frame.counted, null);
});

Deno.test("joinPixels() puts tiles together as they were cut, also of a padded image", () => {
  const image = noise(40, 10);
  for (const fit of ["stretch", "pad"] as const) {
    for (const overlap of [0, 0.3]) {
      const tile = { rows: 2, columns: 3 };
      const framed = frameImage(image, { ...RULES, fit, tile, overlap });
      const { width, height } = framed.frame.map;
      assert.deepEqual(
        joinPixels(framed),
        resizeBicubic(image, width, height),
      );
    }
  }
});

Deno.test("frameImage() goes on with the mirror image beside a padded one", () => {
  const image = noise(8, 4);
  const { pixels } = frameImage(image, { ...RULES, fit: "pad" });
  const row = (y: number) => [...pixels.subarray(24 * y, 24 * (y + 1))];
  for (const [outside, inside] of [[0, 3], [1, 2], [6, 5], [7, 4]] as const) {
    assert.deepEqual(row(outside), row(inside));
  }
});

Deno.test("frameImage() counts only the middle of a cropped image", () => {
  const { frame } = frameImage(noise(16, 8), { ...RULES, fit: "crop" });
  const { map, counted } = frame;
  assert.deepEqual(map, { width: 16, height: 8 });
  assert.deepEqual(
    [...counted!.subarray(0, 16)],
    [0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0],
  );
});

Deno.test("frameImage() sees the same whatever lies outside the region of interest", () => {
  const image = noise(32, 32);
  const region = corner(image, { columns: 16, rows: 32 });
  const other = {
    ...image,
    data: image.data.map((value, i) =>
      region.data[Math.floor(i / 3)] === 1 ? value : 255 - value
    ),
  };
  const tile = { rows: 2, columns: 2 };
  const [one, two] = [image, other].map((of) =>
    frameImage(of, { ...RULES, tile, region })
  );
  assert.deepEqual(one, two);
  // Tiles without anything that counts are not looked at.
  assert.deepEqual(one!.frame.places.map(({ left }) => left), [0, 0]);
});

Deno.test("frameImage() takes a region that holds all as none", () => {
  const image = noise(20, 10);
  const region = corner(image, { columns: 20, rows: 10 });
  const found = frameImage(image, { ...RULES, region });
  assert.deepEqual(found, frameImage(image, RULES));
});

Deno.test("frameImage() refuses regions that do not fit", async (t) => {
  const image = noise(32, 16);
  const cases = [
    {
      name: "of another size",
      region: corner({ width: 16, height: 32 }, { columns: 1, rows: 1 }),
      message:
        /must have its size as it is read, 32 x 16: current value is 16 x 32 \(EXIF may have turned it\)$/,
    },
    {
      name: "black",
      region: corner(image, { columns: 0, rows: 0 }),
      message: /must cover a pixel of its map, 8 x 8: it covers none by half$/,
    },
    {
      name: "in the part that is cropped",
      fit: "crop" as const,
      region: corner(image, { columns: 4, rows: 16 }),
      message: /must lie in the part that is not cropped: it lies outside$/,
    },
  ];
  for (const { name, message, ...rules } of cases) {
    await t.step(name, () => {
      assert.throws(() => frameImage(image, { ...RULES, ...rules }), {
        name: "ImageDecodeError",
        message,
      });
    });
  }
});

Deno.test("frameImage() lays images of any shape", () => {
  for (const [width, height] of [[1, 1], [1, 500], [500, 1]] as const) {
    for (const fit of ["stretch", "pad", "crop"] as const) {
      for (const tile of ["auto", { rows: 3, columns: 2 }] as const) {
        const framed = frameImage(noise(width, height), {
          ...RULES,
          fit,
          tile,
          overlap: 0.9,
        });
        const count = framed.frame.places.length;
        assert(count > 0 && framed.pixels.length === count * 8 * 8 * 3);
      }
    }
  }
});
