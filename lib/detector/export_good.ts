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
import { decodeBanks } from "../references/bank_file.ts";
import { bankConstants } from "../references/banks.ts";
import { jointDetection } from "../references/joint_map.ts";
import type { Memory } from "../references/memory.ts";
import { decodeMemory } from "../references/memory_file.ts";
import { memoryHash, type MemoryOrigin } from "../references/memory_tensors.ts";

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

/** Good images that an exported model compares with. */
export interface ExportedImages {
  /** How many there are. */
  readonly count: number;
  /** Records the whole model; its outputs are those of a zero-shot one. */
  graph(options: GraphOptions): Graph;
}

type GraphOptions = Pick<DetectionOptions, "textLength" | "smooth">;

/**
 * Reads good images that a model can be exported with.
 *
 * @throws {ModelError} If they are damaged, of other sizes, or in tiles.
 */
export function imagesOf(
  { architecture }: ModelDirectory,
  { path, memory: file }: Pick<ExportGood, "path" | "memory">,
): ExportedImages | null {
  if (file === null) return null;
  const { goodImages } = architecture;
  if (goodImages !== undefined) {
    const { banks, origin } = decodeBanks(file, path, goodImages);
    assertStretched(origin, path);
    return {
      count: banks.images.length,
      graph: ({ smooth }) => {
        const g = new GraphBuilder();
        const found = goodImages.features(g);
        const constants = bankConstants(g, banks);
        const options = { banks: constants, smooth };
        return g.build({ ...goodImages.join(g, found, options) });
      },
    };
  }
  const { memory, origin } = decodeMemory(file, path);
  if (JSON.stringify(memory.sizes) !== JSON.stringify(architecture.patches)) {
    throw new ModelError(
      `Cannot export ${path} as its good images must have been learned with this model: they were with another`,
    );
  }
  assertStretched(origin, path);
  return {
    count: memory.images.length,
    graph: (options) => memoryGraph(architecture, memory, options),
  };
}

function assertStretched({ framing }: MemoryOrigin, path: string): void {
  if (framing === undefined) return;
  throw new ModelError(
    `Cannot export ${path} as its good images must have been stretched to the model's square: they were laid otherwise`,
  );
}

/** A model that compares each image with a memory, as one graph. */
function memoryGraph(
  architecture: Architecture,
  memory: Memory,
  { textLength, smooth }: GraphOptions,
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
  images: ExportedImages | null,
): Record<string, string> {
  return {
    threshold: `${threshold}`,
    pixel_threshold: `${pixelThreshold}`,
    ...file !== null && images !== null && {
      good_images: `${images.count}`,
      good_sha256: memoryHash(file),
    },
  };
}
