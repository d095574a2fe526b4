import assert from "node:assert/strict";
import { parseRecipe, readRecipe } from "../../lib/pretraining/recipe.ts";
import { stageRate } from "../../lib/pretraining/run_stage.ts";

const NANO = `${import.meta.dirname}/../../models/nano/recipe.json`;

const STAGE = { name: "dense", kind: "dense", steps: 100 };

Deno.test("readRecipe() reads the recipe of nano", async () => {
  const { stages, resnet, data } = await readRecipe(NANO);
  assert.deepEqual(
    stages.map(({ name, kind }) => `${name}: ${kind}`),
    ["text: text", "dense: dense", "image: dense", "coarse: head"]
      .concat("refined: head"),
  );
  const [, dense, image, coarse, refined] = stages;
  assert.equal(dense!.imageWeight, 0);
  assert(image!.imageWeight > 0 && image!.aggregate);
  assert.equal(coarse!.maskPrompting, false);
  assert.equal(refined!.maskPrompting, true);
  assert.deepEqual(resnet, { width: 8, blocks: [1, 1, 1, 1] });
  assert(data.views >= 1);
});

Deno.test("parseRecipe() says all that is wrong at once", () => {
  const json = {
    names: ["bolt"],
    data: { chunk: 0 },
    stages: [STAGE, { ...STAGE, kind: "other", steps: 1.5 }, { name: "../x" }],
  };
  assert.throws(() => parseRecipe(json, "r.json"), {
    name: "ModelError",
    message: "Cannot load r.json as data.chunk must be an integer of at " +
      "least 1: current value is 0, stages.1.steps must be an integer of at " +
      'least 1: current value is 1.5, stages.1.kind must be "text" or ' +
      '"dense" or "head": current value is "other", stages.2.name must be a ' +
      'lower-case word: current value is "../x", stages must be of different ' +
      'names: current value is ["dense","dense",""]',
  });
});

Deno.test("parseRecipe() wants stages and names to be lists", () => {
  assert.throws(
    () => parseRecipe({ stages: 3, names: [1] }, "r.json"),
    /names must be a list of words.*stages must be a list of objects/,
  );
});

Deno.test("stageRate() rises, stays and falls to nearly 0", () => {
  const { stages: [stage] } = parseRecipe({
    names: ["bolt"],
    stages: [{ ...STAGE, learning_rate: 0.5, warmup: 10, decay: 40 }],
  }, "r.json");
  const rates = Array.from({ length: 100 }, (_, i) => stageRate(stage!, i));
  assert.equal(rates[0], 0.05);
  assert.deepEqual(new Set(rates.slice(9, 61)), new Set([0.5]));
  for (let i = 61; i < 100; i++) assert(rates[i]! < rates[i - 1]!);
  assert(Math.abs(rates[80]! - 0.25) < 1e-12);
  assert(rates[99]! < 0.001);
});

Deno.test("stageRate() of early steps does not depend on how many follow", () => {
  const of = (steps: number) =>
    parseRecipe({
      names: ["bolt"],
      stages: [{ ...STAGE, steps, warmup: 10, decay: 40 }],
    }, "r.json").stages[0]!;
  for (let i = 0; i < 60; i++) {
    assert.equal(stageRate(of(100), i), stageRate(of(900), i));
  }
});
