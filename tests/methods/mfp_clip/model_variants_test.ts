import assert from "node:assert/strict";
import {
  gaussianMatrix,
  type LineMatrix,
} from "../../../lib/graph/resample.ts";
import {
  assertNumbers,
  type NamedNumbers,
  type Numbers,
  numbers,
} from "../../contract/numbers.ts";
import {
  expectedOf,
  goldenNamed,
  idsFor,
  openGolden,
  rgbOf,
} from "./goldens.ts";
import { firstOf } from "./modules.ts";
import { renameAsOpenai } from "./openai_checkpoint.ts";
import { assertAsExpected, runModel } from "./whole_model.ts";

Deno.test("mfpClip() needs no text position after the longest end", async () => {
  for (const name of ["feature", "token_stages2", "no_i2tp"]) {
    const golden = goldenNamed(name);
    await using opened = await openGolden(golden);
    const { model } = opened;
    const rgb = await rgbOf(golden);
    const [category] = golden.categories as [string];
    const categories = Array(3).fill(category);
    const textLength = idsFor(model, categories).longestEnd + 1;
    assert(textLength < model.architecture.clip.text.maxPositionEmbeddings);
    const cut = await runModel({ model, rgb, categories }, { textLength });
    assertAsExpected(cut, await expectedOf(golden, category), name);
  }
});

/** Outputs of `count` images from `start` on. */
function imagesOf(
  all: NamedNumbers,
  { start, count }: { start: number; count: number },
): NamedNumbers {
  const parts = Object.entries(all).map(
    ([name, { shape: [n, ...rest], data }]) => {
      const size = data.length / n!;
      const range = Array.from(data).slice(
        start * size,
        (start + count) * size,
      );
      return [name, numbers([count, ...rest], range)] as const;
    },
  );
  return Object.fromEntries(parts);
}

Deno.test("mfpClip() reads for each image of a batch its own prompts", async () => {
  const golden = goldenNamed("feature");
  await using opened = await openGolden(golden);
  const { model } = opened;
  const rgb = imagesOf({ rgb: await rgbOf(golden) }, { start: 0, count: 2 })
    .rgb!;
  const categories = ["metal_nut", "wood"];
  const both = await runModel({ model, rgb, categories });
  for (const [start, category] of categories.entries()) {
    const range = { start, count: 1 };
    const expected = await expectedOf(golden, category);
    assertAsExpected(
      imagesOf(both, range),
      imagesOf(expected, range),
      category,
    );
  }
  const single = await runModel({
    model,
    rgb: firstOf(rgb),
    categories: ["metal_nut"],
  });
  assertAsExpected(imagesOf(both, { start: 0, count: 1 }), single, "alone");
});

Deno.test("mfpClip() at f16 stays within 0.02 of the specification", async () => {
  for (const name of ["token_drop_n1", "gelu"]) {
    const golden = goldenNamed(name);
    await using opened = await openGolden(golden);
    const { model } = opened;
    const rgb = await rgbOf(golden);
    const [category] = golden.categories;
    const expected = await expectedOf(golden, category!);
    const categories = Array(3).fill(category);
    const seen = await runModel({ model, rgb, categories }, {}, {
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
  const expected = await runModel({ model: opened.model, rgb, categories });
  const actual = await runModel({ model: renamed, rgb, categories });
  for (const [label, numbers] of Object.entries(expected)) {
    assertNumbers(actual[label], numbers, { tolerance: 0, label });
  }
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
  const seen = await runModel({ model: opened.model, rgb, categories }, {
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
