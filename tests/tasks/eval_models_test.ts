import assert from "node:assert/strict";
import { command } from "../../tasks/eval.ts";
import { mvtecTree, withFolder } from "../data/trees.ts";
import {
  promptedModel,
  WINCLIP_GOLDENS,
} from "../golden/prompted_clips/golden.ts";
import { type Outcome, withConsole } from "./_console.ts";

function evaluate(...args: string[]): Promise<Outcome> {
  return withConsole(() =>
    command.main("eval", ["--threads", "1", "--batch-size", "8", ...args])
  );
}

async function summaryOf(folder: string): Promise<Record<string, unknown>> {
  return JSON.parse(await Deno.readTextFile(`${folder}/summary.json`));
}

Deno.test("eval compares models in one table, each with a folder of its own", async () => {
  await using winclip = await promptedModel(WINCLIP_GOLDENS[0]!);
  await withFolder(await mvtecTree(), async (data) => {
    const out = `${data}-out`;
    const models = ["--model", "nano", "--model", winclip.path];
    const args = [...models, "--data", data, "--out", out];
    const { code, stdout, stderr } = await evaluate(...args);
    assert.equal(code, 0, stderr);
    const name = winclip.path.slice(winclip.path.lastIndexOf("/") + 1);
    const [nano, other] = [
      await summaryOf(`${out}/nano`),
      await summaryOf(`${out}/${name}`),
    ];
    assert.deepEqual([nano.method, other.method], ["MFP-CLIP", "WinCLIP"]);
    const table = stdout.slice(stdout.lastIndexOf("\nmodel "));
    const rows = table.split("\n").filter((line) =>
      /^(nano|\/)\S* +\d/.test(line)
    );
    assert.deepEqual(rows.map((row) => row.split(/ +/)[0]), [
      "nano",
      winclip.path,
    ]);
    const mean = nano.mean as Record<string, number>;
    assert.equal(rows[0]!.split(/ +/)[1], (100 * mean.i_auroc!).toFixed(1));
    assert.match(table, /^nano: S = maximum of the refined map; /m);

    const asJson = await evaluate(...args, "--json");
    const found = JSON.parse(asJson.stdout);
    assert.deepEqual(
      found.models.map((summary: { method: string }) => summary.method),
      ["MFP-CLIP", "WinCLIP"],
    );
    await Deno.remove(out, { recursive: true });
  });
});

Deno.test("eval leaves no results of another run beside those of its own", async () => {
  await using winclip = await promptedModel(WINCLIP_GOLDENS[0]!);
  await withFolder(await mvtecTree(), async (data) => {
    const out = `${data}-out`;
    const name = winclip.path.slice(winclip.path.lastIndexOf("/") + 1);
    const run = async (...models: string[]) => {
      const named = models.flatMap((model) => ["--model", model]);
      const args = [...named, "--data", data, "--out", out, "--limit", "1"];
      const { code, stderr } = await evaluate(...args);
      assert.equal(code, 0, stderr);
      return [...Deno.readDirSync(out)].map((entry) => entry.name).sort();
    };
    const single = await run("nano");
    assert.ok(single.includes("summary.json") && single.includes("heatmaps"));
    await Deno.writeTextFile(`${out}/notes.txt`, "mine");
    const compared = ["comparison.json", name, "nano", "notes.txt"].sort();
    assert.deepEqual(await run("nano", winclip.path), compared);
    await Deno.writeTextFile(`${out}/${name}/notes.txt`, "mine too");
    assert.deepEqual(
      await run("nano"),
      [...single, name, "notes.txt"].sort(),
    );
    const left = [...Deno.readDirSync(`${out}/${name}`)];
    assert.deepEqual(left.map((entry) => entry.name), ["notes.txt"]);
    await Deno.remove(out, { recursive: true });
  });
});

Deno.test("eval refuses to compare models that make no sense together", async () => {
  await withFolder(await mvtecTree(), async (data) => {
    const out = `${data}-out`;
    const cases: [string[], number, RegExp][] = [
      [
        ["--model", "nano", "--model", "nano"],
        2,
        /must differ: .* "nano" twice$/,
      ],
      [
        ["--model", "nano", "--model", "other", "--threshold", "0"],
        2,
        /^Cannot compare models as --threshold must stand beside one --model/,
      ],
      [
        ["--model", "nano", "--model", "other", "--profile", data],
        2,
        /^Cannot compare models as --profile must stand beside one --model/,
      ],
      [
        ["--model", "nano", "--model", "./missing"],
        42,
        /^Cannot find the model/,
      ],
    ];
    for (const [args, wanted, sentence] of cases) {
      const all = ["--data", data, "--out", out, ...args];
      const { code, stderr } = await evaluate(...all);
      assert.equal(code, wanted, args.join(" "));
      assert.match(stderr.split("\n")[0]!, sentence);
      await assert.rejects(Deno.stat(out), Deno.errors.NotFound);
    }
  });
});
