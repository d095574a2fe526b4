/**
 * The good images that a detector has learned, by category.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { importLate } from "../async/import_late.ts";
import { ModelError } from "../checkpoint/model_error.ts";
import type { DetectorInput } from "../methods/detection.ts";
import { fingerprint } from "../methods/fingerprint.ts";
import type { MethodName } from "../methods/methods.ts";
import type { ModelDirectory } from "../methods/model_directory.ts";
import { float32 } from "../onnx/tensor.ts";
import type { GoodImage, GoodTile } from "../references/learn_memory.ts";
import type { LeftOutImage } from "../references/leave_banks_out.ts";
import { memoryHash, type MemoryOrigin } from "../references/memory_tensors.ts";
import { countedPatches } from "../framing/counted_patches.ts";
import type { Framing } from "../framing/framing.ts";
import {
  type ComparedFeatures,
  comparedFeatures,
  PATCH_LOGIT,
} from "./compared_features.ts";
import type { Comparison, Remembered } from "./comparison.ts";
import { type FramedInput, tilesOf } from "./detect_tiles.ts";
import type { ModelSessions } from "./model_sessions.ts";
import type { Network } from "./network.ts";

/** What a detector has learned of one category. */
export interface LearnedCategory {
  /** The product. */
  readonly category: string;
  /** How many good images there were. */
  readonly images: number;
  /** How many patches they had. */
  readonly patches: number;
  /** How many of them are kept, as a coreset. */
  readonly kept: number;
  /** SHA-256 of the memory in hexadecimal: what tells it from any other. */
  readonly sha256: string;
}

/** A memory in use. */
interface Known {
  readonly learned: LearnedCategory;
  readonly file: Uint8Array<ArrayBuffer>;
  /** SHA-256 of the pixels of each good image -> its key. */
  readonly images: ReadonlyMap<string, string>;
}

/** Options of {@linkcode References}. */
export interface ReferencesOptions {
  /** The method that was asked for, if one was. */
  readonly method?: MethodName | undefined;
  /** Called once with each warning. */
  readonly onWarning: (message: string) => void;
  /** How images are laid before the model; undefined where only stretched. */
  readonly framing: Framing | undefined;
}

/** SHA-256 of an image's pixels, in hexadecimal. */
export function pixelsHash({ pixels }: Pick<DetectorInput, "pixels">): string {
  return createHash("sha256").update(pixels).digest("hex");
}

/** Its modules are loaded where there are good images. */
async function openComparison(
  model: ModelDirectory,
  { options }: ModelSessions,
): Promise<Comparison> {
  const address = new URL("./comparison.ts", import.meta.url);
  const { comparisonOf } = await importLate<typeof import("./comparison.ts")>(
    address,
  );
  return comparisonOf(model, options);
}

/** Memories, and the graphs that compare images with them. */
export class References {
  readonly #model: ModelDirectory;
  readonly #sessions: ModelSessions;
  readonly #options: ReferencesOptions;
  readonly #known = new Map<string, Known>();
  readonly #leftOut = new Map<string, readonly LeftOutImage[]>();
  readonly #warned = new Set<string>();
  #fingerprint: Promise<string> | undefined;
  #features: ComparedFeatures | undefined;
  #comparison: Promise<Comparison> | undefined;

  /** Constructs without memories. */
  constructor(
    model: ModelDirectory,
    sessions: ModelSessions,
    options: ReferencesOptions,
  ) {
    this.#model = model;
    this.#sessions = sessions;
    this.#options = options;
  }

