/**
 * Times one training step at full size, and the PyTorch reference if asked:
 *
 *     deno run -A bench/step.ts [--model DIR] [--rounds 3] [--threads 2]
 *         [--memory keep|recompute] [--reference "python bench/reference.py ..."]
 *
 * Both passes, losses and gradients of the whole head, batch 1. Prints one
 * JSON object.
 *
 * @module
 */
import { parseArgs } from "node:util";
import { readWeight } from "../lib/checkpoint/safetensors.ts";
import { openModelDirectory } from "../lib/methods/model_directory.ts";
import { promptIds, promptOptions } from "../lib/methods/prompts.ts";
import { OnnxEngine } from "../lib/training/engine/onnx_engine.ts";
import { median, openReference, peakMegabytes } from "./measure.ts";
import { SIZES, writeRandomModel } from "./random_model.ts";

const { values: flags } = parseArgs({
  options: {
    model: { type: "string" },
    rounds: { type: "string", default: "3" },
    threads: { type: "string", default: "2" },
    memory: { type: "string", default: "keep" },
    reference: { type: "string" },
  },
});
const directory = flags.model ?? await Deno.makeTempDir();
if (flags.model === undefined) {
  await writeRandomModel(directory, SIZES["vit-l-518"]);
}
const model = await openModelDirectory(directory);
const { architecture, tokenizer, weights } = model;
const prompt = promptIds(tokenizer, "metal_nut", promptOptions(architecture));
const side = architecture.imageSize;
const names = [...architecture.headShapes.keys()];
const parameters = new Map<string, Float32Array>();
for (const name of names) {
  parameters.set(name, await readWeight(weights.get(name)!));
}
const start = performance.now();
const engine = await OnnxEngine.open(model, {
  trainable: new Set(names),
  textLength: Math.max(...prompt.endOfText) + 1,
  threads: Number(flags.threads),
  batchSize: 1,
  recompute: () => flags.memory === "recompute",
});
const creation = performance.now() - start;
const inside = (i: number) => i >= 100 && i < 200;
const batch = {
  size: 1,
  rgb: Uint8Array.from(
    { length: side * side * 3 },
    (_, i) => (i * 7919 >> 3) % 256,
  ),
  text: prompt.ids,
  mask: Float32Array.from(
    { length: side * side },
    (_, i) => inside(i % side) && inside(Math.floor(i / side)) ? 1 : 0,
  ),
  label: Float32Array.of(1),
};
const step = async () => {
  const begin = performance.now();
  await engine.step(batch, parameters);
  return performance.now() - begin;
};
await step();
const reference = flags.reference &&
  await openReference(flags.reference, "step");
const times = { ours: [] as number[], reference: [] as number[] };
for (let round = 0; round < Number(flags.rounds); round++) {
  times.ours.push(await step());
  if (reference) times.reference.push(await reference());
}
console.log(JSON.stringify(
  {
    threads: Number(flags.threads),
    memory: flags.memory,
    creationMilliseconds: creation,
    peakMegabytes: await peakMegabytes(),
    timeOverReference: reference
      ? median(times.ours) / median(times.reference)
      : null,
    milliseconds: times,
  },
  null,
  2,
));
if (flags.model === undefined) {
  await Deno.remove(directory, { recursive: true });
}
Deno.exit();
