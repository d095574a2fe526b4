/**
 * Measures a graphics card in one command, and writes what was found to
 * bench/results/CARD.json:
 *
 *     deno run -A bench/gpu.ts [--provider cuda|webgpu|cpu] [--size vit-l-518]
 *         [--batches 1,2,4,8,16] [--rounds 5] [--images 64] [--skip-cpu]
 *         [--reference "python bench/reference.py ..."]
 *
 * - How far maps of the embedded model, and of a random model of the size,
 *   lie from those of the CPU in float32, relative to their range.
 * - Both passes in float32 and float16, by images in a batch.
 * - A training step, and PyTorch's forward pass and step, if asked.
 * - `score` end to end with the embedded model, from PNG files to rows.
 *
 * A part that fails is written with its error, and the others still run.
 *
 * @module
 */
import { parseArgs } from "node:util";
import { Detector } from "../lib/detector/detector.ts";
import type { Provider } from "../lib/onnx/session.ts";
import { drawImages } from "./drawn_images.ts";
import { cardName } from "./graphics_card.ts";
import { median, openReference, peakMegabytes } from "./measure.ts";
import { SIZES, writeRandomModel } from "./random_model.ts";
import { openStep } from "./training_step.ts";

const ROOT = new URL("..", import.meta.url);

const { values: flags } = parseArgs({
  options: {
    provider: { type: "string", default: "cuda" },
    size: { type: "string", default: "vit-l-518" },
    batches: { type: "string", default: "1,2,4,8,16" },
    rounds: { type: "string", default: "5" },
    images: { type: "string", default: "64" },
    "skip-cpu": { type: "boolean", default: false },
    reference: { type: "string" },
    out: { type: "string", default: "bench/results" },
  },
});
const provider = flags.provider as Provider;
const rounds = Number(flags.rounds);
type Precision = "f32" | "f16";
const PRECISIONS: readonly Precision[] = ["f32", "f16"];

/** Bytes that look like an image to a network. */
function pixels(side: number, seed: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(
    { length: side * side * 3 },
    (_, i) => ((i + seed * 977) * 7919 >> 3) % 256,
  );
}

interface Maps {
  readonly scores: readonly number[];
  readonly logits: Float32Array;
}

async function mapsOf(
  model: string,
  options: { readonly provider: Provider; readonly precision: Precision },
): Promise<Maps> {
  await using detector = await Detector.open(model, options);
  const inputs = [1, 2].map((seed) => ({
    pixels: pixels(detector.side, seed),
    category: "metal_nut",
  }));
  const found = await detector.detect(inputs);
  const size = found[0]!.logitMap.length;
  const logits = new Float32Array(size * found.length);
  found.forEach(({ logitMap }, i) => logits.set(logitMap, i * size));
  return { scores: found.map(({ scoreLogit }) => scoreLogit), logits };
}

/** The largest differences of S before its sigmoid, and of logit maps in parts of their range. */
function difference(found: Maps, expected: Maps) {
  let least = Infinity;
  let largest = -Infinity;
  let off = 0;
  for (const [i, x] of expected.logits.entries()) {
    least = Math.min(least, x);
    largest = Math.max(largest, x);
    // NaN must not pass for 0.
    const apart = Math.abs(x - found.logits[i]!);
    off = Number.isNaN(apart) ? Infinity : Math.max(off, apart);
  }
  return {
    scoreLogit: Math.max(
      ...expected.scores.map((score, i) => Math.abs(score - found.scores[i]!)),
    ),
    logitMap: off / (largest - least),
  };
}

async function parity(model: string) {
  const expected = await mapsOf(model, { provider: "cpu", precision: "f32" });
  return await byPrecision(async (precision) =>
    difference(await mapsOf(model, { provider, precision }), expected)
  );
}

