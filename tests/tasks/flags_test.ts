import assert from "node:assert/strict";
import { type FlagTable, parseFlags } from "../../tasks/cli/flags.ts";

const TABLE = {
  model: { kind: "text", value: "NAME|DIR", help: "Model", default: "nano" },
  out: { kind: "text", value: "DIR", help: "Results" },
  category: { kind: "list", value: "A,B", help: "Filter" },
  limit: { kind: "integer", min: 1, help: "How many" },
  smooth: { kind: "number", min: 0, max: 50, help: "Sigma", default: 0 },
  maps: { kind: "choice", choices: ["none", "npy"], help: "Raw maps" },
  "heat-range": { kind: "range", help: "Colours", default: [0, 1] },
  json: { kind: "switch", help: "JSON" },
} as const satisfies FlagTable;

Deno.test("parseFlags() gives defaults where nothing is said", () => {
  assert.deepEqual(parseFlags(TABLE, []), {
    flags: {
      model: "nano",
      out: undefined,
      category: undefined,
      limit: undefined,
      smooth: 0,
      maps: undefined,
      "heat-range": [0, 1],
      json: false,
    },
    positionals: [],
  });
});

Deno.test("parseFlags() reads every kind of value", () => {
  const { flags, positionals } = parseFlags(TABLE, [
    "first",
    "--model=dir with space",
    "--category",
    "bottle, cable",
    "--limit",
    "12",
    "--smooth",
    "0.5",
    "--maps",
    "npy",
    "--heat-range",
    "-1,2.5",
    "--json",
    "second",
  ]);
  assert.deepEqual(positionals, ["first", "second"]);
  assert.equal(flags.model, "dir with space");
  assert.deepEqual(flags.category, ["bottle", "cable"]);
  assert.equal(flags.limit, 12);
  assert.equal(flags.smooth, 0.5);
  assert.equal(flags.maps, "npy");
  assert.deepEqual(flags["heat-range"], [-1, 2.5]);
  assert.equal(flags.json, true);
});

Deno.test("parseFlags() takes the last of repeated flags", () => {
  const { flags } = parseFlags(TABLE, ["--limit", "1", "--limit", "2"]);
  assert.equal(flags.limit, 2);
});

Deno.test("parseFlags() names the flag that was meant", () => {
  assert.throws(
    () => parseFlags(TABLE, ["--limt", "3"]),
    /^UsageError: Cannot use --limt as there is no such flag: did you mean --limit$/,
  );
  assert.throws(
    () => parseFlags(TABLE, ["--frobnicate"]),
    /^UsageError: Cannot use --frobnicate as there is no such flag$/,
  );
  assert.throws(
    () => parseFlags(TABLE, ["-m", "x"]),
    /Cannot use -m as there is no such flag/,
  );
  assert.throws(
    () => parseFlags(TABLE, ["--constructor", "x"]),
    /Cannot use --constructor/,
  );
});

Deno.test("parseFlags() refuses what a flag does not take", () => {
  const cases: [string[], RegExp][] = [
    [["--limit", "0"], /--limit as it must be a whole number of at least 1/],
    [["--limit", "1.5"], /current value is "1.5"/],
    [["--limit", "many"], /current value is "many"/],
    [["--limit", " "], /current value is " "/],
    [["--limit", "1e400"], /--limit/],
    [["--smooth", "-1"], /--smooth as it must be a number from 0 to 50/],
    [["--smooth", "NaN"], /--smooth/],
    [["--maps", "tiff"], /--maps as it must be one of none, npy/],
    [["--heat-range", "1,0"], /--heat-range as it must be two rising numbers/],
    [["--heat-range", "0,"], /--heat-range/],
    [["--heat-range", "0,1,2"], /--heat-range/],
    [["--category", "a,,b"], /--category as it must be names/],
    [["--model"], /--model as it must have a value/],
    [["--model="], /--model as it must have a value/],
    [["--model", "--json"], /--model as it must have a value/],
    [["--json=yes"], /--json as it must have no value/],
  ];
  for (const [args, message] of cases) {
    assert.throws(() => parseFlags(TABLE, args), message);
  }
});

Deno.test("parseFlags() guesses the flag that other programs have", () => {
  const table = {
    "batch-size": { kind: "integer", min: 1, help: "Images" },
    lr: { kind: "number", min: 0, also: ["learning-rate"], help: "Rate" },
  } as const;
  assert.throws(() => parseFlags(table, ["--batch", "4"]), {
    name: "UsageError",
    message:
      "Cannot use --batch as there is no such flag: did you mean --batch-size",
  });
  assert.throws(
    () => parseFlags(table, ["--learning-rate", "1"]),
    /did you mean --lr$/,
  );
});

Deno.test("parseFlags() refuses a flag that would be ignored", () => {
  const table = {
    data: { kind: "text", value: "DIR", default: "synthetic", help: "Images" },
    eval: { kind: "text", value: "DIR", help: "More images" },
    count: {
      kind: "integer",
      min: 1,
      default: 2,
      needs: ["data=synthetic", "eval=synthetic", "absent"],
      help: "Images to draw",
    },
    overlap: { kind: "switch", needs: ["eval"], help: "Allow it" },
    alone: { kind: "switch", allows: ["data"], help: "As a file says" },
  } as const;
  const taken = [
    [],
    ["--data", "a"],
    ["--count", "1"],
    ["--data", "a", "--eval", "synthetic", "--count", "1"],
    ["--eval", "b", "--overlap"],
    ["--alone", "--data", "a"],
  ];
  for (const args of taken) parseFlags(table, args);
  const refused: [string[], string][] = [
    [
      ["--data", "a", "--count", "1"],
      "Cannot use --count as it has no effect without --data synthetic or --eval synthetic",
    ],
    [
      ["--overlap"],
      "Cannot use --overlap as it has no effect without --eval",
    ],
    [
      ["--eval", "b", "--alone"],
      "Cannot use --eval as --alone allows only --data beside it",
    ],
  ];
  for (const [args, message] of refused) {
    assert.throws(() => parseFlags(table, args), { message });
  }
});

Deno.test("parseFlags() keeps each value of a flag that takes texts", () => {
  const table = {
    model: { kind: "texts", value: "NAME", help: "M", default: ["nano"] },
  } as const satisfies FlagTable;
  const modelsOf = (...args: string[]) => parseFlags(table, args).flags.model;
  assert.deepEqual(modelsOf(), ["nano"]);
  assert.deepEqual(modelsOf("--model", "a"), ["a"]);
  assert.deepEqual(modelsOf("--model", "a,b", "--model=c"), ["a,b", "c"]);
});
