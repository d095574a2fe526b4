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
import { median, openReference, peakMegabytes } from "./measure.ts";
import { SIZES, writeRandomModel } from "./random_model.ts";
import { openStep } from "./training_step.ts";

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
const training = await openStep(directory, {
  threads: Number(flags.threads),
  recompute: flags.memory === "recompute",
});
await training.run();
const reference = flags.reference &&
  await openReference(flags.reference, "step");
const times = { ours: [] as number[], reference: [] as number[] };
for (let round = 0; round < Number(flags.rounds); round++) {
  times.ours.push(await training.run());
  if (reference) times.reference.push(await reference());
}
console.log(JSON.stringify(
  {
    threads: Number(flags.threads),
    memory: flags.memory,
    creationMilliseconds: training.creation,
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
