import assert from "node:assert/strict";
import { SYNTHETIC_CATEGORIES } from "../../lib/synthetic/catalog.ts";
import { DEFECT_KINDS } from "../../lib/synthetic/defects.ts";
import { defectOf, renderSample } from "../../lib/synthetic/render_sample.ts";
import { readRecipe } from "../../lib/pretraining/recipe.ts";
import {
  type DrawOptions,
  imageAt,
  numberAt,
  TRAINING_CATEGORIES,
  viewAt,
} from "../../lib/pretraining/stream_images.ts";
import { TEST_SEEDS } from "../../models/nano/test_seeds.ts";

const NANO = `${import.meta.dirname}/../../models/nano/recipe.json`;

const OPTIONS: DrawOptions = {
  seed: 3,
  chunk: 8,
  views: 3,
  composites: 0.4,
  defective: 0.7,
  side: 32,
};

function testNames(): string[] {
  return SYNTHETIC_CATEGORIES.filter(({ split }) => split === "test")
    .map(({ name }) => name);
}

Deno.test("imageAt() never draws a category, kind or seed of the test half", async () => {
  const { data, stages } = await readRecipe(NANO);
  const forbidden = new Set(testNames());
  const kinds = new Set(
    DEFECT_KINDS.filter(({ split }) => split === "test").map(({ name }) =>
      name
    ),
  );
  assert.equal(TRAINING_CATEGORIES.some((name) => forbidden.has(name)), false);
  const drawn = new Set<string>();
  for (const [i, { defective }] of stages.entries()) {
    const options = { ...data, seed: data.seed + i, defective, side: 112 };
    assert.equal(TEST_SEEDS.includes(options.seed), false);
    for (let number = 0; number < 2000; number++) {
      const image = imageAt(number, options);
      const defect = defectOf(image);
      drawn.add(image.category);
      assert.equal(image.seed, options.seed);
      assert.equal(forbidden.has(image.category), false, image.category);
      assert(defect === null || !kinds.has(defect), `${defect}`);
    }
  }
  assert.deepEqual([...drawn].sort(), TRAINING_CATEGORIES.toSorted());
});

Deno.test("readRecipe() finds no product of the test half among nano's names", async () => {
  const { names } = await readRecipe(NANO);
  const words = SYNTHETIC_CATEGORIES.filter(({ split }) => split === "test")
    .flatMap(({ name, words }) => [name, ...words.split(" ")]);
  const shared = names.filter((name) => words.includes(name));
  // Of "bottle cap", bottles are auxiliary.
  assert.deepEqual(shared, ["bottle"]);
});

Deno.test("imageAt() draws defects and assemblies as often as asked for", () => {
  const images = Array.from({ length: 4000 }, (_, i) => imageAt(i, OPTIONS));
  const part = (accept: (image: (typeof images)[number]) => boolean) =>
    images.filter(accept).length / images.length;
  assert(Math.abs(part(({ index }) => index % 2 === 1) - 0.7) < 0.03);
  assert(
    Math.abs(part(({ category }) => category === "assembly") - 0.4) < 0.03,
  );
  assert.equal(new Set(images.map(({ index }) => index)).size, 4000);
});

Deno.test("numberAt() goes through each chunk `views` times in other orders", () => {
  const rounds = Array.from(
    { length: 6 },
    (_, r) => Array.from({ length: 8 }, (_, i) => numberAt(8 * r + i, OPTIONS)),
  );
  for (const [r, round] of rounds.entries()) {
    const first = r < 3 ? 0 : 8;
    assert.deepEqual(
      round.toSorted((a, b) => a - b),
      Array.from({ length: 8 }, (_, i) => first + i),
    );
  }
  assert.equal(new Set(rounds.map(String)).size, 6);
});

Deno.test("viewAt() turns image and mask alike and colours the image only", () => {
  const { image, mask } = renderSample({
    category: "assembly",
    index: 1,
    seed: 5,
    side: 32,
  });
  const example = {
    pixels: image.data,
    mask: mask.data,
    label: 1,
    category: "assembly",
  } as const;
  const marked = new Uint8Array(image.data.length);
  mask.data.forEach((value, i) => marked.fill(255 * value, 3 * i, 3 * i + 3));
  const views = new Set<string>();
  for (let place = 0; place < 24; place++) {
    const view = viewAt(place, { example, seed: 1 });
    const shown = viewAt(place, {
      example: { ...example, pixels: marked },
      seed: 1,
    });
    views.add(`${view.pixels}`);
    const { mask: plane, pixels } = shown;
    const inside = new Set<number>();
    const outside = new Set<number>();
    plane!.forEach((value, i) =>
      (value === 1 ? inside : outside).add(pixels[3 * i]!)
    );
    assert.equal(inside.size, 1);
    assert.equal(outside.size, 1);
    assert.notEqual([...inside][0], [...outside][0]);
  }
  assert.equal(views.size, 24);
});
