import assert from "node:assert/strict";
import { BICUBIC, resample } from "../../lib/image/resample.ts";
import { compileKernels } from "../../tasks/build_kernels.ts";

Deno.test("resample_kernels.ts holds the bytes of its text", async () => {
  const path = new URL(
    "../../lib/image/resample_kernels.ts",
    import.meta.url,
  );
  assert.equal(await compileKernels(), await Deno.readTextFile(path));
});

Deno.test("resample() resizes each channel as if it were alone", async (t) => {
  const [width, height] = [37, 23];
  const size = { width: 19, height: 31, filter: BICUBIC };
  const alone = Array.from({ length: 4 }, (_, c) =>
    Uint8Array.from(
      { length: width * height },
      (_, i) => Math.imul(i + 1, 2654435761 + c) >>> 24,
    ));
  const resized = alone.map((data) =>
    resample({ width, height, channels: 1, data }, size).data
  );
  for (const channels of [2, 3, 4]) {
    await t.step(`of ${channels}`, () => {
      const interleave = (planes: readonly Uint8Array[]) =>
        Uint8Array.from(
          { length: planes[0]!.length * channels },
          (_, i) => planes[i % channels]![Math.floor(i / channels)]!,
        );
      const data = interleave(alone);
      const together = resample({ width, height, channels, data }, size);
      assert.deepEqual(together.data, interleave(resized));
    });
  }
});

Deno.test("resample() gives the same after an image that needed more memory", () => {
  const raster = (side: number) => ({
    width: side,
    height: side,
    channels: 3,
    data: Uint8Array.from(
      { length: side * side * 3 },
      (_, i) => Math.imul(i, 40503) >>> 8,
    ),
  });
  const size = { width: 50, height: 40, filter: BICUBIC };
  const before = resample(raster(64), size);
  resample(raster(1500), { ...size, width: 900, height: 1200 });
  assert.deepEqual(resample(raster(64), size), before);
});
