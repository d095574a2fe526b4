/**
 * Kills `score`, `eval` and servers with batches at random moments, has them go
 * on, and compares what they leave with a run that nothing disturbed:
 *
 *     deno run -A bench/attacks/kill_storm.ts [--kills 100] [--seed 1]
 *
 * Prints a table, and ends with 1 where anything was lost, doubled, or half
 * written under the name of a whole file.
 *
 * @module
 */
import { isDeepStrictEqual, parseArgs } from "node:util";
import { readScores } from "../../lib/results/scores_parquet.ts";
import { png } from "../../tests/data/trees.ts";
import { attackedServer } from "./attacked_server.ts";
import { createBatch, isOver, waitForBatch } from "./batches.ts";
import { type Case, Fault, printCases } from "./case_table.ts";
import { Mutator } from "./mutations.ts";
import { runMain } from "./run_main.ts";

const { values } = parseArgs({
  options: {
    kills: { type: "string", default: "100" },
    seed: { type: "string", default: "1" },
  },
});
const KILLS = Number(values.kills);
const dice = new Mutator(Number(values.seed));
const IMAGES = 60;
const SHARDS = 2;
/** A process starts in 1 to 2 s and takes 2 to 4 more. */
const LONGEST_SECONDS = 5;

const folder = await Deno.makeTempDir({ prefix: "storm" });
const data = `${folder}/in`;
await Deno.mkdir(`${data}/nut`, { recursive: true });
for (let i = 0; i < IMAGES; i++) {
  const name = `${i}`.padStart(3, "0");
  await Deno.writeFile(`${data}/nut/${name}.png`, await png(4 * i));
}

/** All files below a folder, by path. */
async function filesIn(root: string): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  const visit = async (inner: string) => {
    for await (const entry of Deno.readDir(`${root}${inner}`)) {
      const path = `${inner}/${entry.name}`;
      if (entry.isDirectory) await visit(path);
      else found.set(path, `${root}${path}`);
    }
  };
  await visit("");
  return found;
}

/** What must not depend on how often a run was killed. */
async function contentOf(root: string): Promise<unknown> {
  const content: Record<string, unknown> = {};
  for (const [path, file] of [...await filesIn(root)].sort()) {
    const name = path.replace(/^\/runs\/[^/]+/, "");
    if (path.endsWith("summary.json")) {
      const { seconds: _, ...rest } = JSON.parse(await Deno.readTextFile(file));
      content[name] = rest;
    } else if (path.endsWith("scores.parquet")) {
      const rows = await readScores(await Deno.readFile(file));
      content[name] = rows.map((row) => ({ ...row, milliseconds: 0 }));
    } else if (path.endsWith(".png")) {
      content[name] = await Deno.readFile(file);
    }
  }
  return content;
}

/** Files under their last names must be whole after each kill. */
async function assertWhole(root: string): Promise<void> {
  const files = await filesIn(root).catch(() => new Map<string, string>());
  for (const [path, file] of files) {
    const bytes = await Deno.readFile(file).catch(() => null);
    // Another worker may have just removed it.
    if (bytes === null) continue;
    const end = new TextDecoder("latin1").decode(bytes.subarray(-12));
    const isCut = path.endsWith(".png") && !end.includes("IEND") ||
      path.endsWith(".parquet") && !end.endsWith("PAR1") ||
      path.endsWith(".html") && !end.includes("</html>");
    if (isCut) throw new Fault(`${path} is cut off`);
    if (path.endsWith(".json")) JSON.parse(new TextDecoder().decode(bytes));
  }
}

const moment = () => (1 + dice.below(1000 * LONGEST_SECONDS)) / 1000;

function scoreFlags(out: string, shard: number): string[] {
  return [
    ...["score", `--data=${data}`, `--out=${out}`, "--threads=1"],
    ...[`--shard=${shard}`, `--shards=${SHARDS}`, "--part-size=4"],
    "--no-merge",
  ];
}

async function mustEnd(flags: readonly string[]): Promise<void> {
  const { code, text } = await runMain(flags);
  if (code !== 0) throw new Fault(`${flags[0]} ended with ${code}: ${text}`);
}

async function finished(out: string): Promise<unknown> {
  for (let shard = 0; shard < SHARDS; shard++) {
    await mustEnd(scoreFlags(out, shard));
  }
  await mustEnd(["merge", `--out=${out}`]);
  return await contentOf(out);
}

/** How the commands of a storm ended. */
interface Ends {
  killed: number;
  done: number;
  refused: number;
}

/** What a run says whose folder another one writes to. */
const REFUSAL = /^Cannot write to \S+ as no other run may write there: /m;

