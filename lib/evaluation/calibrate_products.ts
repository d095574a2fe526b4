/**
 * From good images of products to a profile.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { type DataSet, DataSetError, type Sample } from "../data/sample.ts";
import type { Detector, FramedInput } from "../detector/detector.ts";
import type { NamedImage } from "../detector/learn_images.ts";
import { detectionError } from "../methods/detection.ts";
import { countedValues } from "../metrics/left_out.ts";
import { storedImages } from "../references/stored_images.ts";
import { memoryHash } from "../references/memory_tensors.ts";
import {
  assertEnoughGood,
  type CalibrationImage,
  calibrationImage,
  calibrationImages,
  profileProduct,
  type RateTarget,
} from "../references/product_profile.ts";
import type { ProfileCategory } from "../references/profile.ts";

/** What is calibrated, on which images. */
export interface CalibrationParts {
  /** The detector. It learns the good images. */
  readonly detector:
    & Pick<
      Detector,
      "detect" | "learn" | "leftOut" | "memory" | "prepare" | "promptOf"
    >
    & Partial<Pick<Detector, "leftOutScores">>;
  /** Good images, by category. */
  readonly good: DataSet;
  /** Defective images of the same categories; undefined for none. */
  readonly bad?: DataSet | undefined;
}

/** Options of {@linkcode calibrateProducts}. */
export interface CalibrateProductsOptions {
  /** What thresholds are chosen for. */
  readonly target: RateTarget;
  /**
   * Whether images are compared with good ones, or detected zero-shot.
   *
   * @default {true}
   */
  readonly usesMemory?: boolean;
  /** Bits that a sensor really fills in 16-bit files. */
  readonly bitDepth: number;
  /** Ends the calibration early, with the signal's reason. */
  readonly signal?: AbortSignal;
  /** Called after each image. */
  readonly onImage?: () => void;
}

/** The calibration of one product, and the memory of its good images. */
export interface CalibratedProduct {
  /** Thresholds and figures; the memory has no file name yet. */
  readonly found: Omit<ProfileCategory, "memory">;
  /** The memory; null where it is detected zero-shot. */
  readonly memory: Uint8Array<ArrayBuffer> | null;
  /** Good images that are there already: beside its twin, none looks odd. */
  readonly copies: number;
}

type Images = AsyncIterable<Sample>;

async function* samplesOf(
  dataSet: DataSet,
  isWanted: (category: string) => boolean,
): AsyncGenerator<Sample> {
  for await (const sample of dataSet.samples()) {
    if (isWanted(sample.category)) yield sample;
  }
}

/** Calibrates the products of one detector. */
class Calibrator {
  readonly #detector: CalibrationParts["detector"];
  readonly #options: CalibrateProductsOptions;

  constructor(
    detector: CalibrationParts["detector"],
    options: CalibrateProductsOptions,
  ) {
    this.#detector = detector;
    this.#options = options;
  }

