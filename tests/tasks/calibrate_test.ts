import assert from "node:assert/strict";
import { parse } from "csv-parse/sync";
import { encodePng } from "../../lib/image/encode.ts";
import { decodeImage } from "../../lib/image/decode.ts";
import { readScores } from "../../lib/results/scores_parquet.ts";
import { syntheticDataSet } from "../../lib/synthetic/data_set.ts";
import { command as calibrate } from "../../tasks/calibrate.ts";
import { command as evaluate } from "../../tasks/eval.ts";
import { command as exports } from "../../tasks/export.ts";
import { command as merge } from "../../tasks/merge.ts";
import { command as score } from "../../tasks/score.ts";
import { type Tree, withFolder } from "../data/trees.ts";
import { type Outcome, withConsole } from "./_console.ts";

/** Drawn images: eight to learn, and four good and four defective parts. */
async function drawn(): Promise<Tree> {
  const dataSet = syntheticDataSet({
    count: 24,
    side: 96,
    categories: ["nut"],
  });
  const seen = [0, 0];
  const files: [string, Uint8Array][] = [];
  for await (const { label, image } of dataSet.samples()) {
    const number = seen[label!]!++;
    const folder = label === 0 && number < 8 ? "good" : "parts";
    if (number >= 12 || label === 1 && number >= 4) continue;
    const name = `${folder}/${label === 0 ? "a" : "z"}${number}.png`;
    files.push([name, await encodePng(await image())]);
  }
  return Object.fromEntries(files);
}

const TREE = await drawn();

function run(
  verb: "calibrate" | "eval" | "score",
  ...args: string[]
): Promise<Outcome> {
  const command = { calibrate, eval: evaluate, score }[verb];
  return withConsole(() => command.main(verb, ["--threads", "1", ...args]));
}

