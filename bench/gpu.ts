/**
 * Measures a graphics card in one command, and writes what was found to
 * bench/results/CARD.json:
 *
 *     deno run -A bench/gpu.ts [--provider cuda|webgpu|cpu]
 *         [--size vit-l-518|vit-b-224|nano] [--batches 1,2,4,8,16]
 *         [--rounds 5] [--images 512] [--minutes 9] [--python python3]
 *         [--only WORD] [--out bench/results]
 *
 * - How far maps of the embedded model, and of a random model of the size,
 *   lie from those of the CPU in float32, relative to their range.
 * - Both passes in float32 and float16, by images in a batch.
 * - `score` end to end, from PNG files to rows.
 * - A training step; and PyTorch's forward pass and step, where Python has it.
 *
 * Says what it does, and writes after each part. A part that fails is written
 * with its error, and one for which no time is left is left out. Ends with 1
 * where any part failed, and with 42 where the provider cannot run at all.
 *
 * @module
 */
import { parseArgs } from "node:util";
import { orAbort } from "../lib/async/abortable.ts";
import { Detector } from "../lib/detector/detector.ts";
import { findModel } from "../lib/hub/find_model.ts";
import type { Provider } from "../lib/onnx/session.ts";
import { cardName, fileName, hasHalf } from "./gpu/card.ts";
import { type MeasuredPart, partsOf } from "./gpu/parts.ts";
import { peakMegabytes } from "./measure.ts";
import { SIZES, writeRandomModel } from "./random_model.ts";

const { values: flags } = parseArgs({
  options: {
    provider: { type: "string", default: "cuda" },
    size: { type: "string", default: "vit-l-518" },
    batches: { type: "string", default: "1,2,4,8,16" },
    rounds: { type: "string", default: "5" },
    images: { type: "string", default: "512" },
    minutes: { type: "string", default: "9" },
    python: { type: "string", default: "python3" },
    only: { type: "string", default: "" },
    out: { type: "string", default: "bench/results" },
  },
});
const provider = flags.provider as Provider;
const begin = performance.now();
const deadline = begin + Number(flags.minutes) * 60_000;

function say(text: string): void {
  const seconds = Math.round((performance.now() - begin) / 1000);
  console.error(`[${String(seconds).padStart(4)} s] ${text}`);
}

async function measured({ name, does, run }: MeasuredPart): Promise<unknown> {
  const left = deadline - performance.now();
  if (left <= 0) {
    say(`${name}: left out, as no time is left`);
    return { leftOut: "no time was left" };
  }
  say(`${name}: ${does}`);
  try {
    return await orAbort(run(), AbortSignal.timeout(left));
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    say(`${name} failed: ${message}`);
    return { error: message };
  }
}

/** The model of the size; one of random weights is written to the folder. */
async function modelOf(folder: string, nano: string): Promise<string> {
  if (flags.size === "nano") return nano;
  const size = SIZES[flags.size as keyof typeof SIZES];
  if (size === undefined) {
    const names = ["nano", ...Object.keys(SIZES)].join(", ");
    throw new TypeError(
      `Cannot measure as --size must be one of ${names}: current value is ` +
        `"${flags.size}"`,
    );
  }
  say(`writes a random model of the size ${flags.size}`);
  await writeRandomModel(folder, size);
  return folder;
}

async function measure(folder: string): Promise<boolean> {
  const card = await cardName(provider);
  say(`runs on ${card}`);
  const nano = await findModel("nano", {});
  const model = await modelOf(folder, nano);
  const isHalf = await hasHalf(provider);
  if (!isHalf) say("leaves float16 out, which the card does not have");
  const parts = partsOf({
    nano,
    model,
    // The processor computes float16 in float32.
    precisions: provider === "cpu" || !isHalf ? ["f32"] : ["f16", "f32"],
    provider,
    batches: flags.batches.split(",").map(Number),
    rounds: Number(flags.rounds),
    images: Number(flags.images),
    python: flags.python,
  }).filter(({ name }) => name.includes(flags.only));
  const path = `${flags.out}/${fileName(card)}.json`;
  const { size, batches, rounds, images } = flags;
  const found: Record<string, unknown> = {
    card,
    provider,
    cores: navigator.hardwareConcurrency,
    ...{ size, batches, rounds, images },
  };
  await Deno.mkdir(flags.out, { recursive: true });
  for (const part of parts) {
    found[part.name] = await measured(part);
    found["peak megabytes"] = await peakMegabytes();
    await Deno.writeTextFile(path, `${JSON.stringify(found, null, 2)}\n`);
  }
  console.log(JSON.stringify(found, null, 2));
  say(`wrote ${path}`);
  return !JSON.stringify(found).includes('"error":');
}

/** Ends at once where the provider cannot run the smallest model. */
async function assertRuns(): Promise<void> {
  try {
    await using _ = await Detector.open("nano", { provider });
  } catch (error) {
    console.error((error as Error).message);
    Deno.exit(42);
  }
}

await assertRuns();
const folder = await Deno.makeTempDir();
let isWhole = false;
try {
  isWhole = await measure(folder);
} finally {
  await Deno.remove(folder, { recursive: true });
}
Deno.exit(isWhole ? 0 : 1);
