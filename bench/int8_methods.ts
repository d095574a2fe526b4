/**
 * How far maps move in int8, for each method on a random model of ViT-B/16 size
 * and eight drawn images (WinCLIP: at half the side):
 *
 *     deno run -A bench/int8_methods.ts [--methods winclip,ada-clip] [--seed 0]
 *         [--flat] [--threads 2] [--python python]
 *
 * Prints a row for each method: the largest distance between logit maps in int8
 * and in float32, as a part of the range of the map, and the mean over images.
 * With --python also that of the exported model in Python's onnxruntime from the
 * session here, both in int8. Ends with 1 where a limit is passed. With --flat
 * positions and words of the model are small, and so is the range of its maps.
 *
 * @module
 */
import { parseArgs } from "node:util";
import { Detector } from "../lib/detector/detector.ts";
import { exportModel } from "../lib/detector/export_model.ts";
import type { Method } from "../lib/methods/method.ts";
import { METHODS } from "../lib/methods/methods.ts";
import { renderSample } from "../lib/synthetic/render_sample.ts";
import { writeRandomMethod } from "./random_method.ts";
import { contrastOf, type RandomModelSize, SIZES } from "./random_model.ts";

/** Largest distance from float32, as a part of the range of a map. */
const LIMIT = 0.03;

/**
 * Largest distance of the exported model, as a part of the range. Both round to
 * integers, so a last digit of float32 may become a step.
 */
const EXPORT_LIMIT = 0.03;

const CATEGORY = "part";

/** Drawn products; every second image has a defect. */
const SHOWN = [
  ...["gear", "fabric", "tile", "circuit_board"],
  ...["nut", "wood", "cable", "pill"],
];

/**
 * ViT-B/16 with a small text tower, which is not quantised. WinCLIP sees each of
 * its windows apart, so its images are smaller.
 */
function sizeOf({ name }: Method): RandomModelSize {
  const size = SIZES["vit-b-224"];
  const text = {
    hidden_size: 128,
    intermediate_size: 256,
    num_hidden_layers: 4,
    num_attention_heads: 2,
  };
  return { ...size, text, side: name === "winclip" ? 112 : size.side };
}

const { values: flags } = parseArgs({
  options: {
    methods: { type: "string" },
    seed: { type: "string", default: "0" },
    flat: { type: "boolean", default: false },
    threads: { type: "string", default: "2" },
    python: { type: "string" },
  },
});

/** Distances of an image's maps, as parts of the range of the first one. */
interface Distance {
  readonly largest: number;
  readonly rms: number;
}

function distance(a: Float32Array, b: Float32Array): Distance {
  let [least, most, far, squares] = [Infinity, -Infinity, 0, 0];
  a.forEach((value, i) => {
    least = Math.min(least, value);
    most = Math.max(most, value);
    far = Math.max(far, Math.abs(value - b[i]!));
    squares += (value - b[i]!) ** 2;
  });
  const range = most - least;
  return { largest: far / range, rms: Math.sqrt(squares / a.length) / range };
}

/** The logit maps of images. */
async function mapsOf(
  detector: Detector,
  images: readonly Uint8Array[],
): Promise<Float32Array[]> {
  const maps: Float32Array[] = [];
  for (const pixels of images) {
    const [found] = await detector.detect([{ pixels, category: CATEGORY }]);
    maps.push(found!.logitMap);
  }
  return maps;
}

function drawImages(detector: Detector): Uint8Array[] {
  return SHOWN.map((category, index) => {
    const { image } = renderSample({ category, index, seed: 3, side: 224 });
    return detector.preprocess(image);
  });
}

/** The logit maps of the exported model in Python's onnxruntime. */
async function exportedMaps(
  folder: string,
  images: readonly Uint8Array[],
  python: string,
): Promise<Float32Array[]> {
  const inputSide = Math.sqrt(images[0]!.length / 3);
  const out = `${folder}/export`;
  const options = { category: CATEGORY, precision: "int8" } as const;
  const { side } = await exportModel(`${folder}/model`, out, {
    ...options,
    cacheFolder: folder,
  });
  const [rgb, maps] = [`${folder}/images`, `${folder}/maps`];
  await Deno.writeFile(
    rgb,
    new Uint8Array(
      await new Blob(
        images.map((image) => Uint8Array.from(image)),
      ).arrayBuffer(),
    ),
  );
  const program = new URL("int8_maps.py", import.meta.url).pathname;
  const { success } = await new Deno.Command(python, {
    args: [program, out, `${inputSide}`, rgb, maps],
    stdout: "inherit",
    stderr: "inherit",
  }).spawn().status;
  if (!success) throw new Error(`Cannot go on as ${program} failed`);
  const all = new Float32Array((await Deno.readFile(maps)).buffer);
  return images.map((_, i) =>
    all.subarray(i * side * side, (i + 1) * side * side)
  );
}

/** A row of the table. */
function describe(name: string, distances: readonly Distance[]): string {
  const percent = (value: number) => `${(100 * value).toFixed(2)} %`;
  const largest = Math.max(...distances.map((d) => d.largest));
  const mean = distances.reduce((sum, d) => sum + d.largest, 0);
  const rms = distances.reduce((sum, d) => sum + d.rms, 0);
  return [
    name.padEnd(24),
    ...[largest, mean / distances.length, rms / distances.length]
      .map((value) => percent(value).padStart(9)),
  ].join(" ");
}

function writeModel(path: string, method: Method): Promise<void> {
  return writeRandomMethod(path, method, {
    size: sizeOf(method),
    product: CATEGORY,
    seed: Number(flags.seed),
    ...!flags.flat && { scaleOf: contrastOf },
  });
}

/** Compares one method, and returns whether it keeps the limits. */
async function compare(folder: string, method: Method): Promise<boolean> {
  const path = `${folder}/model`;
  await writeModel(path, method);
  const options = {
    categories: [CATEGORY],
    threads: Number(flags.threads),
    sessions: 1,
  };
  await using float = await Detector.open(path, options);
  const int8 = { ...options, precision: "int8", cacheFolder: folder } as const;
  await using quantised = await Detector.open(path, int8);
  const images = drawImages(float);
  const exact = await mapsOf(float, images);
  const found = await mapsOf(quantised, images);
  const moved = exact.map((map, i) => distance(map, found[i]!));
  console.log(describe(method.name, moved));
  const isNear = moved.every(({ largest }) => largest <= LIMIT);
  if (flags.python === undefined) return isNear;
  const exported = await exportedMaps(folder, images, flags.python);
  const apart = found.map((map, i) => distance(map, exported[i]!));
  console.log(describe(`${method.name}, exported`, apart));
  return isNear && apart.every(({ largest }) => largest <= EXPORT_LIMIT);
}

const chosen = flags.methods?.split(",") ?? METHODS.map(({ name }) => name);
const passed: boolean[] = [];
console.log(`${"method".padEnd(24)}   largest      mean       rms`);
for (const method of METHODS.filter(({ name }) => chosen.includes(name))) {
  const folder = await Deno.makeTempDir();
  try {
    passed.push(await compare(folder, method));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
Deno.exit(passed.every((isNear) => isNear) ? 0 : 1);
