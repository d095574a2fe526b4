/**
 * From good images of clients to profiles.
 *
 * @module
 */
import { importLate } from "../../async/import_late.ts";
import { Semaphore } from "../../async/semaphore.ts";
import type { ShardDetector } from "../../batch/run.ts";
import { ModelError } from "../../checkpoint/model_error.ts";
import type { DataSet } from "../../data/sample.ts";
import type { Detector } from "../../detector/detector.ts";
import {
  calibrateProducts,
  type CalibrationParts,
  profileFiles,
} from "../../evaluation/calibrate_products.ts";
import type { RgbImage } from "../../image/image.ts";
import { LEAST_GOOD, withThreshold } from "../../references/product_profile.ts";
import { type Profile, PROFILE_FORMAT } from "../../references/profile.ts";
import type { Limits } from "../limits.ts";
import { hashedSettings, type ModelSettings } from "../model_settings.ts";
import { refusal } from "../requests/refusals.ts";
import { LearnedMemory } from "./learned_memory.ts";
import type { ClientProfile } from "./profile_store.ts";

/** What learning takes of a detector. */
export type Learner =
  & ShardDetector
  & Pick<
    Detector,
    | "bytesPerGoodImage"
    | "forget"
    | "learn"
    | "leftOut"
    | "leftOutScores"
    | "memory"
  >;

/** Requests whose good images wait to be learned. */
const MOST_WAITING = 4;

/** Whether a detector can learn good images. */
export function isLearner(
  detector: ShardDetector & Partial<Learner>,
): detector is Learner {
  return detector.learn !== undefined && detector.forget !== undefined &&
    detector.leftOut !== undefined && detector.leftOutScores !== undefined &&
    detector.memory !== undefined;
}

/** Images as the model reads them, as a data set of one product. */
function goodImages(
  { wish: { category }, pixels }: ClientProfile,
  side: number,
): DataSet {
  return {
    name: category,
    categories: [category],
    size: pixels.length,
    async *samples() {
      for (const [i, data] of pixels.entries()) {
        yield {
          key: `image ${i + 1}`,
          category,
          label: 0,
          defect: null,
          image: () => Promise.resolve({ width: side, height: side, data }),
          mask: null,
        };
      }
    },
  };
}

/**
 * A detector whose memory has a name of its own, and whose images are laid
 * before the model already.
 */
function withName(
  detector: Learner,
  name: string,
  { frames }: ClientProfile,
): CalibrationParts["detector"] {
  const prepare = ({ data: pixels }: RgbImage, category: string) => {
    const frame = frames.get(pixels);
    return { pixels, category, ...frame && { frame } };
  };
  return {
    detect: (inputs) => detector.detect(inputs),
    learn: (category, images, options) =>
      detector.learn(category, images, { ...options, name, prepare }),
    leftOut: () => detector.leftOut(name),
    leftOutScores: () => detector.leftOutScores(name),
    memory: () => detector.memory(name),
    prepare,
    promptOf: (category) => detector.promptOf(category),
  };
}

/** What {@linkcode ProfileMaker} is made of. */
export interface ProfileMakerParts {
  /** Learns good images. */
  readonly detector: Learner;
  /** What the numbers depend on; without it profiles cannot be kept as files. */
  readonly settings: ModelSettings | undefined;
  /** Bounds. */
  readonly limits: Pick<Limits, "profileImages" | "learningBytes">;
}

/** Learns the good images of clients, one profile at a time. */
export class ProfileMaker {
  readonly #parts: ProfileMakerParts;
  readonly #turn = new Semaphore(1);
  #count = 0;

  /** Constructs a maker that has learned nothing. */
  constructor(parts: ProfileMakerParts) {
    this.#parts = parts;
  }

  /** How many good images a profile may have. */
  get mostImages(): number {
    const { detector, limits } = this.#parts;
    const fitting = Math.floor(
      limits.learningBytes / detector.bytesPerGoodImage,
    );
    return Math.min(limits.profileImages, fitting);
  }

