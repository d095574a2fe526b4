import assert from "node:assert/strict";
import { cp } from "node:fs/promises";
import { FileLock } from "../../lib/files/lock.ts";
import { readLog } from "../../lib/training/training_log.ts";
import { command as ablateCommand } from "../../tasks/ablate.ts";
import { command } from "../../tasks/reproduce.ts";
import { below, mvtecTree, png, type Tree, withFolder } from "../data/trees.ts";
import {
  ADA_CLIP_GOLDENS,
  ANOMALY_CLIP_GOLDENS,
  APRIL_GAN_GOLDENS,
  promptedModel,
  WINCLIP_GOLDENS,
} from "../golden/prompted_clips/golden.ts";
import { goldenModel, GOLDENS } from "../golden/mfp_clip/golden.ts";
import { type Outcome, withConsole } from "./_console.ts";

const GOLDEN = GOLDENS.find(({ name }) => name === "feature")!;
const FIRST = "visa-full-seed-0";

function reproduce(...args: string[]): Promise<Outcome> {
  const all = ["--threads", "1", ...args];
  return withConsole(() => command.main("reproduce", all));
}

/** Both sets of the paper, of which one has no masks to train with. */
async function bothSets(): Promise<Tree> {
  const masked = Object.entries(await mvtecTree());
  const maskless = masked.filter(([path]) => !path.includes("ground_truth"));
  const other = Object.entries(await mvtecTree()).map((
    [path, bytes],
  ) => [path.replace("bottle", "candle").replace("metal_nut", "pcb1"), bytes]);
  return {
    ...below("sets/mvtec", Object.fromEntries(maskless)),
    ...below("sets/visa", Object.fromEntries(other)),
  };
}

/** Runs with a model and both sets in a folder. */
async function withSets(
  tree: Tree,
  run: (folder: string, args: string[]) => Promise<void>,
): Promise<void> {
  await using model = await goldenModel(GOLDEN);
  await withFolder(tree, (folder) => {
    const data = `${folder}/sets`;
    return run(folder, ["--model", model.path, "--data", data]);
  });
}

function tablesOf(out: string): Promise<string> {
  return Deno.readTextFile(`${out}/tables.md`);
}

/** The steps of a run's log, without times. */
async function stepsOf(out: string): Promise<unknown[]> {
  const rows = await readLog(`${out}/runs/${FIRST}/model/log.jsonl`);
  return rows.map((row) => ({ ...row, seconds: 0 }));
}

/** Resolves once the first run has logged so many steps. */
async function underWay(out: string, step: number): Promise<void> {
  const watcher = Deno.watchFs(out);
  const log = `${out}/runs/${FIRST}/model/log.jsonl`;
  for await (const _ of watcher) {
    const text = await Deno.readTextFile(log).catch(() => "");
    if (text.includes(`"step":${step},`)) break;
  }
}

