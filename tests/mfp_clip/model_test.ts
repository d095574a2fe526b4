import assert from "node:assert/strict";
import { openSafetensors } from "../../lib/checkpoint/safetensors.ts";
import type { ModelDirectory } from "../../lib/mfp_clip/model_directory.ts";
import { gaussianMatrix, type LineMatrix } from "../../lib/graph/resample.ts";
import {
  assertNumbers,
  type NamedNumbers,
  type Numbers,
  numbers,
} from "../contract/numbers.ts";
import {
  type Golden,
  goldenExpected,
  GOLDENS,
} from "../golden/mfp_clip/golden.ts";
import { runGraph, type RunGraphOptions } from "../onnx/run_graph.ts";
import {
  expectedOf,
  goldenNamed,
  idsFor,
  openGolden,
  rgbOf,
  wholeModel,
} from "./goldens.ts";
import { firstOf } from "./modules.ts";
import { renameAsOpenai } from "./openai_checkpoint.ts";

/** Largest errors found are 4e-6 in maps and 2.3e-5 in logits. */
const TOLERANCES: Readonly<Record<string, number>> = {
  cnn: 5e-6,
  text: 2e-6,
  coarse: 1e-5,
  map: 1e-5,
  score: 1e-5,
  logit_map: 5e-5,
  score_logit: 5e-5,
};

function assertAsExpected(
  actual: NamedNumbers,
  expected: NamedNumbers,
  label: string,
): void {
  for (const [name, tolerance] of Object.entries(TOLERANCES)) {
    assertNumbers(actual[name], expected[name]!, {
      tolerance,
      label: `${label}: ${name}`,
    });
  }
}

/** Other sizes may make an engine round in another way, but no more. */
function assertSame(actual: NamedNumbers, expected: NamedNumbers): void {
  for (const [label, numbers] of Object.entries(expected)) {
    assertNumbers(actual[label], numbers, { tolerance: 5e-6, label });
  }
}

function dataOf(numbers: Numbers | undefined): number[] {
  return Array.from(numbers?.data ?? []);
}

/** The ids that the specification read, [2, n]. */
async function expectedIds(golden: Golden, category: string) {
  const path = goldenExpected(golden, category);
  const { offset, byteLength } = (await openSafetensors(path)).tensors.get(
    "ids",
  )!;
  const bytes = await Deno.readFile(path);
  const ids = new BigInt64Array(
    bytes.slice(offset, offset + byteLength).buffer,
  );
  return Array.from(ids, Number);
}

/** Runs the whole model on one image for each category. */
async function run(
  { model, rgb, categories }: {
    model: ModelDirectory;
    rgb: Numbers;
    categories: readonly string[];
  },
  options: Parameters<typeof wholeModel>[1] = {},
  running: Pick<RunGraphOptions, "fuse" | "precision"> = {},
): Promise<NamedNumbers> {
  const { ids } = idsFor(model, categories);
  const { weights } = model;
  const graph = wholeModel(model, options);
  return await runGraph(graph, { feeds: { rgb, ids }, weights, ...running });
}

for (const golden of GOLDENS) {
  Deno.test(`mfpClip() equals the specification: ${golden.name}`, async () => {
    await using opened = await openGolden(golden);
    const { model } = opened;
    const rgb = await rgbOf(golden);
    for (const [i, category] of golden.categories.entries()) {
      const categories = Array(3).fill(category);
      const { ids } = idsFor(model, [category]);
      assert.deepEqual(ids.data, await expectedIds(golden, category));
      const expected = await expectedOf(golden, category);
      const fused = await run({ model, rgb, categories });
      assertAsExpected(fused, expected, category);
      if (i > 0) continue;
      const spelt = await run({ model, rgb, categories }, {}, { fuse: false });
      assertAsExpected(spelt, expected, `${category}, spelt out`);
    }
  });
}

Deno.test("mfpClip() needs no text position after the longest end", async () => {
  for (const name of ["feature", "token_stages2", "no_i2tp"]) {
    const golden = goldenNamed(name);
    await using opened = await openGolden(golden);
    const { model } = opened;
    const rgb = firstOf(await rgbOf(golden));
    const categories = golden.categories.slice(0, 1);
    const { longestEnd } = idsFor(model, categories);
    const whole = await run({ model, rgb, categories });
    const cut = await run({ model, rgb, categories }, {
      textLength: longestEnd + 1,
    });
    assert(longestEnd + 1 < model.sizes.clip.text.maxPositionEmbeddings);
    assertSame(cut, whole);
  }
});

