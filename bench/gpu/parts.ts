/**
 * What is measured on a card.
 *
 * @module
 */
import { Detector } from "../../lib/detector/detector.ts";
import { drawImages } from "../drawn_images.ts";
import { median } from "../measure.ts";
import { openStep } from "../training_step.ts";
import {
  difference,
  type Maps,
  mapsOf,
  pixels,
  type Precision,
  type Running,
} from "./maps.ts";
import { openReference, whyNoPyTorch } from "./pytorch.ts";

/** What is measured, and how often. */
export interface Measuring extends Pick<Running, "provider"> {
  /** What the card can run, the fastest first. */
  readonly precisions: readonly Precision[];
  /** Directory of nano. */
  readonly nano: string;
  /** Directory of the model of the size that was asked for. */
  readonly model: string;
  /** Images in a batch, one after the other. */
  readonly batches: readonly number[];
  /** Timed runs of each. */
  readonly rounds: number;
  /** Images that `score` is timed with. */
  readonly images: number;
  /** The Python whose PyTorch is timed beside. */
  readonly python: string;
}

/** One part of the measurement. */
export interface MeasuredPart {
  /** What it is called in the results. */
  readonly name: string;
  /** What it does, for who waits. */
  readonly does: string;
  readonly run: () => Promise<unknown>;
}

/** Images of a batch of `score`. */
const BATCH = 16;

const ROOT = new URL("../..", import.meta.url);

/** Maps of a model on the CPU in float32, computed once. */
function expectedMaps(model: string): () => Promise<Maps> {
  let maps: Promise<Maps> | undefined;
  return () => maps ??= mapsOf(model, { provider: "cpu", precision: "f32" });
}

async function timesOf(
  run: () => Promise<unknown>,
  { rounds, images }: { readonly rounds: number; readonly images: number },
) {
  await run(); // Warms up.
  const milliseconds: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const start = performance.now();
    await run();
    milliseconds.push((performance.now() - start) / images);
  }
  return { millisecondsAnImage: median(milliseconds), runs: milliseconds };
}

/** Both passes, from bytes to maps, by images in a batch. */
async function forward(
  { model, provider, batches, rounds }: Measuring,
  precision: Precision,
) {
  await using detector = await Detector.open(model, { provider, precision });
  const found: Record<string, unknown> = {};
  for (const images of batches) {
    const inputs = Array.from({ length: images }, (_, i) => ({
      pixels: pixels(detector.side, i),
      category: "metal_nut",
    }));
    const run = () => detector.detect(inputs);
    found[images] = await timesOf(run, { rounds, images })
      .catch((error: Error) => ({ error: error.message }));
  }
  return found;
}

async function trainingStep({ model, provider, rounds }: Measuring) {
  await using training = await openStep(model, { provider, threads: 0 });
  return await timesOf(() => training.run(), { rounds, images: 1 });
}

/** Seconds of one run of `score` on the first images of a folder. */
async function scoreSeconds(
  folder: string,
  { limit, flags }: {
    readonly limit: number;
    readonly flags: readonly string[];
  },
): Promise<number> {
  const start = performance.now();
  const { code, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "-P=score", "main.ts", "score", `--batch-size=${BATCH}`],
      `--data=${folder}/images`,
      `--out=${folder}/out-${limit}`,
      `--limit-total=${limit}`,
      ...flags,
    ],
    cwd: ROOT,
    stdout: "null",
  }).output();
  if (code !== 0) throw new Error(new TextDecoder().decode(stderr).trim());
  return (performance.now() - start) / 1000;
}

/** Images a second of `score`, from PNG files to rows; start and first batch left out. */
async function scoring(
  { images, provider, precisions: [precision] }: Measuring,
  model: string,
) {
  const folder = await Deno.makeTempDir();
  try {
    await drawImages(`${folder}/images`, { images: BATCH + images, side: 700 });
    const flags = [
      `--model=${model}`,
      `--provider=${provider}`,
      `--precision=${precision}`,
    ];
    const short = await scoreSeconds(folder, { limit: BATCH, flags });
    const limit = BATCH + images;
    const long = await scoreSeconds(folder, { limit, flags });
    const imagesPerSecond = images / (long - short);
    return { imagesPerSecond, seconds: { short, long } };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** PyTorch's forward pass and training step, one image at a time. */
async function pytorch({ model, provider, python, rounds }: Measuring) {
  const reason = await whyNoPyTorch(python, provider);
  if (reason !== undefined) return { leftOut: reason };
  const device = provider === "cpu" ? "cpu" : "cuda";
  const found: Record<string, unknown> = { device };
  for (
    const [task, type] of [
      ["forward", "float32"],
      ["forward", "float16"],
      ["step", "float32"],
    ] as const
  ) {
    if (device === "cpu" && type === "float16") continue;
    await using reference = openReference({ python, model, device, type });
    const runs: number[] = [];
    await reference.run(task); // Warms up.
    for (let round = 0; round < rounds; round++) {
      runs.push(await reference.run(task));
    }
    found[`${task} ${type}`] = { milliseconds: median(runs), runs };
  }
  return found;
}

/** All parts, those first that say most. */
export function partsOf(measuring: Measuring): readonly MeasuredPart[] {
  const { nano, model, provider, precisions } = measuring;
  const given = model === nano ? [] : [["model", model] as const];
  const models = [["nano", nano] as const, ...given];
  const parity = models.flatMap(([called, path]) => {
    const expected = expectedMaps(path);
    return precisions.map((precision) => ({
      name: `parity of ${called}, ${precision}`,
      does: "compares maps with those of the CPU in float32",
      run: async () =>
        difference(
          await mapsOf(path, { provider, precision }),
          await expected(),
        ),
    }));
  });
  const passes = precisions.map((precision) => ({
    name: `both passes, ${precision}`,
    does: `times batches of ${measuring.batches.join(", ")}`,
    run: () => forward(measuring, precision),
  }));
  const scores = models.map(([called, path]) => ({
    name: `score with ${called}`,
    does: "times `score` from PNG files to rows",
    run: () => scoring(measuring, path),
  }));
  const others = [{
    name: "training step",
    does: "times losses and gradients of the whole head",
    run: () => trainingStep(measuring),
  }, {
    name: "PyTorch",
    does: "times the specification beside it",
    run: () => pytorch(measuring),
  }];
  return [...parity, ...passes, ...scores, ...others];
}