  /** Learns good images, and compares each with the other ones. */
  async learn(category: string, images: Images) {
    const { signal, onImage, bitDepth } = this.#options;
    const named = async function* (): AsyncGenerator<NamedImage> {
      for await (const sample of images) {
        signal?.throwIfAborted();
        yield { name: sample.key, image: () => sample.image() };
        onImage?.();
      }
    };
    await this.#detector.learn(category, named(), {
      bitDepth: bitDepth as 16,
      ...signal && { signal },
    });
    const file = this.#detector.memory(category)!;
    const maps = this.#detector.leftOut(category);
    const stored = storedImages(file, `the memory of "${category}"`);
    assertEnoughGood(stored.images.length);
    const scores = this.#detector.leftOutScores?.(category);
    return {
      memory: file,
      hashes: stored.images.map(({ sha256 }) => sha256),
      // Only of fewer images nothing was measured.
      images: calibrationImages(maps!, scores),
    };
  }

  /** Scores images as an evaluation does. */
  async score(category: string, images: Images) {
    const hashes: string[] = [];
    const found: CalibrationImage[] = [];
    for await (const sample of images) {
      this.#options.signal?.throwIfAborted();
      const input = await this.#read(sample, category);
      const [detection] = await this.#detector.detect([input]);
      const error = detectionError(detection!);
      if (error !== null) throw unreadable(sample, error);
      hashes.push(createHash("sha256").update(input.pixels).digest("hex"));
      const { scoreLogit, logitMap } = detection!;
      found.push(calibrationImage(scoreLogit, countedValues(logitMap)));
      this.#options.onImage?.();
    }
    return { memory: null, hashes, images: found };
  }

  /** Decodes an image, and lays it before the model. */
  async #read(sample: Sample, category: string): Promise<FramedInput> {
    try {
      return this.#detector.prepare(await sample.image(), category);
    } catch (error) {
      throw unreadable(
        sample,
        error instanceof Error ? error.message : String(error),
      );
    }
  }

  async calibrate(
    category: string,
    { good, bad }: { readonly good: Images; readonly bad: Images | undefined },
  ): Promise<CalibratedProduct> {
    const { target, usesMemory = true } = this.#options;
    const { memory, hashes, images } = usesMemory
      ? await this.learn(category, good)
      : await this.score(category, good);
    const defective = bad && (await this.score(category, bad)).images;
    const { normal, abnormal } = this.#detector.promptOf(category);
    return {
      memory,
      copies: hashes.length - new Set(hashes).size,
      found: {
        good_sha256: createHash("sha256").update(hashes.join("\n"))
          .digest("hex"),
        prompts: { normal, abnormal },
        ...profileProduct(images, { target, bad: defective ?? [] }),
      },
    };
  }
}

function unreadable({ key }: Sample, reason: string): DataSetError {
  return new DataSetError(
    `Cannot calibrate as each image must be readable: ${key} is not (${reason})`,
  );
}

function assertCategories({ good, bad }: CalibrationParts): void {
  const [only, ...others] = good.categories;
  if (bad === undefined || only !== undefined && others.length === 0) return;
  const odd = bad.categories.find((name) => !good.categories.includes(name));
  if (odd === undefined) return;
  throw new DataSetError(
    `Cannot calibrate as the categories of defective images must be among ` +
      `those of good ones, ${good.categories.join(", ")}: current value is ` +
      `${odd}`,
  );
}

/**
 * Calibrates a detector on good images of products: learns them, and sets
 * thresholds by how each looks beside the other ones. Where there is one product
 * only, all defective images are of it, whatever their folders are called.
 *
 * @param parts Detector and images.
 * @param options Target of the thresholds, and how to stop.
 * @returns One calibration a category, in the order of the data set.
 * @throws {DataSetError} If an image cannot be read, or the categories of
 * defective images are others.
 * @throws {RangeError} If a category has too few images.
 */
export async function calibrateProducts(
  parts: CalibrationParts,
  options: CalibrateProductsOptions,
): Promise<Map<string, CalibratedProduct>> {
  assertCategories(parts);
  const { detector, good, bad } = parts;
  const calibrator = new Calibrator(detector, options);
  const isOnly = good.categories.length === 1;
  const found = new Map<string, CalibratedProduct>();
  for (const category of good.categories) {
    const is = (name: string) => name === category;
    const images = {
      good: samplesOf(good, is),
      bad: bad && samplesOf(bad, isOnly ? () => true : is),
    };
    try {
      found.set(category, await calibrator.calibrate(category, images));
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      throw new DataSetError(`${error.message}, of "${category}"`, {
        cause: error,
      });
    }
  }
  return found;
}

/** A profile's categories, and the files of their memories. */
export interface ProfileFiles {
  /** The field `categories` of a profile. */
  readonly categories: Readonly<Record<string, ProfileCategory>>;
  /** Name of each file -> its bytes. */
  readonly files: ReadonlyMap<string, Uint8Array<ArrayBuffer>>;
}

/** Names the files of memories: categories may have any name. */
export function profileFiles(
  products: ReadonlyMap<string, CalibratedProduct>,
): ProfileFiles {
  const files = new Map<string, Uint8Array<ArrayBuffer>>();
  const categories = [...products].map(([category, product], i) => {
    const file = `good-${i + 1}.safetensors`;
    const { memory: bytes, found } = product;
    if (bytes !== null) files.set(file, bytes);
    const memory = bytes && { file, sha256: memoryHash(bytes) };
    return [category, { memory, ...found }] as const;
  });
  return { categories: Object.fromEntries(categories), files };
}