/** Kills a command some times, three side by side. */
async function storm(
  kills: number,
  flags: (worker: number) => readonly string[],
  { out, mayRefuse = false }: {
    readonly out: string;
    readonly mayRefuse?: boolean;
  },
): Promise<Ends> {
  const ends = { killed: 0, done: 0, refused: 0 };
  const work = async (worker: number) => {
    while (ends.killed < kills) {
      const { code, text } = await runMain(flags(worker), {
        seconds: moment(),
      });
      if (code === 137) ends.killed++;
      else if (code === 0) ends.done++;
      else if (mayRefuse && code === 1 && REFUSAL.test(text)) ends.refused++;
      else throw new Fault(`ended with ${code}: ${text}`);
      await assertWhole(out);
    }
  };
  await Promise.all([0, 1, 2].map(work));
  return ends;
}

function compare(found: unknown, calm: unknown): void {
  if (isDeepStrictEqual(found, calm)) return;
  const [a, b] = [found, calm].map((one) => Object.keys(one as object));
  throw new Fault(`differs: ${a!.length} files, calm ${b!.length}`);
}

const scoreCase: Case = {
  name: `score, ${SHARDS} shards, three workers`,
  async run() {
    const [calm, out] = [`${folder}/calm`, `${folder}/score`];
    const wanted = await finished(calm);
    const kills = Math.ceil(KILLS * 0.7);
    const flags = () => scoreFlags(out, dice.below(SHARDS));
    const { killed } = await storm(kills, flags, { out });
    compare(await finished(out), wanted);
    return `${killed} kills; rows, summary and heatmaps as undisturbed`;
  },
};

function evalFlags(out: string): string[] {
  return ["eval", `--data=${data}`, `--out=${out}`, "--threads=1"];
}

/** What an evaluation leaves that nothing disturbed. */
async function calmEval(out: string): Promise<unknown> {
  await mustEnd(evalFlags(out));
  return await contentOf(out);
}

const evalCase: Case = {
  name: "eval, three at once into folders of their own",
  async run() {
    const wanted = await calmEval(`${folder}/eval-calm`);
    const out = `${folder}/eval`;
    const kills = Math.ceil(KILLS * 0.2);
    const flags = (worker: number) => evalFlags(`${out}/${worker}`);
    const { killed } = await storm(kills, flags, { out });
    for (const place of ["0", "1", "2"]) {
      compare(await calmEval(`${out}/${place}`), wanted);
    }
    return `${killed} kills; rows, summary and heatmaps as undisturbed`;
  },
};

const oneFolderCase: Case = {
  name: "eval, three at once into one folder",
  async run() {
    const wanted = await calmEval(`${folder}/one-calm`);
    const out = `${folder}/one`;
    const kills = Math.ceil(KILLS * 0.2);
    const flags = () => evalFlags(out);
    const mayRefuse = true;
    const ends = await storm(kills, flags, { out, mayRefuse });
    compare(await calmEval(out), wanted);
    const { killed, done, refused } = ends;
    return `${killed} kills, ${done} done, ${refused} refused; rows, summary and heatmaps as undisturbed`;
  },
};

const serverCase: Case = {
  name: "serve, one batch, the same state",
  async run() {
    const out = `${folder}/served`;
    const flags = [
      ...["--model=nano", `--allow-input=${data}/`, `--allow-output=${out}/`],
      "--threads=1",
    ];
    const kills = Math.ceil(KILLS * 0.1);
    let self: string | undefined;
    for (let i = 0; i < kills; i++) {
      await using server = await attackedServer(folder, flags);
      // Each server has another port.
      self ??= new URL(
        await createBatch(server.address, {
          input: `file://${data}/`,
          output: `file://${out}/`,
        }),
      ).pathname;
      const seconds = 0.2 + moment() / 2;
      await new Promise((resolve) => setTimeout(resolve, 1000 * seconds));
    }
    await using server = await attackedServer(folder, flags);
    const told = await waitForBatch(`${server.address}${self}`, 120);
    if (!isOver(told)) throw new Fault("it never ends");
    if (told.state !== "succeeded") throw new Fault(told.state);
    await assertWhole(out);
    const found = Object.entries(await contentOf(out) as object)
      .find(([path]) => path.endsWith("scores.parquet"))?.[1];
    if (found?.length !== IMAGES) throw new Fault(`${found?.length} rows`);
    return `${kills} kills; succeeded with ${IMAGES} rows`;
  },
};

const faults = await printCases([
  scoreCase,
  evalCase,
  oneFolderCase,
  serverCase,
], {
  own: [],
  seconds: 1200,
});
await Deno.remove(folder, { recursive: true }).catch(() => {});
Deno.exit(faults > 0 ? 1 : 0);
