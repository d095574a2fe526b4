import assert from "node:assert/strict";
import {
  describeError,
  exitCodeOf,
  runToExit,
} from "../../../tasks/cli/exit.ts";
import { readUsage, UsageError } from "../../../tasks/cli/usage_error.ts";
import { DataSetError } from "../../../lib/data/sample.ts";
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

Deno.test("describeError() shows the stack of an error that Deno throws for a defect", () => {
  for (
    const error of [
      new Deno.errors.BadResource("Bad resource ID"),
      new Deno.errors.NotFound("No such file or directory (os error 2)"),
      new Deno.errors.InvalidData("odd"),
    ]
  ) {
    assert.match(describeError(error), /^\w+: .*\n +at /);
    assert.equal(exitCodeOf(error), 1);
  }
});

/** An error as the operating system gives it to Deno. */
function coded(message: string, code: string): Error {
  return Object.assign(new Error(message), { code });
}

Deno.test("describeError() says in a sentence what a user can put right", async () => {
  const cases: [Error, RegExp, number][] = [
    [
      new Deno.errors.NotCapable(
        'Requires all access to "/proc/x", run again with the --allow-all flag',
      ),
      /^Cannot use \/proc\/x as it must lie outside of \/dev, \/proc, \/sys and /,
      2,
    ],
    [
      new Deno.errors.NotCapable(
        'Requires net access to "a:1", run again with the --allow-net flag',
      ),
      /^Cannot go on as Deno's permission is missing: net a:1\. The tasks of /,
      1,
    ],
    [
      coded("Permission denied (os error 13): mkdir '/a'", "EACCES"),
      /^Cannot use \/a as this user may not$/,
      1,
    ],
    [
      coded(
        `No such file or directory (os error 2): open '/a/.${crypto.randomUUID()}.part'`,
        "ENOENT",
      ),
      /^Cannot use \/a as it must be there: it is not, or was removed meanwhile$/,
      1,
    ],
    [
      coded("Too many levels (os error 40): readdir '/a'", "ELOOP"),
      /^Cannot use \/a as its links must lead somewhere: they lead in a circle$/,
      2,
    ],
    [
      coded("File exists (os error 17): mkdir '/a'", "EEXIST"),
      /^Cannot make the folder \/a as a file has its name, or /,
      2,
    ],
    [
      coded("Too many open files (os error 24)", "EMFILE"),
      /^Cannot go on as too many files are open: /,
      1,
    ],
    [
      coded("No space left on device (os error 28): write '/a'", "ENOSPC"),
      /^Cannot write \/a as the disk is full$/,
      1,
    ],
  ];
  for (const [error, sentence, code] of cases) {
    const ended = await failing(error);
    assert.match(ended.stderr, sentence);
    assert.equal(ended.code, code, ended.stderr);
  }
});

Deno.test("describeError() leaves the middle out of a long message", () => {
  const message = `Cannot read it: ${"x".repeat(1e6)} is too long`;
  const told = describeError(new DataSetError(message));
  assert.equal(told.length, 4005);
  assert.match(told, /^Cannot read it: x+ \.\.\. x+ is too long$/);
});

Deno.test("describeError() writes no controls of terminals, and no lines of others", () => {
  const name = "cup\x1b[31m\nReady with the model /evil";
  assert.equal(
    describeError(new DataSetError(`Cannot read ${name}`)),
    "Cannot read cup\ufffd[31m\ufffdReady with the model /evil",
  );
  assert.equal(describeError(new Error("a\x1b[2Jb")).includes("\x1b"), false);
});
