/**
 * The weights of an exported model, in one file beside it.
 *
 * @module
 */
import type { WeightEntry } from "../checkpoint/weights.ts";
import { writeAll, writeWhole } from "../files/whole_file.ts";
import type { Graph } from "../graph/graph.ts";
import { storedNames } from "../graph/quantise.ts";

/** Name of the file. */
export const WEIGHTS = "model.onnx.data";

/** Tensors begin at multiples of this, so that engines can map them. */
const ALIGNMENT = 4096;

/** A tensor and its place in the file. */
export interface Placed {
  /** Where it lies now. */
  readonly from: WeightEntry;
  /** Where it comes to lie. */
  readonly offset: number;
}

/** Gives each tensor that a graph reads its place in the file. */
export function layOut(
  weights: ReadonlyMap<string, WeightEntry>,
  graph: Graph,
): { entries: Placed[]; packed: Map<string, WeightEntry> } {
  const entries: Placed[] = [];
  const packed = new Map<string, WeightEntry>();
  const read = storedNames(graph);
  let offset = 0;
  for (const [name, from] of weights) {
    if (!read.has(name)) continue;
    entries.push({ from, offset });
    packed.set(name, { ...from, file: WEIGHTS, offset });
    const end = offset + from.byteLength;
    offset = Math.ceil(end / ALIGNMENT) * ALIGNMENT;
  }
  return { entries, packed };
}

/** Writes the file. */
export async function writeWeights(
  path: string,
  entries: readonly Placed[],
): Promise<void> {
  await writeWhole(path, (file) => pack(file, entries));
}

/** Copies tensors to their places, in pieces. */
async function pack(
  file: Deno.FsFile,
  entries: readonly Placed[],
): Promise<void> {
  const piece = new Uint8Array(1 << 22);
  for (const { from, offset } of entries) {
    using source = await Deno.open(from.file);
    await source.seek(from.offset, Deno.SeekMode.Start);
    await file.seek(offset, Deno.SeekMode.Start);
    let left = from.byteLength;
    while (left > 0) {
      const view = piece.subarray(0, Math.min(piece.length, left));
      const count = await source.read(view);
      if (count === null) {
        throw new Deno.errors.UnexpectedEof(
          `Cannot copy the weights as ${from.file} became shorter`,
        );
      }
      await writeAll(file, piece.subarray(0, count));
      left -= count;
    }
  }
}
