import assert from "node:assert/strict";
import { writeScores } from "../../lib/results/scores_parquet.ts";
import { command as evalCommand } from "../../tasks/eval.ts";
import { command } from "../../tasks/report.ts";
import { withFolder } from "../data/trees.ts";
import { rowOf } from "../report/sample_report.ts";
import { type Outcome, withConsole } from "./_console.ts";

function report(...args: string[]): Promise<Outcome> {
  return withConsole(() => command.main("report", args));
}

/** The results of a run over images `0.png` ... of one category. */
function results(model: string, scores: readonly number[]) {
  const rows = scores.map((score, i) =>
    rowOf(`${i}.png`, score, { category: "nut", label: i % 2 === 0 ? 0 : 1 })
  );
  const metrics = { p_auroc: 0.5, aupro: null };
  const summary = {
    model,
    data: "nuts",
    smooth: 0,
    categories: { nut: metrics },
  };
  return {
    [`${model}/summary.json`]: new TextEncoder().encode(
      JSON.stringify(summary),
    ),
    [`${model}/scores.parquet`]: writeScores(rows),
  };
}

Deno.test("report compare shows the differences of two runs", async () => {
  const tree = {
    ...results("weak", [1, 2, 3, 2.5, 0, 4]),
    ...results("strong", [0, 5, 1, 6, 2, 7, 3]),
  };
  await withFolder(tree, async (folder) => {
    const folders = [`${folder}/weak`, `${folder}/strong`];
    const { code, stdout } = await report("compare", ...folders);
    assert.equal(code, 0);
    assert.match(stdout, /^nut +I-AUROC +77\.8 +100\.0 +\+22\.2 /m);
    assert.match(stdout, /^nut +P-AUROC +50\.0 +50\.0 +\+0\.0$/m);
    assert.match(stdout, /A: weak; B: strong; 6 images in both/);
    assert.match(stdout, /in one run only, left out: 1, such as 6\.png/);
    const json = await report("compare", ...folders, "--json");
    const { categories, unpaired } = JSON.parse(json.stdout);
    assert.equal(categories.nut.images.auroc.values[1], 1);
    assert.deepEqual(unpaired, ["6.png"]);
  });
});

Deno.test("report compare gives intervals of pixel metrics where runs kept pixels", async () => {
  const drawn = ["--count", "4", "--category", "nut", "--threads", "1"];
  const folder = await Deno.makeTempDir();
  try {
    const folders = [`${folder}/a`, `${folder}/b`];
    for (const [i, out] of folders.entries()) {
      const flags = [...drawn, "--smooth", `${2 * i}`, "--out", out];
      const { code } = await withConsole(() => evalCommand.main("eval", flags));
      assert.equal(code, 0);
    }
    const { stdout } = await report("compare", ...folders);
    assert.match(stdout, /^nut +P-AUROC .* [+-]\d+\.\d to [+-]\d+\.\d$/m);
    assert.match(stdout, /^nut +AUPRO .* [+-]\d+\.\d to [+-]\d+\.\d$/m);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("report compare refuses what cannot be compared, with 2", async () => {
  const other = rowOf("z.png", 1, { category: "nut", label: 1 });
  const tree = {
    ...results("weak", [1, 2, 3, 4]),
    ...results("other", []),
    "other/scores.parquet": writeScores([other]),
    "empty/file.txt": new Uint8Array(),
    ...results("damaged", [1, 2, 3, 4]),
    "damaged/pixel_groups.parquet": new Uint8Array(9),
  };
  await withFolder(tree, async (folder) => {
    const compare = (...names: string[]) =>
      report("compare", ...names.map((name) => `${folder}/${name}`));
    for (const name of ["empty", "damaged"]) {
      const none = await compare("weak", name);
      assert.equal(none.code, 2);
      assert.match(none.stderr, /must be the --out of a finished eval/);
    }
    const apart = await compare("weak", "other");
    assert.equal(apart.code, 2);
    assert.match(apart.stderr, /must have scores of the same images/);
    assert.equal((await compare("weak")).code, 2);
    assert.equal((await report("weigh", folder, folder)).code, 2);
  });
});
