import assert from "node:assert/strict";
import { Fields } from "../../lib/checkpoint/fields.ts";

Deno.test("Fields gives values, and fallbacks for absent and null keys", () => {
  const fields = new Fields({
    count: 3,
    scale: 0.5,
    on: false,
    word: "b",
    taps: [1, 4],
    none: null,
  });
  assert.equal(fields.integer("count", { fallback: 7 }), 3);
  assert.equal(fields.integer("none", { fallback: 7 }), 7);
  assert.equal(fields.number("scale", null), 0.5);
  assert.equal(fields.number("none", null), null);
  assert.equal(fields.boolean("on", true), false);
  assert.equal(fields.boolean("absent", true), true);
  assert.equal(
    fields.word("word", { fallback: "a", words: ["a", "b"] }),
    "b",
  );
  assert.deepEqual(fields.risingIntegers("taps", [2]), [1, 4]);
  assert.deepEqual(fields.risingIntegers("absent", [2]), [2]);
  assert.deepEqual(fields.problems, []);
});

Deno.test("Fields collects every problem, nested ones with their path", () => {
  const fields = new Fields({
    a: "3",
    b: -1,
    c: 1,
    d: "x",
    e: [2, 1],
    f: { g: 0 },
    h: [],
  });
  assert.equal(fields.integer("a", { fallback: 7 }), 7);
  fields.number("b", 1);
  fields.boolean("c", true);
  fields.word("d", { fallback: "a", words: ["a", "b"] });
  fields.risingIntegers("e", [1]);
  fields.nested("f").integer("g", { fallback: 1 });
  fields.nested("h").integer("i", { fallback: 1 });
  assert.deepEqual(fields.problems, [
    'a must be an integer of at least 1: current value is "3"',
    "b must be a number of at least 0: current value is -1",
    "c must be true or false: current value is 1",
    'd must be "a" or "b": current value is "x"',
    "e must be a list of rising integers of at least 1: current value is [2,1]",
    "f.g must be an integer of at least 1: current value is 0",
    "h must be an object: current value is []",
  ]);
});
