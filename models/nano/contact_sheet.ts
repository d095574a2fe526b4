/**
 * Draws a contact sheet: the first defective images of each test category, with
 * masks and the heatmaps of nano.
 *
 *     deno run -P=eval models/nano/contact_sheet.ts OUT.jpg [EACH] [SEED] [MODEL]
 *
 * @module
 */
import { SYNTHETIC_CATEGORIES } from "../../lib/synthetic/catalog.ts";
import { renderSample } from "../../lib/synthetic/render_sample.ts";
import { Detector } from "../../lib/detector/detector.ts";
import { colourise } from "../../lib/image/colour_map.ts";
import { encodeJpeg } from "../../lib/image/encode.ts";
import type { RgbImage } from "../../lib/image/image.ts";
import { resizeMask } from "../../lib/image/mask.ts";

/** Index of the first image of a category. */
const FIRST = 1;

/** Pixels per row and column of a drawn product, and between products. */
const SIDE = 224;
const GAP = 4;

/** Products beside each other: image, mask and heatmap of each. */
const COLUMNS = 3;

function blank(width: number, height: number): RgbImage {
  const data = new Uint8Array(width * height * 3).fill(255);
  return { width, height, data };
}

function paste(onto: RgbImage, image: RgbImage, x: number, y: number): void {
  for (let row = 0; row < image.height; row++) {
    const line = image.data.subarray(
      row * image.width * 3,
      (row + 1) * image.width * 3,
    );
    onto.data.set(line, ((y + row) * onto.width + x) * 3);
  }
}

function maskImage(mask: Uint8Array, side: number): RgbImage {
  const image = blank(side, side);
  mask.forEach((value, i) => image.data.fill(255 * value, 3 * i, 3 * i + 3));
  return image;
}

/** Image, mask and heatmap of one product, at the resolution of the model. */
async function panels(
  detector: Detector,
  { category, index, seed }: { category: string; index: number; seed: number },
): Promise<RgbImage[]> {
  const { side } = detector;
  const { image, mask } = renderSample({ category, index, seed, side: SIDE });
  const pixels = detector.preprocess(image);
  const [found] = await detector.detect([{ pixels, category }]);
  return [
    { width: side, height: side, data: pixels },
    maskImage(resizeMask(mask, side), side),
    colourise(found!.anomalyMap, { width: side, height: side }),
  ];
}

async function contactSheet(
  model: string,
  { each, seed }: { each: number; seed: number },
): Promise<RgbImage> {
  const categories = SYNTHETIC_CATEGORIES
    .filter(({ split }) => split === "test").map(({ name }) => name);
  await using detector = await Detector.open(model, { categories });
  const { side } = detector;
  const wanted = categories.flatMap((category) =>
    Array.from({ length: each }, (_, i) => ({
      category,
      index: FIRST + 2 * i,
      seed,
    }))
  );
  const cell = { width: 3 * side + GAP, height: side + GAP };
  const rows = Math.ceil(wanted.length / COLUMNS);
  const sheet = blank(COLUMNS * cell.width, rows * cell.height);
  for (const [i, options] of wanted.entries()) {
    const x = i % COLUMNS * cell.width;
    const y = Math.floor(i / COLUMNS) * cell.height;
    for (const [k, panel] of (await panels(detector, options)).entries()) {
      paste(sheet, panel, x + k * side, y);
    }
  }
  return sheet;
}

if (import.meta.main) {
  const [out, each = "1", seed = "0", model = import.meta.dirname!] = Deno.args;
  if (out === undefined) {
    console.error("Cannot draw a contact sheet as OUT.jpg must be given");
    Deno.exit(2);
  }
  const sheet = await contactSheet(model, {
    each: Number(each),
    seed: Number(seed),
  });
  await Deno.writeFile(out, await encodeJpeg(sheet));
}
