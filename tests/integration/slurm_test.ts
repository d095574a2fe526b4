import assert from "node:assert/strict";
import { fileURLToPath, pathToFileURL } from "node:url";
import { readScores } from "../../lib/results/scores_parquet.ts";
import type { ScoreRow, Summary } from "../../lib/results/summary.ts";
import { type Slurm, startSlurm, whyNoSlurm } from "./slurm.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const SUBMIT = `${ROOT}tasks/deploy/slurm/submit.sh`;

const reason = await whyNoSlurm();
if (reason !== undefined) console.error(`Slurm is not tested: ${reason}`);

/** What a run has in common with any other over the same images. */
interface Results {
  readonly summary: Omit<Summary, "seconds">;
  readonly rows: readonly Omit<ScoreRow, "milliseconds">[];
  readonly heatmaps: Readonly<Record<string, string>>;
}

async function main(...args: readonly string[]): Promise<void> {
  const permissions = args[0] === "synth" ? "synth" : "score";
  const { code, stderr } = await new Deno.Command("deno", {
    args: ["run", `-P=${permissions}`, "main.ts", ...args],
    cwd: ROOT,
    stdin: "null",
    stdout: "null",
  }).output();
  assert.equal(code, 0, new TextDecoder().decode(stderr));
}

async function* filesBelow(folder: string): AsyncGenerator<string> {
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    if (isDirectory) yield* filesBelow(`${folder}/${name}`);
    else yield `${folder}/${name}`;
  }
}

async function heatmapsIn(folder: string): Promise<Record<string, string>> {
  const hashes: Record<string, string> = {};
  for await (const path of filesBelow(folder)) {
    const bytes = await Deno.readFile(path);
    const hash = await crypto.subtle.digest("SHA-256", bytes);
    hashes[path.slice(folder.length)] = new Uint8Array(hash).toHex();
  }
  return hashes;
}

async function onlyRunIn(out: string): Promise<string> {
  const entries = await Array.fromAsync(Deno.readDir(`${out}/runs`));
  const runs = entries.filter(({ isDirectory }) => isDirectory);
  assert.equal(runs.length, 1);
  return `${out}/runs/${runs[0]!.name}`;
}

async function readResults(out: string): Promise<Results> {
  const run = await onlyRunIn(out);
  const text = await Deno.readTextFile(`${run}/summary.json`);
  const { seconds: _, ...summary }: Summary = JSON.parse(text);
  const scores = await readScores(
    await Deno.readFile(`${run}/scores.parquet`),
  );
  const rows = scores.map(({ milliseconds: _, ...row }) => row);
  return { summary, rows, heatmaps: await heatmapsIn(`${run}/heatmaps`) };
}

/** Resolves once any shard has planned the run, and so is about to score. */
async function untilPlanned(out: string): Promise<void> {
  const end = Date.now() + 120_000;
  while (Date.now() < end) {
    const isThere = await Deno.stat(`${out}/jobs`).then(
      () => true,
      () => false,
    );
    if (isThere) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error("Cannot go on as a shard must plan the run");
}

async function readLogs(folder: string): Promise<string> {
  const paths = await Array.fromAsync(filesBelow(folder));
  const texts = paths.sort().map(async (path) =>
    `${path}\n${await Deno.readTextFile(path)}`
  );
  return (await Promise.all(texts)).join("\n");
}

/** Submits as a user does, tells the first shard that its time is up, waits. */
async function fanOut(
  slurm: Slurm,
  { data, out, logs }: Readonly<Record<"data" | "out" | "logs", string>>,
): Promise<void> {
  const printed = await slurm.run(SUBMIT, [], {
    DATA: pathToFileURL(data).href,
    OUT: pathToFileURL(out).href,
    SHARDS: "8",
    LOGS: logs,
  });
  const [score = "", merge = ""] = printed.trim().split(" ");
  await untilPlanned(out);
  const signal = ["--batch", "--signal=USR1", `${score}_0`];
  // It goes on asking, in vain, once the shard is queued again.
  const told = slurm.run("scancel", signal).catch(() => "");
  const after = `--dependency=afterany:${merge}`;
  await slurm.run("sbatch", [
    "--wait",
    "--output=/dev/null",
    after,
    "--wrap=:",
  ]);
  await told;
}

Deno.test({
  name: "submit.sh scores an archive on Slurm as one process does",
  ignore: reason !== undefined,
  async fn() {
    await using slurm = await startSlurm();
    const [data, one, out, logs] = ["data", "one", "out", "logs"].map((name) =>
      `${slurm.folder}/${name}`
    ) as [string, string, string, string];
    await Deno.mkdir(logs);
    const size = ["--count", "50", "--side", "64"];
    await main("synth", data, ...size, "--category", "cable,candle,cap,carpet");
    try {
      await fanOut(slurm, { data, out, logs });
    } catch (error) {
      console.error(await readLogs(logs));
      throw error;
    }
    await main("score", "--data", data, "--out", one);
    const said = await readLogs(logs);
    const actual = await readResults(out).catch(() => assert.fail(said));
    assert.deepEqual(actual, await readResults(one));
    assert.equal(actual.summary.images, 200);
    assert.equal(Object.keys(actual.heatmaps).length, 200);
    assert.match(said, /Ended with 143: queued again/);
  },
});
