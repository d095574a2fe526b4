/**
 * The goldens of this folder, for tests.
 *
 * @module
 */
import { openDataSet } from "../../../lib/data/open.ts";
import type { DataSet } from "../../../lib/data/sample.ts";
import { decodeImage } from "../../../lib/image/decode.ts";
import { encodeMaskPng } from "../../../lib/image/encode.ts";
import type { MfpClipConfig } from "../../../lib/mfp_clip/config.ts";
import type { PassLosses } from "../../../lib/report/training_rows.ts";
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
  /** H of its input. */
  readonly side: number;
  /** Row and column of S of each image, in each pass. */
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

/** What a tensor is known by in these goldens. */
export function summarise(data: Float32Array): TensorSummary {
  const factors = [2654435761, 2246822519, 3266489917, 668265263];
  const sum = (f: (value: number, i: number) => number) =>
    data.reduce((total, value, i) => total + f(value, i), 0);
  return {
    norm: Math.sqrt(sum((value) => value * value)),
    projections: factors.map((factor) =>
      sum((value, i) => Math.imul(i + 1, factor) < 0 ? -value : value)
    ),
  };
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
