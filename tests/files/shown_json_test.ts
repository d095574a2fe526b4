import assert from "node:assert/strict";
import { shownJson } from "../../lib/files/shown_json.ts";

Deno.test("shownJson() shows a value, or the start of a long one", () => {
  assert.equal(shownJson({ a: [1, null] }), '{"a":[1,null]}');
  assert.equal(shownJson(undefined), "nothing");
  assert.equal(shownJson("abcdef", 4), '"abc...');
});

Deno.test("shownJson() shows no value that is nested too deeply", () => {
  // The engine writes most of them, but not all.
  const toJSON = () => {
    throw new RangeError("Maximum call stack size exceeded");
  };
  assert.equal(shownJson({ toJSON }), "a value that is nested too deeply");
});
