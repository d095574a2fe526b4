import assert from "node:assert/strict";
import { ModelError } from "../../lib/checkpoint/model_error.ts";
import { DataSetError } from "../../lib/data/sample.ts";
import { StorageError } from "../../lib/storage/object_store.ts";
import {
  defineCommand,
  dispatch,
  type VerbTable,
} from "../../tasks/cli/command.ts";
import { columns } from "../../tasks/cli/help.ts";
import { nearest } from "../../lib/nearest.ts";
import { type Outcome, withConsole } from "./_console.ts";

function run(verbs: VerbTable, ...args: string[]): Promise<Outcome> {
  return withConsole(() => dispatch(verbs, args));
}

function verbs(work: (limit: number | undefined) => Promise<number>) {
  const command = defineCommand({
    positionals: ["OUT"],
    flags: {
      limit: { kind: "integer", min: 1, help: "How many images at most" },
      maps: {
        kind: "choice",
        choices: ["none", "npy"],
        default: "none",
        help: "Raw maps",
      },
    },
    run: ({ flags }) => work(flags.limit),
  });
  return {
    synth: { summary: "Draw images", load: () => Promise.resolve({ command }) },
  };
}

function done(): Promise<number> {
  return Promise.resolve(0);
}

function failing(error: unknown): VerbTable {
  return verbs(() => Promise.reject(error));
}

Deno.test("dispatch() runs the verb with its flags", async () => {
  let seen: number | undefined;
  const table = verbs((limit) => {
    seen = limit;
    return Promise.resolve(42);
  });
  const { code, stderr } = await run(table, "synth", "out", "--limit", "7");
  assert.deepEqual([code, seen, stderr], [42, 7, ""]);
});

/** Notes what is prepared, loaded and disposed of, in its order. */
function preparing(code: number, seen: string[]): VerbTable {
  const { synth } = verbs(() => Promise.resolve(code));
  return {
    synth: {
      ...synth,
      load: () => {
        seen.push("loaded");
        return synth.load();
      },
      prepare: () => {
        seen.push("prepared");
        return {
          [Symbol.asyncDispose]: () => {
            seen.push("disposed");
            return Promise.resolve();
          },
        };
      },
    },
  };
}

Deno.test("dispatch() prepares before it loads, and disposes when the verb has ended", async () => {
  for (const [args, code] of [[["out"], 7], [["--odd"], 2]] as const) {
    const seen: string[] = [];
    const outcome = await run(preparing(7, seen), "synth", ...args);
    assert.equal(outcome.code, code);
    assert.deepEqual(seen, ["prepared", "loaded", "disposed"]);
  }
});

Deno.test("dispatch() prepares nothing to list flags", async () => {
  const seen: string[] = [];
  await run(preparing(0, seen), "synth", "--help");
  assert.deepEqual(seen, ["loaded"]);
});

Deno.test("dispatch() lists the verbs on --help", async () => {
  const { code, stdout } = await run(verbs(done), "--help");
  assert.equal(code, 0);
  assert.match(stdout, /^Usage: deno task VERB \[flags\]$/m);
  assert.match(stdout, /^ {2}synth {2}Draw images$/m);
});

Deno.test("dispatch() lists the flags of a verb on --help", async () => {
  const { code, stdout } = await run(verbs(done), "synth", "--help");
  assert.equal(code, 0);
  assert.match(stdout, /^Draw images$/m);
  assert.match(stdout, /^Usage: deno task synth OUT \[flags\]$/m);
  assert.match(stdout, /^ {2}--limit N +How many images at most$/m);
  assert.match(stdout, /^ {2}--maps none\|npy +Raw maps \(default none\)$/m);
});

Deno.test("dispatch() prints the version", async () => {
  const { code, stdout } = await withConsole(() =>
    dispatch(verbs(done), ["--version"], "1.2.3")
  );
  assert.deepEqual([code, stdout], [0, "1.2.3"]);
});

Deno.test("dispatch() ends with 2 on wrong usage, with one sentence", async () => {
  const cases: [string[], string][] = [
    [
      ["synht"],
      `Cannot run "synht" as there is no such verb: did you mean synth`,
    ],
    [
      ["frobnicate"],
      `Cannot run "frobnicate" as there is no such verb: there are synth`,
    ],
    [
      ["constructor"],
      `Cannot run "constructor" as there is no such verb: there are synth`,
    ],
    [["synth"], "Cannot start as OUT must be given"],
    [["synth", ""], `Cannot start as OUT must not be ""`],
    [["synth", "a", "b"], `Cannot use "b" as it belongs to no flag`],
    [
      ["synth", "a", "--limit", "x"],
      `Cannot read --limit as it must be a whole number of at least 1: current value is "x"`,
    ],
  ];
  for (const [args, sentence] of cases) {
    const { code, stdout, stderr } = await run(verbs(done), ...args);
    assert.equal(code, 2);
    assert.equal(stdout, "");
    assert.equal(stderr.split("\n")[0], sentence);
  }
  assert.equal((await run(verbs(done))).code, 2);
});

Deno.test("dispatch() ends with 42 where a retry cannot help", async () => {
  for (
    const error of [new ModelError("Bad model"), new DataSetError("Bad data")]
  ) {
    const { code, stderr } = await run(failing(error), "synth", "a");
    assert.deepEqual([code, stderr], [42, error.message]);
  }
});

Deno.test("dispatch() ends with 1 on other failures", async () => {
  const busy = new StorageError("Cannot reach a", "unavailable");
  const plain = await run(failing(busy), "synth", "a");
  assert.deepEqual([plain.code, plain.stderr], [1, "Cannot reach a"]);
  const defect = await run(failing(new Error("Broken")), "synth", "a");
  assert.equal(defect.code, 1);
  assert.match(defect.stderr, /^Error: Broken\n +at /);
  assert.equal((await run(failing("text"), "synth", "a")).stderr, "text");
});

Deno.test("nearest() finds what was meant, or nothing", () => {
  const words = ["limit", "maps", "model", "out"];
  assert.equal(nearest("limt", words), "limit");
  assert.equal(nearest("modle", words), "model");
  assert.equal(nearest("models", words), "model");
  assert.equal(nearest("zzz", words), undefined);
});

Deno.test("columns() gives a long left text a line of its own", () => {
  const long = `--method ${"a|".repeat(20)}a`;
  assert.equal(
    columns([["--out DIR", "Folder"], [long, "Method"]]),
    `  --out DIR  Folder\n  ${long}\n             Method`,
  );
});
