/**
 * The goldens of this folder, for tests.
 *
 * @module
 */
import { openDataSet } from "../../../lib/data/open.ts";
import type { DataSet } from "../../../lib/data/sample.ts";
import { decodeImage } from "../../../lib/image/decode.ts";
import { encodeMaskPng } from "../../../lib/image/encode.ts";
import type { MfpClipConfig } from "../../../lib/methods/mfp_clip/config.ts";
import type { PassLosses } from "../../../lib/results/training_rows.ts";
import {
  goldenModel,
  GOLDENS,
  type TemporaryFolder,
} from "../mfp_clip/golden.ts";

/** Enough to know a large tensor by. */
export interface TensorSummary {
  /** Its length as a vector. */
  readonly norm: number;
  /** Its products with vectors of signs. */
  readonly projections: readonly number[];
}

/** Losses and gradients of one model. */
export interface GradientCase {
  readonly model: string;
  readonly category: string;
  /** Fields of the configuration as mfp_clip.json spells them. */
  readonly overrides: Readonly<Partial<MfpClipConfig>>;
  /** Patches along a side. */
  readonly grid: number;
  /** Row and column of the patch of S, for each pass and image. */
  readonly peaks: readonly (readonly [number, number])[];
  readonly loss: number;
  readonly coarse: PassLosses | null;
  readonly refined: PassLosses;
  /** By name; null where no loss depends on the tensor. */
  readonly gradients: Readonly<Record<string, TensorSummary | null>>;
}

/** A run of the specification's own training. */
export interface Loop {
  readonly model: string;
  readonly category: string;
  /** The loss of each step. */
  readonly losses: readonly number[];
  /** The head after the last step. */
  readonly head: Readonly<Record<string, TensorSummary>>;
}

/** One step of an optimiser over a [3, 4] matrix and a [4] bias. */
export interface OptimiserStep {
  readonly gradients: readonly [number[], number[]];
  readonly lr: number;
  readonly norm: number | null;
  readonly after: readonly [number[], number[]];
}

type Box = readonly [left: number, top: number, right: number, bottom: number];

async function read<T>(name: string): Promise<T> {
  return JSON.parse(
    await Deno.readTextFile(`${import.meta.dirname}/${name}.json`),
  );
}

interface GradientGoldens {
  readonly images: Readonly<Record<string, Box | null>>;
  readonly cases: Readonly<Record<string, GradientCase>>;
}

/** Losses and gradients of every configuration, by its name. */
export async function gradientCases(): Promise<GradientGoldens["cases"]> {
  return (await read<GradientGoldens>("gradients")).cases;
}

/** The specification's own training runs, 30 steps over batches of two. */
export async function loops(): Promise<readonly Loop[]> {
  return (await read<{ loops: Loop[] }>("loops")).loops;
}

/** Runs of PyTorch's optimisers. */
export function optimiserRuns(): Promise<
  readonly {
    readonly kind: "adam" | "adamw";
    readonly clip_norm: number | null;
    readonly start: readonly [number[], number[]];
    readonly steps: readonly OptimiserStep[];
  }[]
> {
  return read("optimiser");
}

/** Rates of PyTorch's schedulers. */
export function cosineRates(): Promise<
  readonly {
    readonly base: number;
    readonly warmup: number;
    readonly steps: number;
    readonly rates: readonly number[];
  }[]
> {
  return read("schedule");
}

const PROJECTIONS = 16;

/** Signs of one element of a tensor, one in each of the lowest bits. */
function signs(index: number): number {
  let hash = Math.imul(index + 1, 0x9e3779b1);
  hash = Math.imul(hash ^ (hash >>> 15), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}

/** What a tensor is known by in these goldens. */
export function summarise(data: Float32Array | Float64Array): TensorSummary {
  const projections = Array<number>(PROJECTIONS).fill(0);
  let square = 0;
  for (const [i, value] of data.entries()) {
    square += value * value;
    const negative = signs(i);
    for (let k = 0; k < PROJECTIONS; k++) {
      projections[k]! += (negative >>> k) & 1 ? -value : value;
    }
  }
  return { norm: Math.sqrt(square), projections };
}

/**
 * Estimates the length of the difference of two tensors, to a fifth or so: a
 * product with random signs has the square of the length for its mean square.
 */
export function distance(a: TensorSummary, b: TensorSummary): number {
  const differences = a.projections.map((x, k) => x - b.projections[k]!);
  return Math.hypot(...differences) / Math.sqrt(PROJECTIONS);
}

function boxMask(
  { width, height }: { width: number; height: number },
  [left, top, right, bottom]: Box,
): Promise<Uint8Array> {
  const data = new Uint8Array(width * height);
  for (let y = top; y < bottom; y++) {
    data.fill(1, y * width + left, y * width + right);
  }
  return encodeMaskPng({ width, height, data });
}

/** The three photographs in MVTec AD layout, two of them with a defect. */
export async function goldenData(category: string): Promise<TemporaryFolder> {
  const { images } = await read<GradientGoldens>("gradients");
  const path = await Deno.makeTempDir();
  const folder = `${path}/${category}`;
  for (const part of ["test/bad", "test/good", "ground_truth/bad"]) {
    await Deno.mkdir(`${folder}/${part}`, { recursive: true });
  }
  for (const [name, box] of Object.entries(images)) {
    const bytes = await Deno.readFile(
      `${import.meta.dirname}/../mfp_clip/images/${name}`,
    );
    const kind = box === null ? "good" : "bad";
    await Deno.writeFile(`${folder}/test/${kind}/${name}`, bytes);
    if (box === null) continue;
    const mask = await boxMask(await decodeImage(bytes), box);
    const file = name.replace(/\.\w+$/, "_mask.png");
    await Deno.writeFile(`${folder}/ground_truth/bad/${file}`, mask);
  }
  return {
    path,
    [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }),
  };
}

/** The same, opened. */
export async function openGoldenData(
  folder: TemporaryFolder,
): Promise<DataSet> {
  return await openDataSet(folder.path);
}

/** A golden model by its name. */
export async function goldenModelNamed(name: string): Promise<TemporaryFolder> {
  return await goldenModel(GOLDENS.find((golden) => golden.name === name)!);
}