Deno.test("mfpClip() reads for each image of a batch its own prompts", async () => {
  const golden = goldenNamed("feature");
  await using opened = await openGolden(golden);
  const { model } = opened;
  const all = await rgbOf(golden);
  const size = all.data.length / 3;
  const image = (i: number) =>
    numbers(
      [1, ...all.shape.slice(1)],
      Array.from(all.data).slice(i * size, (i + 1) * size),
    );
  const pair = numbers(
    [2, ...all.shape.slice(1)],
    [...Array.from(image(0).data), ...Array.from(image(1).data)],
  );
  const categories = ["metal_nut", "wood"];
  const both = await run({ model, rgb: pair, categories });
  const singles = await Promise.all(
    categories.map((category, i) =>
      run({ model, rgb: image(i), categories: [category] })
    ),
  );
  for (const [name, { data }] of Object.entries(both)) {
    const apart = singles.flatMap((single) => Array.from(single[name]!.data));
    assert.deepEqual(Array.from(data), apart, name);
  }
  const wood = await expectedOf(golden, "wood");
  const score = numbers([1], [both.score!.data[1]!]);
  const expected = numbers([1], [wood.score!.data[1]!]);
  assertNumbers(score, expected, { tolerance: 1e-5 });
});

Deno.test("mfpClip() at f16 stays within 0.02 of the specification", async () => {
  for (const name of ["feature", "token_drop_n1", "gelu"]) {
    const golden = goldenNamed(name);
    await using opened = await openGolden(golden);
    const { model } = opened;
    const rgb = await rgbOf(golden);
    const [category] = golden.categories;
    const expected = await expectedOf(golden, category!);
    const categories = Array(3).fill(category);
    const seen = await run({ model, rgb, categories }, {}, {
      precision: "f16",
    });
    for (const output of ["coarse", "map", "score"]) {
      assertNumbers(seen[output], expected[output]!, {
        tolerance: 0.02,
        label: `${name}: ${output}`,
      });
    }
  }
});

Deno.test("mfpClip() gives the same to the bit under OpenAI's names", async () => {
  const golden = goldenNamed("no_mp");
  await using opened = await openGolden(golden);
  await using other = await openGolden(golden);
  const renamed = await renameAsOpenai(other.model);
  const { offset } = renamed.weights.get(
    "vision_model.encoder.layers.0.self_attn.k_proj.weight",
  )!;
  const { transposed } = renamed.weights.get("text_projection.weight")!;
  assert(offset > 0 && transposed);
  const rgb = await rgbOf(golden);
  const categories = Array(3).fill(golden.categories[0]);
  const expected = await run({ model: opened.model, rgb, categories });
  const actual = await run({ model: renamed, rgb, categories });
  assert.deepEqual(actual, expected);
});

/** M X M^T for each image of x [B, H, H]. */
function smoothed({ shape, data }: Numbers, { data: m }: LineMatrix): number[] {
  const side = shape[1]!;
  const dot = (read: (k: number) => number, row: number) => {
    let sum = 0;
    for (let k = 0; k < side; k++) sum += m[row * side + k]! * read(k);
    return sum;
  };
  const lines = Array.from(data, (_, i) => { // M X
    const [column, row] = [i % side, Math.floor(i / side) % side];
    const image = i - column - row * side;
    return dot((k) => data[image + k * side + column]!, row);
  });
  return lines.map((_, i) => { // (M X) M^T
    const column = i % side;
    return dot((k) => lines[i - column + k]!, column);
  });
}

Deno.test("mfpClip() with smooth filters the maps, but not the scores", async () => {
  const golden = goldenNamed("no_mp");
  await using opened = await openGolden(golden);
  const rgb = await rgbOf(golden);
  const [category] = golden.categories;
  const categories = Array(3).fill(category);
  const expected = await expectedOf(golden, category!);
  const seen = await run({ model: opened.model, rgb, categories }, {
    smooth: 2,
  });
  const { shape } = expected.map!;
  const map = smoothed(expected.map!, gaussianMatrix(golden.side, 2));
  const logits = map.map((p) => Math.log(p) - Math.log(1 - p));
  const wanted = {
    ...expected,
    map: numbers(shape, map),
    logit_map: numbers(shape, logits),
  };
  assertAsExpected(seen, wanted, "smoothed");
  const highest = Math.max(...Array.from(seen.map!.data));
  assert(highest < Math.max(...Array.from(seen.score!.data)));
});
