import assert from "node:assert/strict";
import {
  describeError,
  exitCodeOf,
  runToExit,
} from "../../../tasks/cli/exit.ts";
import { readUsage, UsageError } from "../../../tasks/cli/usage_error.ts";
import { RunError } from "../../../lib/batch/run_error.ts";
import { StorageError } from "../../../lib/storage/object_store.ts";
import { withConsole } from "../_console.ts";

function failing(error: unknown) {
  return withConsole(() => runToExit(() => Promise.reject(error)));
}

Deno.test("runToExit() ends with 2 and a sentence on a UsageError", async () => {
  const { code, stderr } = await failing(new UsageError("Cannot read --a"));
  assert.deepEqual([code, stderr], [2, "Cannot read --a"]);
});

Deno.test("runToExit() takes no RangeError for wrong usage", async () => {
  const error = new RangeError("Array buffer allocation failed");
  const { code, stderr } = await failing(error);
  assert.equal(code, 1);
  assert.match(stderr, /^RangeError: Array buffer allocation failed\n +at /);
});

Deno.test("exitCodeOf() tells a busy storage from a wrong address", () => {
  assert.equal(exitCodeOf(new StorageError("busy", "unavailable")), 1);
  assert.equal(exitCodeOf(new StorageError("none", "invalid")), 42);
});

Deno.test("exitCodeOf() tells a run with images to score from one that is set up wrongly", () => {
  assert.equal(exitCodeOf(new RunError("not all", "incomplete")), 1);
  assert.equal(exitCodeOf(new RunError("in the input", "configuration")), 42);
  assert.equal(describeError(new RunError("not all", "incomplete")), "not all");
});

Deno.test("describeError() shows no stack of what is thrown on purpose", () => {
  assert.equal(describeError(new StorageError("busy", "unavailable")), "busy");
  assert.equal(describeError("text"), "text");
});

Deno.test("readUsage() blames a value for a RangeError, and for no other", () => {
  assert.equal(readUsage(() => 7), 7);
  assert.throws(() =>
    readUsage(() => {
      throw new RangeError("Cannot use 7");
    }), { name: "UsageError", message: "Cannot use 7" });
  assert.throws(() =>
    readUsage(() => {
      throw new TypeError("Broken");
    }), { name: "TypeError" });
});
