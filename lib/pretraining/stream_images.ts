/**
 * The images of pretraining. They are drawn when needed, from the auxiliary
 * half of the synthetic set alone.
 *
 * @module
 */
import { SYNTHETIC_CATEGORIES } from "../synthetic/catalog.ts";
import { Random } from "../random.ts";
import type { SampleOptions } from "../synthetic/render_sample.ts";
import { turnExample } from "../training/images/augment.ts";
import { epochOrder } from "../training/images/epoch_order.ts";
import type { StreamData } from "./recipe.ts";
import type { Example } from "../training/images/training_set.ts";

/** The category in which each image shows another kind of product. */
const COMPOSITE = "assembly";

/** Categories for pretraining. */
export const TRAINING_CATEGORIES: readonly string[] = SYNTHETIC_CATEGORIES
  .filter(({ split }) => split === "aux").map(({ name }) => name);

const OTHERS = TRAINING_CATEGORIES.filter((name) => name !== COMPOSITE);

/** Which images a stage draws. */
export interface DrawOptions extends StreamData {
  /** Share of defective images. */
  readonly defective: number;
  /** Width and height in pixels. */
  readonly side: number;
}

/** The image with this number. */
export function imageAt(
  number: number,
  { seed, composites, defective, side }: DrawOptions,
): SampleOptions {
  const random = new Random(`recipe/${seed}/${number}`);
  const category = random.chance(composites) ? COMPOSITE : random.pick(OTHERS);
  const index = 2 * number + (random.chance(defective) ? 1 : 0);
  return { category, index, seed, side, products: "many" };
}

/**
 * The number of the image at a place of the stream. The stream consists of
 * chunks; each chunk is seen `views` times, every time in another order.
 */
export function numberAt(
  place: number,
  { seed, chunk, views }: StreamData,
): number {
  const round = Math.floor(place / chunk);
  const first = Math.floor(round / views) * chunk;
  return first + orderOf(round, { seed, chunk })[place % chunk]!;
}

let cached: { key: string; order: number[] } | undefined;

/** The order of one round; the last order is cached. */
function orderOf(
  round: number,
  { seed, chunk }: Pick<StreamData, "seed" | "chunk">,
): number[] {
  const key = `${seed}/${chunk}/${round}`;
  if (cached?.key !== key) {
    cached = { key, order: epochOrder(chunk, { seed, epoch: round }) };
  }
  return cached.order;
}

const CHANNELS = [
  [0, 1, 2],
  [0, 2, 1],
  [1, 0, 2],
  [1, 2, 0],
  [2, 0, 1],
  [2, 1, 0],
] as const;

/** Share of images with inverted brightness. */
const INVERTED = 0.15;

/** Changes colours: order of channels, inversion, gain and offset. */
function recolour(pixels: Uint8Array, random: Random): Uint8Array {
  const order = random.pick(CHANNELS);
  const isInverted = random.chance(INVERTED);
  const tables = order.map(() => {
    const gain = random.between(0.75, 1.2);
    const offset = random.about(20);
    return Uint8ClampedArray.from({ length: 256 }, (_, value) => {
      return gain * (isInverted ? 255 - value : value) + offset;
    });
  });
  const coloured = new Uint8Array(pixels.length);
  for (let i = 0; i < pixels.length; i += 3) {
    for (let c = 0; c < 3; c++) {
      coloured[i + c] = tables[c]![pixels[i + order[c]!]!]!;
    }
  }
  return coloured;
}

/** The image at one place of the stream, turned and recoloured. */
export function viewAt(
  place: number,
  { example, seed }: { readonly example: Example; readonly seed: number },
): Example {
  const random = new Random(`view/${seed}/${place}`);
  const turned = turnExample(example, {
    mirrorX: random.chance(0.5),
    mirrorY: random.chance(0.5),
    transpose: random.chance(0.5),
  });
  return { ...turned, pixels: recolour(turned.pixels, random) };
}