  /**
   * Refuses what cannot be learned, before images are decoded.
   *
   * @throws {HTTPException} 400 if the category gives no usable prompt, 501 if
   * the method has no patches to compare.
   */
  check(category: string): void {
    const { detector } = this.#parts;
    try {
      detector.promptOf(category);
    } catch (error) {
      if (!(error instanceof ModelError)) throw error;
      throw refusal(400, error.message);
    }
    try {
      detector.bytesPerGoodImage;
    } catch (error) {
      if (!(error instanceof ModelError)) throw error;
      throw refusal(
        501,
        "Cannot learn good images as the method of the model must have patches to compare",
      );
    }
  }

  /**
   * Learns the good images of a profile, once there are enough of them.
   *
   * @param profile The profile; it is in use until this ends.
   * @param signal Ends learning early.
   * @throws {HTTPException} 429 if too many others wait, 503 if there is no
   * room.
   */
  async learn(profile: ClientProfile, signal: AbortSignal): Promise<void> {
    if (profile.pixels.length < LEAST_GOOD) return;
    if (this.#turn.waiting >= MOST_WAITING) {
      throw refusal(
        429,
        "Cannot learn the good images as too many others wait",
      );
    }
    using _turn = await this.#turn.acquire(1, signal);
    const learned = await this.#learn(profile, signal);
    const { bytes } = learned;
    if (!profile.holds(bytes)) {
      learned.memory.retire();
      throw noRoom();
    }
    profile.learned = learned.memory;
  }

  async #learn(profile: ClientProfile, signal: AbortSignal) {
    const { detector, settings } = this.#parts;
    const { category, falseAlarms } = profile.wish;
    // Requests may use the memory before while the next one is learned.
    const name = `${profile.id}/${this.#count++}`;
    const products = await calibrateProducts({
      detector: withName(detector, name, profile),
      good: goodImages(profile, detector.side),
    }, {
      target: { false_alarms: falseAlarms },
      bitDepth: settings?.bitDepth ?? 16,
      signal,
    });
    const { categories, files } = profileFiles(products);
    const memory = new LearnedMemory({
      name,
      found: categories[category]!,
      files,
      forget: (name) => detector.forget(name),
    });
    return { memory, bytes: bytesOf(profile, files, detector.sessions) };
  }

  /**
   * Packs a profile, as `--profile` reads it.
   *
   * @param threshold One that the client chose; undefined for the calibrated.
   * @returns The bytes of a .zip archive.
   * @throws {HTTPException} 501 if the server does not know what the numbers
   * depend on.
   */
  async pack(
    { wish: { category, falseAlarms } }: ClientProfile,
    { found, files }: LearnedMemory,
    threshold: number | undefined,
  ): Promise<Uint8Array<ArrayBuffer>> {
    const { settings } = this.#parts;
    if (settings === undefined) {
      throw refusal(
        501,
        "Cannot keep the profile as the server must know the settings of its model",
      );
    }
    const { model, smooth, precision, bitDepth, frame, ignoreOrientation } =
      await hashedSettings(settings);
    const isMoved = threshold !== undefined && threshold !== found.threshold;
    const profile: Profile = {
      format: PROFILE_FORMAT,
      model,
      smooth,
      precision,
      bit_depth: bitDepth,
      ...ignoreOrientation && { ignore_orientation: true },
      ...frame !== undefined && { frame },
      target: isMoved ? { threshold } : { false_alarms: falseAlarms },
      categories: {
        [category]: isMoved
          ? { ...found, ...withThreshold(found, threshold) }
          : found,
      },
    };
    const address = new URL(
      "../../references/pack_profile.ts",
      import.meta.url,
    );
    const { packProfile } = await importLate<
      typeof import("../../references/pack_profile.ts")
    >(address);
    return packProfile(profile, files);
  }
}

/** Refuses a profile that takes too much memory. */
export function noRoom(): Error {
  return refusal(
    503,
    "Cannot learn the good images as memory is full of other profiles",
  );
}

/**
 * Images, the file of the memory, and in each session a graph that holds the
 * same numbers, twice: onnxruntime packs them for speed.
 */
function bytesOf(
  { pixels }: ClientProfile,
  files: ReadonlyMap<string, Uint8Array>,
  sessions: number,
): number {
  const size = (all: Iterable<Uint8Array>) =>
    [...all].reduce((sum, { length }) => sum + length, 0);
  return size(pixels) + (2 + 2 * sessions) * size(files.values());
}