Deno.test("calibrate and eval give a verdict on each part, in two commands", async () => {
  await withFolder(TREE, async (root) => {
    const [profile, out] = [`${root}/profile`, `${root}/out`];
    const learned = await run(
      "calibrate",
      ...["--good", `${root}/good`, "--out", profile],
      ...["--false-alarms", "0.2"],
    );
    assert.equal(learned.code, 0, learned.stderr);
    assert.match(learned.stdout, /object: threshold \S+ for 20 % false alarms/);
    assert.match(learned.stdout, /of 8 \(.*with 95 % confidence/);
    const judged = await run(
      "eval",
      ...["--profile", profile, "--data", `${root}/parts`, "--out", out],
      ...["--overlays", "--masks", "--regions"],
    );
    assert.equal(judged.code, 0, judged.stderr);
    assert.match(judged.stdout, /\d of 8 looks? defective/);
    assert.doesNotMatch(judged.stderr, /knows no photographs/);

    const csv = parse(await Deno.readFile(`${out}/scores.csv`), {
      columns: true,
    }) as Record<string, string>[];
    const rows = await readScores(await Deno.readFile(`${out}/scores.parquet`));
    const summary = JSON.parse(await Deno.readTextFile(`${out}/summary.json`));
    const verdicts = rows.map(({ is_anomalous }) => is_anomalous);
    assert.deepEqual(
      csv.map(({ verdict }) => verdict === "bad"),
      verdicts,
    );
    const anomalous = verdicts.filter((verdict) => verdict).length;
    assert.deepEqual(summary.verdicts, { anomalous, judged: 8 });
    for (const row of rows) {
      assert.equal(row.is_anomalous, row.score_logit! >= row.threshold!);
      assert.equal(row.is_anomalous, (row.regions?.length ?? 0) > 0);
    }
    // Parts with a drawn defect look worse than those without.
    const [good, bad] = [rows.slice(0, 4), rows.slice(4)];
    const mean = (of: typeof rows) =>
      of.reduce((sum, { score_logit }) => sum + score_logit!, 0) / of.length;
    assert.ok(mean(good) < mean(bad));

    const coco = JSON.parse(await Deno.readTextFile(`${out}/regions.json`));
    assert.equal(coco.images.length, 8);
    for (const folder of ["overlays", "masks"]) {
      const file = await Deno.readFile(`${out}/${folder}/z0.png.png`);
      const { width, height } = await decodeImage(file);
      assert.deepEqual([width, height], [96, 96]);
    }
    const page = await Deno.readTextFile(`${out}/report.html`);
    assert.match(page, /of 8 looks? defective/);
    assert.match(page, /<a href="\.\.\/parts\/z0\.png">/);
  });
});

Deno.test("eval refuses a profile that was calibrated otherwise", async () => {
  await withFolder(TREE, async (root) => {
    const profile = `${root}/profile`;
    const good = ["--good", `${root}/good`];
    await run("calibrate", ...good, "--out", profile, "--zero-shot");
    const parts = ["--profile", profile, "--out", `${root}/out`];
    const data = ["--data", `${root}/parts`];
    const refused = [
      [["--smooth", "2"], 42, /--smooth must be 0/],
      [
        ["--ignore-orientation"],
        42,
        /--ignore-orientation must be left out, as it was calibrated without/,
      ],
      [["--object", "nut"], 2, /it knows object: current value is nut/],
      [["--threshold", "1"], 2, /must not stand beside --profile/],
      [good, 2, /--good and --shots must not stand beside --profile/],
    ] as const;
    for (const [flags, code, message] of refused) {
      const outcome = await run("eval", ...parts, ...data, ...flags);
      assert.equal(outcome.code, code, outcome.stderr);
      assert.match(outcome.stderr, message);
    }
  });
});

Deno.test("eval judges by a threshold alone, and says that nano knows no photographs", async () => {
  await withFolder(TREE, async (root) => {
    const out = `${root}/out`;
    const flags = [
      "--data",
      `${root}/parts`,
      "--out",
      out,
      "--csv",
      "semicolon",
    ];
    const outcome = await run("eval", ...flags, "--threshold", "-1000000");
    assert.equal(outcome.code, 0, outcome.stderr);
    assert.match(outcome.stdout, /8 of 8 look defective/);
    assert.match(outcome.stderr, /Caution: nano .* knows no photographs/);
    const csv = await Deno.readTextFile(`${out}/scores.csv`);
    assert.match(csv, /^\uFEFFkey;category;verdict;/);
    const needs = await run("eval", ...flags, "--regions");
    assert.equal(needs.code, 2);
    assert.match(needs.stderr, /--regions must stand beside --profile/);
  });
});

Deno.test("calibrate refuses too few images and a recall without --bad", async () => {
  await withFolder(TREE, async (root) => {
    const out = ["--out", `${root}/profile`];
    const good = Object.keys(TREE).filter((path) => path.startsWith("good/"));
    for (const path of good.slice(3)) await Deno.remove(`${root}/${path}`);
    const few = await run("calibrate", "--good", `${root}/good`, ...out);
    assert.equal(few.code, 42);
    assert.match(few.stderr, /at least 4 good images: current value is 3/);
    const recall = ["--good", `${root}/good`, "--recall", "0.9"];
    const alone = await run("calibrate", ...recall, ...out);
    assert.equal(alone.code, 2);
    assert.match(alone.stderr, /--recall must stand beside --bad/);
    assert.equal((await run("calibrate", ...out)).code, 2);
  });
});

Deno.test("score judges images in shards as eval does in one run", async () => {
  await withFolder(TREE, async (root) => {
    const profile = ["--profile", `${root}/profile`];
    const data = ["--data", `${root}/parts`];
    await run("calibrate", "--good", `${root}/good`, "--out", profile[1]!);
    await run("eval", ...profile, ...data, "--out", `${root}/eval`);
    const flags = ["--threads", "1", ...profile, ...data];
    const shards = [...flags, "--out", `${root}/score`, "--shards", "2"];
    for (const shard of ["0", "1"]) {
      const outcome = await withConsole(() =>
        score.main("score", [...shards, "--shard", shard])
      );
      assert.equal(outcome.code, 0, outcome.stderr);
    }
    const merged = await withConsole(() =>
      merge.main("merge", ["--out", `${root}/score`, "--json"])
    );
    assert.equal(merged.code, 0, merged.stderr);
    assert.match(merged.stderr, /\d of 8 looks? defective/);
    const [folder] = await Array.fromAsync(Deno.readDir(`${root}/score/runs`));
    const verdicts = (path: string) => Deno.readTextFile(`${path}/scores.csv`);
    assert.equal(
      await verdicts(`${root}/score/runs/${folder!.name}`),
      await verdicts(`${root}/eval`),
    );
    const { caution } = JSON.parse(merged.stdout);
    assert.equal(caution, undefined);
  });
});

Deno.test("export --profile writes a model with the good images and the threshold", async () => {
  await withFolder(TREE, async (root) => {
    const profile = `${root}/profile`;
    await run("calibrate", "--good", `${root}/good`, "--out", profile);
    const write = (...args: string[]) =>
      withConsole(() =>
        exports.main("export", ["--out", `${root}/onnx`, ...args])
      );
    const { code, stdout, stderr } = await write("--profile", profile);
    assert.equal(code, 0, stderr);
    assert.match(
      stdout,
      /^Defective: score_logit >= \S+; such pixels: logit_map/m,
    );
    const other = await write("--profile", profile, "--object", "nut");
    assert.equal(other.code, 2);
    assert.match(other.stderr, /--object must be a product of it, object: cur/);
    const smooth = await write("--profile", profile, "--smooth", "2");
    assert.equal(smooth.code, 42);
    assert.match(smooth.stderr, /--smooth must be 0/);
  });
});

Deno.test("calibrate --ignore-orientation makes a profile that is refused where orientations are read", async () => {
  await withFolder(TREE, async (root) => {
    const profile = ["--profile", `${root}/profile`];
    const asStored = "--ignore-orientation";
    const good = ["--good", `${root}/good`, "--out", profile[1]!];
    await run("calibrate", ...good, asStored);
    const parts = [...profile, "--data", `${root}/parts`];
    for (const verb of ["eval", "score"] as const) {
      const out = ["--out", `${root}/${verb}`];
      const turned = await run(verb, ...parts, ...out);
      assert.equal(turned.code, 42, turned.stderr);
      assert.match(turned.stderr, /--ignore-orientation must be given/);
      const same = await run(verb, ...parts, ...out, asStored);
      assert.equal(same.code, 0, same.stderr);
    }
  });
});

Deno.test("calibrate learns no image that its folder calls defective", async () => {
  const tree = Object.fromEntries(
    Object.entries(TREE).map(([path, bytes]) => [
      path.replace("good/", "set/good/").replace("parts/z", "set/bad/z"),
      bytes,
    ]),
  );
  await withFolder(tree, async (root) => {
    const set = `${root}/set`;
    const out = ["--out", `${root}/profile`, "--zero-shot"];
    const said = await run("calibrate", "--good", set, "--bad", set, ...out);
    assert.equal(said.code, 0, said.stderr);
    assert.match(said.stdout, /called defective: \d of 8 /);
    assert.match(said.stdout, /images found: \d of 4 /);
    assert.match(said.stderr, /4 defective images among those given as good/);
    assert.match(said.stderr, /8 good images among those given as defective/);
  });
});

Deno.test("calibrate warns of good images that are copies of others", async () => {
  const tree = { ...TREE, "good/copy.png": TREE["good/a0.png"]! };
  await withFolder(tree, async (root) => {
    const out = ["--out", `${root}/profile`, "--zero-shot"];
    const said = await run("calibrate", "--good", `${root}/good`, ...out);
    assert.equal(said.code, 0, said.stderr);
    assert.match(said.stderr, /1 good image of "object" is a copy of another/);
    await Deno.remove(`${root}/good/copy.png`);
    const once = await run("calibrate", "--good", `${root}/good`, ...out);
    assert.doesNotMatch(once.stderr, /cop(y|ies) of/);
  });
});
