import assert from "node:assert/strict";
import { gradients } from "../../lib/graph/backward.ts";
import { GraphBuilder } from "../../lib/graph/builder.ts";
import type { Graph, Value } from "../../lib/graph/graph.ts";
import {
  passLosses,
  totalLoss,
  truthInputs,
} from "../../lib/mfp_clip/losses.ts";
import {
  floatImages,
  mfpClip,
  promptIdsInput,
} from "../../lib/mfp_clip/model.ts";
import type { ModelDirectory } from "../../lib/mfp_clip/model_directory.ts";
import { type Numbers, numbers, scattered } from "../contract/numbers.ts";
import { openFloat64 } from "../graph/float64_program.ts";
import { lower } from "../graph/lowered.ts";
import {
  expectedOf,
  goldenNamed,
  idsFor,
  openGolden,
  readNumbers,
  rgbOf,
} from "./goldens.ts";

/** Small enough that no leaky ReLU or maximum changes sides. */
const STEP = 1e-6;
const TOLERANCE = 1e-7;
/** Past the end of the prompts. */
const TEXT_LENGTH = 24;
const HEAD = /^(i2tp|sp|mp|adapters)\./;

interface Programs {
  /** The loss and its gradients, by the head tensors' names. */
  readonly backward: Graph;
  /** The loss as a function of the head and of the coarse map. */
  readonly forward: Graph;
}

/** Fed with CNN features: their kernels have no float64. */
function programs(
  { sizes, weights }: ModelDirectory,
  names: readonly string[],
): Programs {
  const g = new GraphBuilder();
  const rgb = floatImages(g, sizes.config.imageSize);
  const ids = promptIdsInput(g, sizes.clip);
  const truth = truthInputs(g, sizes.config.imageSize);
  const { cnn, coarse, refined } = mfpClip(g, { rgb, ids }, {
    ...sizes,
    textLength: TEXT_LENGTH,
  });
  const loss = totalLoss(
    g,
    [coarse, refined].map((m) =>
      passLosses(g, m, { truth, dice: sizes.config.dice })
    ),
  );
  const wrt = names.map((name) => g.parameter(name, weights.get(name)!.shape));
  const held =
    g.recorded().nodes.find(({ primitive }) => primitive === "detach")!.output;
  const fed: Record<string, Value> = { cnn };
  for (const value of wrt) fed[value.name] = value;
  const found = gradients(g, loss, { wrt });
  const outputs = names.map((name, i) => [`d ${name}`, found[i]!] as const);
  const all = { loss, held, ...Object.fromEntries(outputs) };
  return {
    backward: lower(g.build(all), fed),
    forward: lower(g.build({ loss }), { ...fed, "coarse map": held }),
  };
}

/** The first two of three images. */
function firstTwo({ shape: [, ...rest], data }: Numbers): Numbers {
  const count = 2 * rest.reduce((product, size) => product * size, 1);
  return numbers([2, ...rest], Array.from(data).slice(0, count));
}

async function feedsOf(
  model: ModelDirectory,
  { name, names }: { name: string; names: readonly string[] },
): Promise<Record<string, Numbers>> {
  const golden = goldenNamed(name);
  const category = golden.categories[0]!;
  const { ids, longestEnd } = idsFor(model, [category, category]);
  assert(longestEnd < TEXT_LENGTH);
  const side = golden.side;
  const mask = new Float64Array(2 * side * side);
  for (let y = 0; y < 15; y++) mask.fill(1, y * side + 3, y * side + 20);
  return {
    ...await readNumbers(model.weights.get(names[0]!)!.file, names),
    ids,
    rgb: firstTwo(await rgbOf(golden)),
    cnn: firstTwo((await expectedOf(golden, category)).cnn!),
    mask: numbers([2, side, side], mask),
    label: numbers([2], [1, 0]),
  };
}

function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  return Array.from(a).reduce((sum, x, i) => sum + x * b[i]!, 0);
}

/** A random direction of the length 1, half of it along the gradient. */
function direction(gradient: Float64Array, seed: number): Float64Array {
  const norm = Math.hypot(...gradient);
  const noise = scattered(gradient.length, seed);
  const length = Math.hypot(...noise);
  const mixed = gradient.map((x, i) => x / norm + noise[i]! / length);
  const total = Math.hypot(...mixed);
  return mixed.map((x) => x / total);
}

function moved({ shape, data }: Numbers, by: Float64Array, step: number) {
  return numbers(shape, Array.from(data, (x, i) => x + step * by[i]!));
}

/** Opens both programs and compares along one direction for each tensor. */
async function assertHeadGradients(
  { backward, forward }: Programs,
  { feeds, names, weights }: {
    feeds: Record<string, Numbers>;
    names: readonly string[];
    weights: ModelDirectory["weights"];
  },
): Promise<void> {
  const { file } = weights.get(names[0]!)!;
  const options = { weights, folder: file.slice(0, file.lastIndexOf("/")) };
  await using once = await openFloat64(backward, options);
  const found = await once.run(feeds);
  const coarse = numbers(feeds.mask!.shape, found.held!);
  await using program = await openFloat64(forward, options);
  const lossAt = async (key: string, by: Float64Array, step: number) => {
    const at = { [key]: moved(feeds[key]!, by, step), "coarse map": coarse };
    return (await program.run({ ...feeds, ...at })).loss![0]!;
  };
  const gradient = (key: string) => found[`d ${key}`]!;
  const all = Math.hypot(...names.map((key) => Math.hypot(...gradient(key))));
  for (const [seed, key] of names.entries()) {
    const by = direction(gradient(key), seed + 1);
    const rise = await lossAt(key, by, STEP) - await lossAt(key, by, -STEP);
    const expected = rise / (2 * STEP);
    // A bias that a layer norm takes away has no gradient but rounding.
    const unit = Math.max(Math.abs(expected), all / 1000);
    const error = Math.abs(dot(gradient(key), by) - expected) / unit;
    assert(error < TOLERANCE, `d ${key} is off by ${error}`);
  }
}

for (const name of ["feature", "token_stages2"]) {
  Deno.test(`gradients() of the whole model ${name} equal finite differences`, async () => {
    await using golden = await openGolden(goldenNamed(name));
    const { model, weights } = golden;
    const names = [...weights.keys()].filter((key) => HEAD.test(key));
    const feeds = await feedsOf(model, { name, names });
    await assertHeadGradients(programs(model, names), {
      feeds,
      names,
      weights,
    });
  });
}
