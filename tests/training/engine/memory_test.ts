import assert from "node:assert/strict";
import { mfpClipSizes } from "../../../lib/methods/mfp_clip/architecture.ts";
import { openModelDirectory } from "../../../lib/methods/model_directory.ts";
import { fitsMemory } from "../../../lib/training/engine/memory.ts";
import {
  differentiate,
  lossProgram,
} from "../../../lib/training/engine/loss_program.ts";
import { trainableNames } from "../../../lib/training/trainable.ts";

async function tapeOf(recompute: boolean): Promise<number> {
  const directory = new URL("../../../models/nano", import.meta.url).pathname;
  const { architecture } = await openModelDirectory(directory);
  const trainable = trainableNames(architecture, ["head"]);
  const program = lossProgram(architecture, { textLength: 8, trainable });
  return differentiate(program, { recompute }).tapeBytes;
}

Deno.test("differentiate() counts what each vision block keeps", async () => {
  const directory = new URL("../../../models/nano", import.meta.url).pathname;
  const model = await openModelDirectory(directory);
  const { clip: { vision }, config } = mfpClipSizes(model);
  const { hiddenSize, intermediateSize, patchSize } = vision;
  const tokens = (config.imageSize / patchSize) ** 2;
  // Of a block at least its input, q, k, v, the attention and both norms'
  // outputs are wide as the model, and one activation as its MLP.
  const block = 4 * tokens * (5 * hiddenSize + intermediateSize);
  const blocks = 2 * (config.taps.at(-1)! - 1);
  const [kept, again] = [await tapeOf(false), await tapeOf(true)];
  assert(kept > blocks * block, `${kept} ${blocks * block}`);
  assert(kept < 4 * blocks * block, `${kept} ${blocks * block}`);
  assert(kept - again > 0.5 * blocks * block, `${kept} ${again}`);
});

Deno.test("fitsMemory() counts tape, weights and copies of what is trained", () => {
  const gigabyte = 2 ** 30;
  const needs = { tape: 2 * gigabyte, weights: gigabyte, trained: 2 ** 27 };
  // 2.6 + 1 + 0.75 + 0.5
  assert(fitsMemory(needs, 4.86 * gigabyte));
  assert(!fitsMemory(needs, 4.84 * gigabyte));
});
