/**
 * How the images of a model are compared with good ones: by the patches of its
 * method, or as the method publishes it.
 *
 * @module
 */
import type { Graph } from "../graph/graph.ts";
import type { Architecture, PatchSizes } from "../methods/architecture.ts";
import type { GoodImageRules } from "../methods/good_image_rules.ts";
import type { ModelDirectory } from "../methods/model_directory.ts";
import type { Provider } from "../onnx/session.ts";
import {
  decodeBanks,
  encodeBanks,
  type StoredBanks,
} from "../references/bank_file.ts";
import { bankGraph, bankRows, learnBanks } from "../references/banks.ts";
import { jointGraph } from "../references/joint_map.ts";
import { type GoodImage, learnMemory } from "../references/learn_memory.ts";
import {
  leaveBanksOut,
  type LeftOutImage,
} from "../references/leave_banks_out.ts";
import {
  keptPatches,
  type LearnedImage,
  seenPatches,
} from "../references/memory.ts";
import {
  decodeMemory,
  encodeMemory,
  type StoredMemory,
} from "../references/memory_file.ts";
import type { MemoryOrigin } from "../references/memory_tensors.ts";
import { LEAST_GOOD } from "../references/product_profile.ts";
import { BesideSession } from "./beside_session.ts";
import { nothingToCompare } from "./compared_features.ts";

/** A memory in the form that a detector uses, whatever the method. */
export interface Remembered {
  /** The product. */
  readonly category: string;
  /** The good images. */
  readonly images: readonly LearnedImage[];
  /** How many patches, or other features, they had. */
  readonly patches: number;
  /** How many of them are kept. */
  readonly kept: number;
  /** The graph that compares one image with them. */
  readonly graph: Graph;
}

/** A memory that was learned. */
export interface LearnedFile {
  /** Its bytes. */
  readonly file: Uint8Array<ArrayBuffer>;
  /** The same in use. */
  readonly remembered: Remembered;
  /**
   * How each good image looks beside the other ones.
   *
   * @default {nothing measured it}
   */
  readonly leftOut?: readonly LeftOutImage[];
}

/** How images are compared with good ones. */
export interface Comparison {
  /**
   * Learns good images.
   *
   * @param images What the network computed of each.
   * @throws {RangeError} If there are no images, or too many.
   */
  learn(
    images: readonly GoodImage[],
    origin: MemoryOrigin,
  ): Promise<LearnedFile>;
  /**
   * Reads a memory; one of other sizes is undefined.
   *
   * @param path What errors call it.
   * @throws {ModelError} If it is damaged, or of another kind.
   */
  decode(
    file: Uint8Array<ArrayBuffer>,
    path: string,
  ): {
    readonly origin: MemoryOrigin;
    readonly remembered: Remembered | undefined;
  };
}

/** How a model runs. */
export interface ComparisonOptions {
  /** Where graphs run. */
  readonly provider: Provider;
  /** Standard deviation in pixels of the Gaussian that smooths the maps. */
  readonly smooth: number;
}

/**
 * How the images of a model are compared.
 *
 * @throws {ModelError} If the method has nothing to compare.
 */
export function comparisonOf(
  { path, architecture }: Pick<ModelDirectory, "path" | "architecture">,
  options: ComparisonOptions,
): Comparison {
  const { goodImages, patches } = architecture;
  if (goodImages !== undefined) return bankComparison(goodImages, options);
  if (patches !== null) return patchComparison(architecture, patches, options);
  throw nothingToCompare({ path, architecture });
}

function patchComparison(
  { mapSize: side }: Architecture,
  sizes: PatchSizes,
  { provider, smooth }: ComparisonOptions,
): Comparison {
  const remembered = (
    { memory, origin: { category } }: StoredMemory,
  ): Remembered => ({
    category,
    images: memory.images,
    patches: seenPatches(memory),
    kept: keptPatches(memory),
    graph: jointGraph(memory, { side, smooth }),
  });
  return {
    async learn(images, origin) {
      await using beside = await BesideSession.create(provider);
      const open = (graph: Graph) => beside.open(graph);
      const { memory, leftOut } = await learnMemory(images, { sizes, open });
      const stored = { memory, origin };
      const file = encodeMemory(stored);
      return {
        file,
        remembered: remembered(stored),
        leftOut: leftOut.map((logits) => ({
          logits,
          score: logits.reduce((a, b) => Math.max(a, b), -Infinity),
        })),
      };
    },
    decode(file, path) {
      const stored = decodeMemory(file, path);
      const isSame = JSON.stringify(stored.memory.sizes) ===
        JSON.stringify(sizes);
      return {
        origin: stored.origin,
        remembered: isSame ? remembered(stored) : undefined,
      };
    },
  };
}

/**
 * Good images from which on each is compared with the other ones: as many as
 * thresholds take.
 */
const LEAST_MEASURED = LEAST_GOOD;

function bankComparison(
  rules: GoodImageRules,
  { provider, smooth }: ComparisonOptions,
): Comparison {
  const remembered = (
    { banks, origin: { category } }: StoredBanks,
  ): Remembered => ({
    category,
    images: banks.images,
    patches: bankRows(banks),
    kept: bankRows(banks),
    graph: bankGraph(banks, rules, { smooth }),
  });
  return {
    async learn(images, origin) {
      const stored = { banks: learnBanks(images, rules), origin };
      const file = encodeBanks(stored);
      const learned = { file, remembered: remembered(stored) };
      if (images.length < LEAST_MEASURED) return learned;
      await using beside = await BesideSession.create(provider);
      const open = (graph: Graph) => beside.open(graph);
      const leftOut = await leaveBanksOut(images, rules, { smooth, open });
      return { ...learned, leftOut };
    },
    decode(file, path) {
      const stored = decodeBanks(file, path, rules);
      return { origin: stored.origin, remembered: remembered(stored) };
    },
  };
}
