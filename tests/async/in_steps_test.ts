import assert from "node:assert/strict";
import { inSteps } from "../../lib/async/in_steps.ts";

Deno.test("inSteps() lets timers in between, and gives what the work gives", async () => {
  let isOver = false;
  setTimeout(() => isOver = true);
  function* work(): Generator<void, string> {
    // Without a pause it would never end.
    while (!isOver) yield;
    return "done";
  }
  assert.equal(await inSteps(work()), "done");
});
