import assert from "node:assert/strict";
import { mfpClipSizes } from "../../../lib/methods/mfp_clip/architecture.ts";
import { gradients } from "../../../lib/graph/backward.ts";
import { GraphBuilder } from "../../../lib/graph/builder.ts";
import type { Graph, Value } from "../../../lib/graph/graph.ts";
import { passLosses, totalLoss } from "../../../lib/methods/mfp_clip/losses.ts";
import {
  floatImages,
  promptIdsInput,
  targetInputs,
} from "../../../lib/methods/inputs.ts";
import { mfpClip } from "../../../lib/methods/mfp_clip/model.ts";
import type { ModelDirectory } from "../../../lib/methods/model_directory.ts";
import { type Numbers, numbers, scattered } from "../../contract/numbers.ts";
import type { Golden } from "../../golden/mfp_clip/golden.ts";
import {
  type Float64Program,
  openFloat64,
} from "../../graph/float64_program.ts";
import { lower } from "../../graph/lowered.ts";
import {
  expectedOf,
  goldenNamed,
  idsFor,
  openGolden,
  readNumbers,
  rgbOf,
} from "./goldens.ts";
import {
  assertFarFromKinks,
  type Kink,
  kinksOf,
  moveOffKinks,
} from "./kinks.ts";

const STEP = 1e-5;
const TOLERANCE = 1e-7;
const BATCH = 2;
const HEAD = /^(i2tp|sp|mp|adapters)\./;

/** A bias that a layer norm takes away has no gradient but rounding. */
const VANISHES = 1e-12;

type Feeds = Readonly<Record<string, Numbers>>;

interface Programs {
  /** The gradients of the loss, by the head tensors' names. */
  readonly backward: Graph;
  /** The loss, and what its kinks are applied to. */
  readonly forward: Graph;
  readonly kinks: ReadonlyMap<string, Kink>;
}

/**
 * Fed with CNN features, whose kernels have no float64, and with the coarse
 * map, through which no gradient flows.
 */
function programs(
  model: ModelDirectory,
  { names, textLength }: { names: readonly string[]; textLength: number },
): Programs {
  const sizes = mfpClipSizes(model);
  const { weights } = model;
  const g = new GraphBuilder();
  const rgb = floatImages(g, sizes.config.imageSize);
  const ids = promptIdsInput(g, sizes.clip);
  const targets = targetInputs(g, sizes.config.imageSize);
  const { cnn, coarse, refined } = mfpClip(g, { rgb, ids }, {
    ...sizes,
    textLength,
  });
  const passes = sizes.config.mp ? [coarse, refined] : [refined];
  const loss = totalLoss(
    g,
    passes.map((m) => passLosses(g, m, { targets, dice: sizes.config.dice })),
  );
  const wrt = names.map((name) => g.parameter(name, weights.get(name)!.shape));
  const { nodes } = g.recorded();
  const held = nodes.filter(({ primitive }) => primitive === "detach");
  const fed: Record<string, Value> = { cnn };
  for (const { output } of held) fed["coarse map"] = output;
  for (const value of wrt) fed[value.name] = value;
  const kinks = kinksOf(g.build({ loss }));
  const inputs = [...kinks].map(([name, { input }]) => [name, input] as const);
  const forward = g.build({ loss, ...Object.fromEntries(inputs) });
  const found = gradients(g, loss, { wrt });
  const outputs = names.map((name, i) => [`d ${name}`, found[i]!] as const);
  return {
    backward: lower(g.build(Object.fromEntries(outputs)), fed),
    forward: lower(forward, fed),
    kinks,
  };
}

/** The first of three images. */
function firstImages({ shape: [, ...rest], data }: Numbers): Numbers {
  const count = BATCH * rest.reduce((product, size) => product * size, 1);
  return numbers([BATCH, ...rest], Array.from(data).slice(0, count));
}

