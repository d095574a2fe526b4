/**
 * Runs the benchmarks and compares their ratios with the recorded ones.
 *
 * @module
 */
import {
  type BenchReport,
  lowerRatios,
  type Ratios,
  ratiosOf,
  regressions,
} from "./bench_ratios.ts";
import { type Command, defineCommand, dispatch } from "./cli/command.ts";
import { EXIT } from "./cli/exit.ts";
import { UsageError } from "./cli/usage_error.ts";
import { columns } from "./cli/help.ts";
import { ALL_PACKAGES } from "./lock.ts";

const BASELINE = new URL("../bench/baseline.json", import.meta.url);

/** How often a benchmark is measured before it counts as slower. */
const ROUNDS = 3;

/**
 * Benchmarks of TensorFlow.js. Their names hide them from `deno bench`, which
 * has not installed it.
 */
const TFJS_FILES = ["bench/tfjs.ts", "bench/train.ts"];

/** File -> the ratios of its groups. */
type Measured = ReadonlyMap<string, Ratios>;

async function measureFile(file: string): Promise<Ratios | undefined> {
  const { success, stdout } = await new Deno.Command("deno", {
    args: ["bench", `--lock=${ALL_PACKAGES}`, "-P=bench", "--json", file],
    stderr: "inherit",
  }).output();
  if (!success) return undefined;
  const report: BenchReport = JSON.parse(new TextDecoder().decode(stdout));
  return ratiosOf(report);
}

/** Measures files one after the other; undefined where one fails. */
async function measure(
  files: Iterable<string>,
): Promise<Measured | undefined> {
  const measured = new Map<string, Ratios>();
  for (const file of files) {
    const ratios = await measureFile(file);
    if (ratios === undefined) return undefined;
    measured.set(file, ratios);
  }
  return measured;
}

/** The ratios of all files. */
function together(measured: Measured): Ratios {
  return Object.assign({}, ...measured.values());
}

/** Paths of all benchmarks. */
async function allFiles(): Promise<string[]> {
  const names: string[] = [];
  for await (
    const { name } of Deno.readDir(new URL("../bench", import.meta.url))
  ) {
    if (name.endsWith("_bench.ts")) names.push(`bench/${name}`);
  }
  return [...names.sort(), ...TFJS_FILES];
}

/** The file of the benchmark that --only names. */
async function fileOf(name: string): Promise<string> {
  const tfjs = `bench/${name}.ts`;
  const file = TFJS_FILES.includes(tfjs) ? tfjs : `bench/${name}_bench.ts`;
  const path = new URL(`../${file}`, import.meta.url);
  const isThere = await Deno.stat(path).then(() => true, () => false);
  if (isThere) return file;
  throw new UsageError(
    `Cannot run the benchmark as --only must name one: there is no ${file}`,
  );
}

function print(ratios: Ratios): void {
  for (const [group, entries] of Object.entries(ratios)) {
    console.log(`${group} (times its baseline)`);
    const rows = Object.entries(entries);
    if (rows.length === 0) continue;
    console.log(columns(rows.map(([name, ratio]) => [name, `${ratio}`])));
  }
}

/** Reads the recorded ratios; explains where there are none. */
async function readRecorded(): Promise<Ratios | undefined> {
  try {
    return JSON.parse(await Deno.readTextFile(BASELINE));
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    console.error(
      "Cannot compare ratios as bench/baseline.json must be there: " +
        "deno task bench --update records it",
    );
    return undefined;
  }
}

async function record(kept: Ratios, ratios: Ratios): Promise<void> {
  const text = `${JSON.stringify({ ...kept, ...ratios }, null, 2)}\n`;
  await Deno.writeTextFile(BASELINE, text);
}

/**
 * Compares ratios with the recorded ones. A file with a ratio above is measured
 * again before it counts.
 */
async function compare(
  first: Measured,
  recorded: Ratios,
  tolerance: number,
): Promise<number> {
  const measured = new Map(first);
  const isSlower = (ratios: Ratios) =>
    regressions(ratios, ofGroups(recorded, ratios), tolerance).length > 0;
  for (let round = 1; round < ROUNDS; round++) {
    const slower = [...measured].filter(([, ratios]) => isSlower(ratios));
    const again = await measure(slower.map(([file]) => file));
    again?.forEach((ratios, file) =>
      measured.set(file, lowerRatios(measured.get(file)!, ratios))
    );
  }
  const sentences = regressions(together(measured), recorded, tolerance);
  sentences.forEach((sentence) => console.error(sentence));
  if (sentences.length === 0) {
    console.log("No ratio is above what was recorded");
  }
  return sentences.length === 0 ? EXIT.done : EXIT.failed;
}

/** What is recorded of the groups that were measured. */
function ofGroups(recorded: Ratios, measured: Ratios): Ratios {
  return Object.fromEntries(
    Object.entries(recorded).filter(([group]) => group in measured),
  );
}

const command: Command = defineCommand({
  flags: {
    check: {
      kind: "switch",
      help: "Fail where a ratio is above that in bench/baseline.json",
    },
    update: {
      kind: "switch",
      help: "Record the ratios of this run in bench/baseline.json",
    },
    only: {
      kind: "text",
      value: "NAME",
      help: "Run bench/NAME_bench.ts alone; other records stay as they are",
    },
    tolerance: {
      kind: "number",
      min: 0,
      default: 0.25,
      help: "By how much a ratio may grow, as a part of it",
    },
  },
  async run({ flags: { check, update, only, tolerance } }) {
    const files = only === undefined ? await allFiles() : [await fileOf(only)];
    const needsRecord = check || update && only !== undefined;
    const recorded = needsRecord ? await readRecorded() : {};
    if (recorded === undefined) return EXIT.failed;
    const measured = await measure(files);
    if (measured === undefined) return EXIT.failed;
    const ratios = together(measured);
    print(ratios);
    if (update) await record(only === undefined ? {} : recorded, ratios);
    if (!check) return EXIT.done;
    const before = only === undefined ? recorded : ofGroups(recorded, ratios);
    return await compare(measured, before, tolerance);
  },
});

if (import.meta.main) {
  const summary = "Run the benchmarks, each group against its baseline";
  const load = () => Promise.resolve({ command });
  const verbs = { bench: { summary, load } };
  Deno.exit(await dispatch(verbs, ["bench", ...Deno.args]));
}