  /** What was learned of categories, in the order of learning. */
  get learned(): LearnedCategory[] {
    return [...this.#known].map(([name, { learned }]) => ({ name, learned }))
      .filter(({ name, learned }) => name === learned.category)
      .map(({ learned }) => learned);
  }

  /** A memory as a file; undefined where there is none of that name. */
  file(name: string): Uint8Array<ArrayBuffer> | undefined {
    return this.#known.get(name)?.file;
  }

  /** Frees a memory, if there is one of that name. */
  async forget(name: string): Promise<void> {
    if (!this.#known.delete(name)) return;
    this.#leftOut.delete(name);
    this.#warned.delete(name);
    await this.#sessions.detach(name);
  }

  /**
   * Makes the model output what is learned, from its next load on.
   *
   * @throws {ModelError} If the method has no patches to compare.
   */
  prepare(): void {
    // This throws where there is nothing to compare.
    this.#compared;
    this.#sessions.addPatches();
  }

  /**
   * Bytes that one good image takes while good images are learned.
   *
   * @throws {ModelError} If the method has no patches to compare.
   */
  get bytesPerImage(): number {
    return this.#compared.bytesPerImage;
  }

  /**
   * What the network computes of one good image.
   *
   * @throws {ModelError} If the method has no patches to compare.
   */
  async look(
    input: FramedInput & { readonly key: string },
    network: Pick<Network, "run">,
  ): Promise<GoodImage> {
    const { key, frame } = input;
    const { grid } = this.#compared;
    this.prepare();
    const tiles: GoodTile[] = [];
    for (const [i, tile] of tilesOf(input).entries()) {
      const counted = frame && countedPatches(frame, i, grid);
      const seen = await this.#lookAt(tile, network);
      tiles.push({ ...seen, ...counted && { counted } });
    }
    const patches = tiles.reduce(
      (sum, { counted }) =>
        sum + (counted?.reduce((a, b) => a + b, 0) ?? grid ** 2),
      0,
    );
    const sha256 = pixelsHash(input);
    return { key, sha256, tiles, ...frame !== undefined && { patches } };
  }

  async #lookAt(
    tile: DetectorInput,
    network: Pick<Network, "run">,
  ): Promise<GoodTile> {
    const { outputs: names } = this.#compared;
    const { outputs } = await network.run([tile], { outputs: names });
    const taps = names.filter((name) => name !== PATCH_LOGIT)
      .map((name) => [name, float32(outputs, name)] as const);
    return {
      taps: Object.fromEntries(taps),
      logits: names.includes(PATCH_LOGIT)
        ? float32(outputs, PATCH_LOGIT)
        : new Float32Array(),
    };
  }

  /**
   * Learns the good images of a category, in place of earlier ones.
   *
   * @param images What the network computed of each.
   * @param origin The category, the bits of 16-bit files, and what the memory is
   * called, if it is not the category.
   * @throws {RangeError} If there are no images, or too many.
   * @throws {ModelError} If the method has no patches to compare.
   */
  async learn(
    images: readonly GoodImage[],
    { name, ...origin }: Pick<MemoryOrigin, "category" | "bitDepth"> & {
      readonly name?: string | undefined;
    },
  ): Promise<LearnedCategory> {
    const called = name ?? origin.category;
    const model = await this.#hash();
    const side = this.#model.architecture.imageSize;
    const framing = this.#options.framing?.identityOf(origin.category);
    const comparison = await this.#compare();
    const { file, remembered, leftOut } = await comparison.learn(
      images,
      { ...origin, model, side, ...framing && { framing } },
    );
    const learned = await this.#use(called, remembered, file);
    if (leftOut !== undefined) this.#leftOut.set(called, leftOut);
    return learned;
  }

  /**
   * How each good image looks beside the other ones; undefined for a memory that
   * was not learned here, or of too few images.
   */
  leftOut(name: string): readonly LeftOutImage[] | undefined {
    return this.#leftOut.get(name);
  }

  /**
   * Takes a memory that a detector with the same model has learned.
   *
   * @param file The bytes of the memory.
   * @param path What errors call it.
   * @throws {ModelError} If it is damaged, or of another model.
   */
  async remember(
    file: Uint8Array<ArrayBuffer>,
    path: string,
  ): Promise<LearnedCategory> {
    const comparison = await this.#compare();
    const { origin, remembered } = comparison.decode(file, path);
    if (remembered !== undefined && origin.model === await this.#hash()) {
      this.#assertFraming(origin, path);
      return await this.#use(origin.category, remembered, file);
    }
    throw new ModelError(
      `Cannot use the good images of ${path} as they must have been learned ` +
        `with the model ${this.#model.path}: they were with another`,
    );
  }

  #assertFraming({ category, framing }: MemoryOrigin, path: string): void {
    if (framing === this.#options.framing?.identityOf(category)) return;
    throw new ModelError(
      `Cannot use the good images of ${path} as they must have been laid ` +
        `before the model as the images now are, with the same tiles, fit and ` +
        `region of interest: they were laid otherwise`,
    );
  }

  /**
   * The memory that each image is compared with, if there is one. Says once for
   * each memory if an image is one of its good images.
   *
   * @throws {RangeError} If an image names a memory that is not there.
   */
  followers(inputs: readonly DetectorInput[]): (string | undefined)[] {
    const names = inputs.map((input) => this.#followerOf(input));
    return this.#sessions.hasPatches ? names : [];
  }

  #followerOf(input: DetectorInput): string | undefined {
    const name = input.memory ?? input.category;
    const known = this.#known.get(name);
    if (known !== undefined) {
      this.#warnOfGood(input, { name, known });
      return name;
    }
    if (input.memory === undefined) return undefined;
    throw new RangeError(
      "Cannot compare an image with good ones as its memory must have been " +
        `learned: current value is ${JSON.stringify(name)}`,
    );
  }

  #warnOfGood(
    input: DetectorInput,
    { name, known }: { readonly name: string; readonly known: Known },
  ): void {
    const { category } = input;
    if (this.#warned.has(name)) return;
    const key = known.images.get(pixelsHash(input));
    if (key === undefined) return;
    this.#warned.add(name);
    this.#options.onWarning(
      `an image to be scored is also one of the good images of "${category}", ` +
        `${key}, so its score is too low and says nothing; further ones are ` +
        `not named`,
    );
  }

  async #use(
    name: string,
    { category, images, patches, kept, graph }: Remembered,
    file: Uint8Array<ArrayBuffer>,
  ): Promise<LearnedCategory> {
    this.#sessions.addPatches();
    await this.#sessions.attach(name, graph);
    this.#leftOut.delete(name);
    const learned = {
      category,
      images: images.length,
      patches,
      kept,
      sha256: memoryHash(file),
    };
    this.#known.set(name, {
      learned,
      file,
      images: new Map(images.map(({ sha256, key }) => [sha256, key])),
    });
    return learned;
  }

  /** What is compared. @throws {ModelError} If nothing can be. */
  get #compared(): ComparedFeatures {
    return this.#features ??= comparedFeatures(this.#model);
  }

  /** How images are compared. @throws {ModelError} If they cannot be. */
  #compare(): Promise<Comparison> {
    return this.#comparison ??= openComparison(this.#model, this.#sessions);
  }

  #hash(): Promise<string> {
    const { method } = this.#options;
    return this.#fingerprint ??= fingerprint(this.#model.path, method);
  }
}