/** Milliseconds for an image, in the session alone, by images in a batch. */
async function times(model: string, precision: Precision) {
  await using detector = await Detector.open(model, { provider, precision });
  const found: Record<string, unknown> = {};
  for (const count of flags.batches.split(",").map(Number)) {
    const inputs = Array.from({ length: count }, (_, i) => ({
      pixels: pixels(detector.side, i),
      category: "metal_nut",
    }));
    found[count] = await attempt(async () => {
      const runs: number[] = [];
      for (let round = -1; round < rounds; round++) {
        const start = performance.now();
        await detector.detect(inputs);
        if (round >= 0) runs.push((performance.now() - start) / count);
      }
      return { millisecondsAnImage: median(runs), runs };
    });
  }
  return found;
}

async function trainingStep(model: string) {
  await using training = await openStep(model, { provider, threads: 0 });
  await training.run(); // Warms up.
  const runs: number[] = [];
  for (let round = 0; round < rounds; round++) runs.push(await training.run());
  return { milliseconds: median(runs), runs };
}

/** Images of a second from `score`, after the start of its process. */
async function scoring() {
  const folder = await Deno.makeTempDir();
  try {
    const images = Number(flags.images);
    await drawImages(`${folder}/images`, { images, side: 700 });
    const seconds: number[] = [];
    for (const limit of [2, images]) {
      const start = performance.now();
      const { code, stderr } = await new Deno.Command(Deno.execPath(), {
        args: [
          ...["run", "-P=score", "main.ts", "score", "--batch-size=16"],
          `--data=${folder}/images`,
          `--out=${folder}/out-${limit}`,
          `--limit-total=${limit}`,
          `--provider=${provider}`,
        ],
        cwd: ROOT,
        stdout: "null",
      }).output();
      if (code !== 0) throw new Error(new TextDecoder().decode(stderr));
      seconds.push((performance.now() - start) / 1000);
    }
    const [short = 0, long = 0] = seconds;
    return { imagesPerSecond: (images - 2) / (long - short), seconds };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function reference(command: string) {
  const found: Record<string, number> = {};
  for (const task of ["forward", "step"] as const) {
    const run = await openReference(command, task);
    const runs: number[] = [];
    for (let round = 0; round < rounds; round++) runs.push(await run());
    found[task] = median(runs);
  }
  return found;
}

/** What a part of the measurement found, or why it failed. */
async function attempt<T>(
  part: () => Promise<T>,
): Promise<T | { readonly error: string }> {
  try {
    return await part();
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) };
  }
}

async function byPrecision<T>(
  part: (precision: Precision) => Promise<T>,
): Promise<Record<string, T | { readonly error: string }>> {
  const found: Record<string, T | { readonly error: string }> = {};
  for (const precision of PRECISIONS) {
    found[precision] = await attempt(() => part(precision));
  }
  return found;
}

async function measure(model: string) {
  const { "skip-cpu": skip } = flags;
  return {
    parityOfNano: await attempt(() => parity("nano")),
    parityOfModel: skip ? undefined : await attempt(() => parity(model)),
    forward: await byPrecision((precision) => times(model, precision)),
    trainingStep: await attempt(() => trainingStep(model)),
    scoreWithNano: await attempt(scoring),
    pytorch: flags.reference === undefined
      ? undefined
      : await attempt(() => reference(flags.reference!)),
    peakMegabytes: await peakMegabytes(),
  };
}

const model = await Deno.makeTempDir();
try {
  const size = SIZES[flags.size as keyof typeof SIZES];
  if (size === undefined) {
    throw new TypeError(
      `Cannot measure as --size must be one of ${Object.keys(SIZES)}: ` +
        `current value is "${flags.size}"`,
    );
  }
  const card = await cardName(provider);
  await writeRandomModel(model, size);
  const found = { card, provider, size: flags.size, ...await measure(model) };
  const name = card.replaceAll(/[^A-Za-z0-9]+/g, "-").toLowerCase();
  await Deno.mkdir(flags.out, { recursive: true });
  const path = `${flags.out}/${name}.json`;
  await Deno.writeTextFile(path, `${JSON.stringify(found, null, 2)}\n`);
  console.log(JSON.stringify(found, null, 2));
  console.log(`Wrote ${path}`);
} finally {
  await Deno.remove(model, { recursive: true });
}
Deno.exit();
