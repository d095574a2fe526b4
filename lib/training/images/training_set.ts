/**
 * The images to train on, with access in any order.
 *
 * @module
 */
import { createHash } from "node:crypto";
import {
  type DataSet,
  DataSetError,
  type MaskFault,
  type Sample,
} from "../../data/sample.ts";
import { ahead } from "../../async/ahead.ts";
import {
  prepare,
  type PreparedImage,
  type UnreadableImage,
} from "../../evaluation/prepare.ts";
import type { FileNotes } from "../../report/absent.ts";
import type { RgbImage } from "../../image/image.ts";
import { resizeBicubic } from "../../image/resample.ts";
import {
  faultCounts,
  faultOf,
  type LeftOut,
  MASK_FAULT_WORDS,
  SetNotes,
} from "./left_out.ts";

/** An image at the resolution of the model, with its targets. */
export interface Example {
  /** RGB bytes. */
  readonly pixels: Uint8Array; // [side, side, 3]
  /** 1 where defective; null for a good image. */
  readonly mask: Uint8Array | null; // [side, side]
  /** 1 for a defective image, from the data set and not from the mask. */
  readonly label: 0 | 1;
  /** The category. */
  readonly category: string;
}

/** Options of {@linkcode TrainingSet.read}. */
export interface TrainingSetOptions {
  /** Side of the input of the model, in pixels. */
  readonly side: number;
  /**
   * Bytes of prepared images to cache; other images are decoded again in each
   * epoch.
   *
   * @default {2 ** 30}
   */
  readonly cacheBytes?: number;
  /**
   * Whether a mask that cannot be used is an error, as an image is.
   *
   * @default {false}
   */
  readonly strict?: boolean;
  /** Stops reading with the signal's reason. */
  readonly signal?: AbortSignal;
  /** Called after each image. */
  readonly onImage?: () => void;
}

/** Images decoded in advance. */
const IMAGES_AHEAD = 2;

function labelOf(sample: Sample): 0 | 1 | null {
  return sample.label === 1 && sample.mask === null ? null : sample.label;
}

function byKey(a: Sample, b: Sample): number {
  return a.key < b.key ? -1 : 1;
}

async function* only<T>(
  items: AsyncIterable<T>,
  accept: (item: T) => boolean,
): AsyncGenerator<T> {
  for await (const item of items) if (accept(item)) yield item;
}

/** The images of a data set with a label and, if defective, with a mask. */
export class TrainingSet {
  /** Name of the data set. */
  readonly name: string;
  /** Images that are left out. */
  readonly leftOut: LeftOut;
  /** What was noted of the files of the others, by category. */
  readonly notes: ReadonlyMap<string, FileNotes>;
  readonly #side: number;
  readonly #samples: readonly Sample[];
  readonly #kept: ReadonlyMap<Sample, Example>;

  private constructor(
    { name, samples, leftOut, notes, kept, side }: {
      name: string;
      samples: readonly Sample[];
      leftOut: LeftOut;
      notes: ReadonlyMap<string, FileNotes>;
      kept: ReadonlyMap<Sample, Example>;
      side: number;
    },
  ) {
    this.name = name;
    this.leftOut = leftOut;
    this.notes = notes;
    this.#side = side;
    this.#samples = samples;
    this.#kept = kept;
  }