/** A defective image and a normal one. */
async function feedsOf(
  model: ModelDirectory,
  { golden, names, ids }: {
    golden: Golden;
    names: readonly string[];
    ids: Numbers;
  },
): Promise<Feeds> {
  const expected = await expectedOf(golden, golden.categories[0]!);
  const side = golden.side;
  const mask = new Float64Array(BATCH * side * side);
  for (let y = 0; y < 15; y++) mask.fill(1, y * side + 3, y * side + 20);
  return {
    ...await readNumbers(model.weights.get(names[0]!)!.file, names),
    ids,
    rgb: firstImages(await rgbOf(golden)),
    cnn: firstImages(expected.cnn!),
    "coarse map": firstImages(expected.coarse!),
    mask: numbers([BATCH, side, side], mask),
    label: numbers([BATCH], [1, 0]),
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

function moved(
  { shape, data }: Numbers,
  by: ArrayLike<number>,
  step = 1,
): Numbers {
  return numbers(shape, Array.from(data, (x, i) => x + step * by[i]!));
}

/** Moves the adapters' biases, the first layers' before the second ones'. */
async function offKinks(
  program: Float64Program,
  kinks: Programs["kinks"],
  feeds: Feeds,
): Promise<Feeds> {
  const biases = new Set([...kinks.values()].map(({ bias }) => bias));
  const here = { ...feeds };
  for (const layer of ["fc1", "fc2"]) {
    const computed = await program.run(here);
    for (const bias of biases) {
      if (!bias.includes(layer)) continue;
      here[bias] = moved(here[bias]!, moveOffKinks(kinks, computed, bias));
    }
  }
  return here;
}

/** Asserts that gradients are slopes, along one direction for each tensor. */
async function assertSlopes(
  program: Float64Program,
  gradients: ReadonlyMap<string, Float64Array>,
  { feeds, kinks }: { feeds: Feeds; kinks: Programs["kinks"] },
): Promise<void> {
  const here = await program.run(feeds);
  const norms = new Map(
    [...gradients].map(([key, x]) => [key, Math.hypot(...x)]),
  );
  const all = Math.hypot(...norms.values());
  for (const [seed, [key, gradient]] of [...gradients].entries()) {
    const by = direction(gradient, seed + 1);
    const lossAt = async (step: number) => {
      const at = { ...feeds, [key]: moved(feeds[key]!, by, step) };
      const there = await program.run(at);
      assertFarFromKinks(kinks, { here, there, batch: BATCH });
      return there.loss![0]!;
    };
    const slope = (await lossAt(STEP) - await lossAt(-STEP)) / (2 * STEP);
    // Weight and bias of a Linear are the columns of one matrix.
    const unit = norms.get(key)! > VANISHES * all
      ? norms.get(key)!
      : norms.get(key.replace(/bias$/, "weight"))!;
    const error = Math.abs(dot(gradient, by) - slope) / unit;
    assert(error < TOLERANCE, `d ${key} is off by ${error}`);
  }
}

for (const name of ["token_stages2", "drop_stages2_n5", "plain"]) {
  Deno.test(`gradients() of the whole model ${name} equal finite differences`, async () => {
    const golden = goldenNamed(name);
    await using opened = await openGolden(golden);
    const { model, weights } = opened;
    const names = [...weights.keys()].filter((key) => HEAD.test(key));
    const categories = Array(BATCH).fill(golden.categories[0]);
    const { ids, longestEnd } = idsFor(model, categories);
    const { forward, backward, kinks } = programs(model, {
      names,
      textLength: longestEnd + 1,
    });
    const { file } = weights.get(names[0]!)!;
    const options = { weights, folder: file.slice(0, file.lastIndexOf("/")) };
    await using program = await openFloat64(forward, options);
    const given = await feedsOf(model, { golden, names, ids });
    const feeds = await offKinks(program, kinks, given);
    await using once = await openFloat64(backward, options);
    const found = await once.run(feeds);
    const all = names.map((key) => [key, found[`d ${key}`]!] as const);
    await assertSlopes(program, new Map(all), { feeds, kinks });
  });
}