async function killOne(out: string, args: readonly string[]): Promise<void> {
  await Deno.mkdir(out);
  const started = underWay(out, 26);
  const child = new Deno.Command("deno", {
    args: ["run", "-P=train", "--no-prompt", "main.ts", "reproduce", ...args],
    cwd: new URL("../..", import.meta.url),
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn();
  await Promise.race([started, child.status]);
  child.kill("SIGKILL");
  assert.equal((await child.status).code, 137);
}

Deno.test({
  name: "reproduce ends the same when it is killed, and whatever run fails",
  ignore: Deno.build.os === "windows",
  async fn() {
    await withSets(await bothSets(), async (folder, args) => {
      const [killed, whole] = [`${folder}/killed`, `${folder}/whole`];
      const own = ["--methods", "mfp-clip"];
      const all = [...args, "--table", "1", "--max-steps", "32", ...own];
      await killOne(killed, [...all, "--threads", "1", "--out", killed]);
      const resumed = await reproduce(...all, "--out", killed);
      assert.equal(resumed.code, 42, resumed.stderr);
      const { code, stdout, stderr } = await reproduce(...all, "--out", whole);
      assert.equal(code, 42, stderr);
      assert.equal(await tablesOf(killed), await tablesOf(whole));
      assert.deepEqual(await stepsOf(killed), await stepsOf(whole));
      assert.match(stdout, /^\| MVTec AD: MFP-CLIP +\| +92\.2 \| +[\d.]+ \|/m);
      assert.match(
        stdout,
        /^\| VisA: MFP-CLIP +\| +87\.9 \| +–<sup>3<\/sup> /m,
      );
      assert.match(stdout, /^3\. Cannot train on mvtec as it must hold/m);
      assert.match(stderr, /^1 of 2 runs failed:\n {2}mvtec-full-seed-0: /m);

      const plan = await reproduce(...all, "--out", whole, "--plan");
      assert.match(plan.stdout, /^ {2}visa-full-seed-0 +table 1, done$/m);
      assert.match(plan.stdout, /^2 runs, .*; 1 done$/m);
      const other = await reproduce(...all, "--out", whole, "--limit", "2");
      assert.equal(other.code, 42);
      assert.match(
        other.stderr,
        /the same images of each category: current value is 2, there it is null$/,
      );
    });
  },
});

Deno.test("reproduce names the downloads that are missing", async () => {
  await withFolder({ "sets/visa/a.png": await png(1) }, async (folder) => {
    const { code, stderr } = await reproduce(
      ...["--data", `${folder}/sets`, "--out", `${folder}/out`],
      ...["--model", "vit-b-16", "--methods", "mfp-clip"],
    );
    assert.equal(code, 42);
    assert.match(
      stderr,
      /^Cannot run the plan as vit-b-16, mvtec must be downloaded first: run deno task download vit-b-16 and deno task download mvtec --out \S+sets$/,
    );
    await assert.rejects(Deno.stat(`${folder}/out`), Deno.errors.NotFound);
  });
});

/** Puts models of the other methods beside the data sets. */
async function addRivals(folder: string): Promise<void> {
  const goldens = [
    WINCLIP_GOLDENS,
    APRIL_GAN_GOLDENS,
    ANOMALY_CLIP_GOLDENS,
    ADA_CLIP_GOLDENS,
  ];
  for (const [golden] of goldens) {
    await using model = await promptedModel(golden!);
    const name = golden!.method.replace("_", "-");
    await cp(model.path, `${folder}/${name}`, { recursive: true });
    if (name === "winclip") continue;
    await cp(model.path, `${folder}/${name}-visa`, { recursive: true });
  }
}

/** The cells of a row after its label. */
function cellsOf(tables: string, label: string): string[] {
  const row = tables.split("\n").find((line) => line.startsWith(`| ${label} `));
  return row!.split("|").slice(2, -1).map((cell) => cell.trim());
}

Deno.test("reproduce measures other methods with published heads and trained ones", async () => {
  await withSets(await bothSets(), async (folder, args) => {
    await addRivals(`${folder}/sets`);
    const out = `${folder}/out`;
    const all = [...args, "--table", "1", "--limit", "2", "--out", out];
    const others = "winclip,april-gan,anomaly-clip,ada-clip";
    const published = await reproduce(...all, "--methods", others);
    assert.equal(published.code, 0, published.stderr);
    const tables = await tablesOf(out);
    for (const set of ["MVTec AD", "VisA"]) {
      for (const name of ["WinCLIP", "APRIL-GAN", "AnomalyCLIP", "AdaCLIP"]) {
        assert.match(cellsOf(tables, `${set}: ${name}`)[1]!, /^[\d.]+$/, name);
      }
    }
    assert.match(cellsOf(tables, "MVTec AD: MFP-CLIP")[1]!, /^–/);
    const scorings = ["winclip", "april-gan", "anomaly-clip", "ada-clip"]
      .map((name) => cellsOf(tables, `${name}-on-visa`).slice(-2));
    assert.deepEqual(scorings.map(([, sigma]) => sigma), ["0", "0", "4", "4"]);
    assert.equal(scorings[1]![0], "probability of the class token");

    const trained = await reproduce(
      ...[...all, "--methods", "april-gan", "--train", "--max-steps", "2"],
      ...["--epochs", "1", "--plan"],
    );
    assert.match(trained.stdout, /^ {2}april-gan-on-visa-trained-epochs-1-/m);
    const again = [...args, "--table", "1", "--limit", "2", "--train"];
    const end = await reproduce(
      ...[...again, "--methods", "april-gan,anomaly-clip,ada-clip"],
      ...["--max-steps", "2"],
      ...["--out", `${folder}/trained`],
    );
    // The images that stand in for MVTec AD have no masks to train with.
    assert.equal(end.code, 42, end.stderr);
    const rows = await tablesOf(`${folder}/trained`);
    const trainable = {
      "april-gan": "APRIL-GAN",
      "anomaly-clip": "AnomalyCLIP",
      "ada-clip": "AdaCLIP",
    };
    for (const [method, name] of Object.entries(trainable)) {
      const run = `${method}-on-mvtec-trained-seed-0`;
      assert.equal(cellsOf(rows, run)[0], "2");
      assert.match(cellsOf(rows, `MVTec AD: ${name}`)[1]!, /^[\d.]+(<sup>|$)/);
      assert.match(cellsOf(rows, `VisA: ${name}`)[1]!, /^–<sup>/);
    }
  });
});

Deno.test("reproduce names the models of other methods that are missing", async () => {
  await withFolder({}, async (folder) => {
    const { code, stderr } = await reproduce(
      ...["--data", folder, "--out", `${folder}-out`, "--model", "nano"],
      ...["--table", "1", "--methods", "winclip,april-gan"],
    );
    assert.equal(code, 42);
    assert.match(
      stderr,
      /^Cannot run the plan as winclip, april-gan-visa, april-gan, mvtec, visa must be downloaded first: run deno task download winclip april-gan-visa april-gan and /,
    );
  });
});

Deno.test("reproduce ends with 2 where flags make no sense", async () => {
  await withFolder({}, async (folder) => {
    const cases: [string[], RegExp][] = [
      [
        ["--table", "1,5"],
        /^Cannot read --table as .* among 1, 2, 3, 4: .*"5"$/,
      ],
      [["--limit", "1"], /^Cannot read --limit as /],
      [["--methods", "patchcore"], /^Cannot read --methods as .*"patchcore"$/],
      [["--train", "--table", "2"], /^Cannot use --train as .* "2"$/],
      [["--train", "--methods", "winclip"], /^Cannot use --train .*"winclip"$/],
      [
        ["--out", `${folder}/x`],
        /^Cannot write results to .* outside the data/,
      ],
    ];
    for (const [args, sentence] of cases) {
      const { code, stderr } = await reproduce("--data", folder, ...args);
      assert.equal(code, 2, args.join(" "));
      assert.match(stderr.split("\n")[0]!, sentence);
    }
  });
});

Deno.test("ablate waits for another run, and takes its settings for those of the folder", async () => {
  await withFolder({}, async (folder) => {
    const out = `${folder}/out`;
    await Deno.mkdir(out);
    const other = (await FileLock.take(`${out}/lock`))!;
    const flags = ["--table", "2", "--epochs", "1", "--out", out];
    const waits = Promise.withResolvers<void>();
    const run = withConsole(() => {
      const keep = console.error;
      console.error = (line) => {
        keep(line);
        if (`${line}`.startsWith("Waiting")) waits.resolve();
      };
      return ablateCommand.main("ablate", flags);
    });
    await waits.promise;
    // As if both had found no settings.
    const path = `${out}/settings.json`;
    const settings = JSON.parse(await Deno.readTextFile(path));
    await Deno.writeTextFile(path, JSON.stringify({ ...settings, epochs: 2 }));
    await other[Symbol.asyncDispose]();
    const { code, stderr } = await run;
    assert.equal(code, 42, stderr);
    assert.match(
      stderr,
      /^Waiting for another run in .*\n.* the same epochs: /,
    );
  });
});

Deno.test("ablate plans every line over three seeds of the synthetic set", async () => {
  const { code, stdout } = await withConsole(() =>
    ablateCommand.main("ablate", ["--plan", "--table", "2", "--seed", "5"])
  );
  assert.equal(code, 0);
  assert.match(stdout, /^ {2}synthetic-no-mp-seed-7 +table 2$/m);
  assert.match(stdout, /^15 runs, each a training and an evaluation; 0 done$/m);
});
