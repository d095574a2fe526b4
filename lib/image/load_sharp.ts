/**
 * The decoder and encoder of image files.
 *
 * @module
 */
import type Sharp from "sharp";

let loading: Promise<typeof Sharp> | undefined;

/**
 * Loads sharp on the first call, and sets it up: it takes 0.1 s, for which no
 * start should wait.
 */
export function loadSharp(): Promise<typeof Sharp> {
  return loading ??= load();
}

async function load(): Promise<typeof Sharp> {
  const { default: sharp } = await import("sharp");
  // Each file is decoded once, so that a cache of operations is only memory.
  sharp.cache(false);

  // Images are decoded side by side, each in one thread. More threads an image
  // take a third more processor time: 5.5 ms for a JPEG of 700 x 700, for 3.8.
  sharp.concurrency(1);

  // libvips looks at the bytes again, and would open SVG, PDF or GIF whatever
  // identifyFormat() said. The switch is one for all threads of the process, so
  // each loader is closed for good: to close all and open four again would fail
  // what other threads decode in between.
  sharp.block({
    operation: [
      ...["Analyze", "Csv", "Dcraw", "Fits", "Gif", "Heif", "Jp2k", "Jxl"],
      ...["Magick", "Magick7", "Mat", "Matrix", "Nifti", "Nsgif", "Openexr"],
      ...["Openslide", "Pdf", "Ppm", "Rad", "Raw", "Svg", "Uhdr", "Vips"],
    ].map((name) => `VipsForeignLoad${name}`),
  });
  return sharp;
}
