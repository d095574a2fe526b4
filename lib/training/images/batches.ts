/**
 * The batches of an epoch.
 *
 * @module
 */
import { ahead, batches } from "../../async/ahead.ts";
import { type Augmentation, augmentedExample } from "./augment.ts";
import type { Batch, CategoryText } from "../engine/training_engine.ts";
import type { NamedArrays } from "../optimiser.ts";
import { epochOrder } from "./epoch_order.ts";
import type { Example, TrainingSet } from "./training_set.ts";

/** Options of {@linkcode epochBatches}. */
export interface EpochOptions {
  /** Images in a batch; the last one of an epoch may have fewer. */
  readonly batchSize: number;
  /** Seed of the order and of changes to images. */
  readonly seed: number;
  /** Whether each epoch has a random order. */
  readonly shuffle: boolean;
  /** Which changes are made to images. */
  readonly augmentation: Augmentation;
  /** What the model reads about a category. */
  readonly textOf: (category: string) => CategoryText;
  /**
   * What the losses read of an image, by its number in the set.
   *
   * @default {its pixels}
   */
  readonly imageOf?: (
    index: number,
    pixels: Uint8Array,
  ) => Promise<NamedArrays>;
}

/** An image, and what is known of it before training. */
type Prepared = Example & { readonly image?: NamedArrays };

/** Batches prepared while another one is trained on. */
const BATCHES_AHEAD = 1;

/** How many batches an epoch has. */
export function batchesPerEpoch(images: number, batchSize: number): number {
  return Math.ceil(images / batchSize);
}

/** Joins what is read about the images of a batch. */
function joinTexts(texts: readonly CategoryText[]): CategoryText {
  const [first] = texts;
  if (first instanceof BigInt64Array) {
    return BigInt64Array.from(texts.flatMap((ids) => [...ids as typeof first]));
  }
  const floats = texts.flatMap((features) => [...features as Float32Array]);
  return Float32Array.from(floats);
}

/** Joins the features of images. */
function joinImages(
  examples: readonly Prepared[],
): { readonly image?: NamedArrays } {
  const [first] = examples;
  if (first?.image === undefined) return {};
  const image = new Map<string, Float32Array>();
  for (const [name, { length }] of first.image) {
    const all = new Float32Array(examples.length * length);
    examples.forEach((own, i) => all.set(own.image!.get(name)!, i * length));
    image.set(name, all);
  }
  return { image };
}

/** Joins images to a batch. */
export function toBatch(
  examples: readonly Prepared[],
  textOf: EpochOptions["textOf"],
): Batch {
  const size = examples.length;
  const bytes = examples[0]!.pixels.length;
  const texts = examples.map(({ category }) => textOf(category));
  const batch = {
    size,
    rgb: new Uint8Array(size * bytes),
    ...joinImages(examples),
    text: joinTexts(texts),
    mask: new Float32Array(size * bytes / 3),
    label: Float32Array.from(examples, ({ label }) => label),
  };
  for (const [i, { pixels, mask }] of examples.entries()) {
    batch.rgb.set(pixels, i * bytes);
    if (mask !== null) batch.mask.set(mask, i * bytes / 3);
  }
  return batch;
}

async function* placesFrom<T>(
  items: readonly T[],
  first: number,
): AsyncGenerator<[place: number, item: T]> {
  for (let place = first; place < items.length; place++) {
    yield [place, items[place]!];
  }
}

/**
 * The batches of one epoch, prepared while earlier ones are trained on.
 *
 * @param epoch The epoch, counted from 0.
 * @param options Options, and how many batches to skip.
 */
export async function* epochBatches(
  set: TrainingSet,
  epoch: number,
  options: EpochOptions & { readonly skip: number },
): AsyncGenerator<Batch> {
  const { batchSize, seed, shuffle, augmentation, skip } = options;
  const { textOf, imageOf } = options;
  const order = epochOrder(set.size, { seed: shuffle ? seed : null, epoch });
  const places = placesFrom(order, skip * batchSize);
  const examples = ahead(
    places,
    async ([place, index]): Promise<Prepared> => {
      const draw = { seed, epoch, place };
      const example = await augmentedExample(set, index, {
        ...augmentation,
        draw,
      });
      if (imageOf === undefined) return example;
      return { ...example, image: await imageOf(index, example.pixels) };
    },
    BATCHES_AHEAD * batchSize,
  );
  for await (const batch of batches(examples, batchSize)) {
    yield toBatch(batch, textOf);
  }
}
