/**
 * The good images of an exported model.
 *
 * @module
 */
import { ModelError } from "../checkpoint/model_error.ts";
import type { Graph } from "../graph/graph.ts";
import { GraphBuilder } from "../graph/builder.ts";
import type {
  Architecture,
  DetectionOptions,
} from "../methods/architecture.ts";
import type { ModelDirectory } from "../methods/model_directory.ts";
import type { Sentences } from "../methods/sentences.ts";
import { jointDetection } from "../references/joint_map.ts";
import type { Memory } from "../references/memory.ts";
import { decodeMemory } from "../references/memory_file.ts";
import { memoryHash } from "../references/memory_tensors.ts";
import { isBanks } from "../references/stored_images.ts";

/** Good images that an exported model compares with, and thresholds. */
export interface ExportGood {
  /** What errors call them. */
  readonly path: string;
  /** The memory as a file; null for a zero-shot model with thresholds. */
  readonly memory: Uint8Array<ArrayBuffer> | null;
  /** The sentences that the thresholds were set with. */
  readonly prompts: Sentences;
  /** Least `score_logit` called defective. */
  readonly threshold: number;
  /** Least `logit_map` of a pixel that looks defective. */
  readonly pixelThreshold: number;
}

/** Checks that thresholds hold for these sentences. */
export function assertSentences(
  { path, prompts }: ExportGood,
  { normal, abnormal }: Sentences,
): void {
  const words = JSON.stringify([normal, abnormal]);
  if (JSON.stringify([prompts.normal, prompts.abnormal]) === words) return;
  throw new ModelError(
    `Cannot export ${path} as the prompts must be those it was calibrated ` +
      `with, such as "${prompts.normal[0]}": current value is "${normal[0]}"`,
  );
}

/**
 * Reads a memory that a model can be exported with.
 *
 * @throws {ModelError} If it is damaged, of other sizes, or of images in tiles.
 */
export function memoryOf(
  { architecture }: ModelDirectory,
  { path, memory: file }: Pick<ExportGood, "path" | "memory">,
): Memory | null {
  if (file === null) return null;
  if (isBanks(file, path)) {
    throw new ModelError(
      `Cannot export ${path} as its good images must be compared patch by patch: the method compares them in its own way, which only eval, score and serve do; calibrate --zero-shot makes a profile that can be exported`,
    );
  }
  const { memory, origin } = decodeMemory(file, path);
  if (JSON.stringify(memory.sizes) !== JSON.stringify(architecture.patches)) {
    throw new ModelError(
      `Cannot export ${path} as its good images must have been learned with this model: they were with another`,
    );
  }
  if (origin.framing === undefined) return memory;
  throw new ModelError(
    `Cannot export ${path} as its good images must have been stretched to the model's square: they were laid otherwise`,
  );
}

/** A model that compares each image with good ones, as one graph. */
export function goodGraph(
  architecture: Architecture,
  memory: Memory,
  { textLength, smooth }: Pick<DetectionOptions, "textLength" | "smooth">,
): Graph {
  const g = new GraphBuilder();
  const seen = architecture.detection(g, { textLength, smooth, patches: true });
  const values = new Map(Object.entries(seen));
  const taps = Array.from(
    { length: memory.sizes.taps },
    (_, i) => values.get(`tap_${i}`)!,
  );
  const zeroShot = values.get("patch_logit")!;
  const options = { side: architecture.mapSize, smooth };
  return g.build({
    ...jointDetection(g, { taps, zeroShot }, { memory, options }),
  });
}

/** What an exported model says of its good images and thresholds. */
export function goodMetadata(
  { memory: file, threshold, pixelThreshold }: ExportGood,
  memory: Memory | null,
): Record<string, string> {
  return {
    threshold: `${threshold}`,
    pixel_threshold: `${pixelThreshold}`,
    ...file !== null && memory !== null && {
      good_images: `${memory.images.length}`,
      good_sha256: memoryHash(file),
    },
  };
}