  /**
   * Reads every image and mask once, so that errors are found before training
   * starts.
   *
   * @throws {DataSetError} If an image or a mask cannot be used, or no image is
   * defective.
   */
  static async read(
    dataSet: DataSet,
    options: TrainingSetOptions,
  ): Promise<TrainingSet> {
    const { side, cacheBytes = 2 ** 30, signal, onImage } = options;
    const masks: Partial<Record<MaskFault, string[]>> = {};
    const counts = { unlabelled: 0, maskless: 0, masks };
    const accept = (sample: Sample) => {
      if (sample.label === null) counts.unlabelled++;
      else if (labelOf(sample) === null) counts.maskless++;
      return labelOf(sample) !== null;
    };
    const kept = new Map<Sample, Example>();
    const samples: Sample[] = [];
    const failed: UnreadableImage[] = [];
    const noted = new SetNotes();
    let bytes = 0;
    const usable = only(dataSet.samples(), accept);
    const images = ahead(usable, (s) => prepareFor(s, side), IMAGES_AHEAD);
    for await (const image of images) {
      signal?.throwIfAborted();
      const fault = "error" in image ? null : faultOf(image);
      if (fault !== null) {
        (masks[fault] ??= []).push(image.sample.key);
        if (options.strict) failed.push(withFault(image.sample, fault));
        onImage?.();
        continue;
      }
      samples.push(image.sample);
      if (!("error" in image)) noted.add(image);
      if ("error" in image) failed.push(image);
      else if (bytes < cacheBytes) {
        kept.set(image.sample, toExample(image));
        bytes += image.pixels.length + (image.mask?.length ?? 0);
      }
      onImage?.();
    }
    assertUsable(dataSet, { samples, failed, leftOut: counts });
    samples.sort(byKey);
    const { name } = dataSet;
    return new TrainingSet({
      ...{ name, samples, kept, side },
      leftOut: counts,
      notes: noted.byCategory(),
    });
  }

  /** Number of images. */
  get size(): number {
    return this.#samples.length;
  }

  /** The categories of the images, sorted by code units. */
  get categories(): string[] {
    return [...new Set(this.#samples.map(({ category }) => category))].sort();
  }

  /** SHA-256 of keys and labels, to tell data sets apart. */
  get digest(): string {
    const hash = createHash("sha256");
    for (const { key, label } of this.#samples) {
      hash.update(`${label} ${key}\n`);
    }
    return hash.digest("hex");
  }

  /** Numbers of the images of the category of number `index`. */
  alike(index: number): number[] {
    const { category } = this.#samples[index]!;
    return this.#samples.flatMap((sample, i) =>
      sample.category === category ? [i] : []
    );
  }

  /**
   * An image by its number, in the order of keys.
   *
   * @throws {DataSetError} If it can no longer be read.
   */
  async example(index: number): Promise<Example> {
    const sample = this.#samples[index]!;
    const cached = this.#kept.get(sample);
    if (cached !== undefined) return cached;
    const image = await prepareFor(sample, this.#side);
    if (!("error" in image)) return toExample(image);
    throw new DataSetError(
      `Cannot go on training on ${this.name} as ${sample.key} changed: ` +
        image.error,
    );
  }
}

function withFault(sample: Sample, fault: MaskFault): UnreadableImage {
  return { sample, error: `its mask is ${MASK_FAULT_WORDS[fault]}` };
}

function prepareFor(
  sample: Sample,
  side: number,
): Promise<PreparedImage | UnreadableImage> {
  const preprocess = (image: RgbImage) => resizeBicubic(image, side, side).data;
  return prepare(sample, { side, preprocess });
}

function toExample({ sample, pixels, mask }: PreparedImage): Example {
  const { label, category } = sample;
  return { pixels, mask, label: label === 1 ? 1 : 0, category };
}

function assertUsable(
  { name }: DataSet,
  { samples, failed, leftOut }: {
    samples: readonly Sample[];
    failed: readonly UnreadableImage[];
    leftOut: LeftOut;
  },
): void {
  const [first] = failed;
  if (first !== undefined) {
    const more = failed.length === 1 ? "" : ` (and ${failed.length - 1} more)`;
    throw new DataSetError(
      `Cannot train on ${name} as all of its images must be usable: ` +
        `${first.sample.key}${more}: ${first.error}`,
    );
  }
  if (samples.some(({ label }) => label === 1)) return;
  const { unlabelled, masks } = leftOut;
  const maskless = leftOut.maskless + Object.values(masks).flat().length;
  throw new DataSetError(
    `Cannot train on ${name} as it must hold defective images with masks: ` +
      `current value is ${samples.length} normal, ${unlabelled} unlabelled ` +
      `and ${maskless} without a mask${faultCounts(masks)}`,
  );
}
