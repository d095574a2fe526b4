import assert from "node:assert/strict";
import { command as evalCommand } from "../../tasks/eval.ts";
import { command as mergeCommand } from "../../tasks/merge.ts";
import { command } from "../../tasks/score.ts";
import { mask, mvtecTree, png, type Tree, withFolder } from "../data/trees.ts";
import { type Outcome, withConsole } from "./_console.ts";

const THREAD = ["--threads", "1"];

function score(...args: string[]): Promise<Outcome> {
  return withConsole(() => command.main("score", [...THREAD, ...args]));
}

function merge(...args: string[]): Promise<Outcome> {
  return withConsole(() => mergeCommand.main("merge", args));
}

async function tree(): Promise<Tree> {
  return {
    ...await mvtecTree(),
    "bottle/ground_truth/broken_large/002_mask.png": await mask(3),
    "bottle/test/broken_large/002.png": await png(30),
    "bottle/test/good/text.png": new TextEncoder().encode("no image"),
  };
}

/** Runs with a folder of images, and one for results beside it. */
async function withData(
  run: (data: string, out: string) => Promise<void>,
): Promise<void> {
  await withFolder(await tree(), async (data) => {
    const out = `${data}-out`;
    try {
      await run(data, out);
    } finally {
      await Deno.remove(out, { recursive: true }).catch(() => {});
    }
  });
}

/** A summary without what differs from run to run. */
function timeless(stdout: string): unknown {
  return { ...JSON.parse(stdout), seconds: 0 };
}

Deno.test("score gives the summary that eval gives, and so does merge", async () => {
  await withData(async (data, out) => {
    const flags = ["--data", data, "--json", "--out"];
    const evaluated = await withConsole(() =>
      evalCommand.main("eval", [...THREAD, ...flags, `${out}/eval`])
    );
    const expected = timeless(evaluated.stdout);
    const alone = await score(...flags, `${out}/alone`);
    assert.equal(alone.code, 0, alone.stderr);
    assert.deepEqual(timeless(alone.stdout), expected);
    assert.match(alone.stderr, /^1 of 7 images have no score:$/m);
    assert.match(alone.stderr, /^Report: file:.*\/report\.html$/m);
    const shared = ["--shards", "2", "--job", "j", "--part-size", "2"];
    for (const shard of ["0", "1"]) {
      const early = await merge("--out", `${out}/two`, "--job", "j");
      assert.equal(early.code, shard === "0" ? 42 : 1, early.stderr);
      const { code, stdout } = await score(
        ...[...flags, `${out}/two`, ...shared, "--shard", shard],
      );
      assert.equal(code, 0);
      assert.equal(JSON.parse(stdout).shards, 2);
    }
    const merged = await merge("--out", `${out}/two`, "--json", "--strict");
    assert.equal(merged.code, 42);
    assert.deepEqual(timeless(merged.stdout), expected);
  });
});

Deno.test("score --since last scores what is new, and says where nothing is", async () => {
  await withData(async (data, out) => {
    const flags = ["--data", data, "--out", out, "--since", "last", "--json"];
    const first = await score(...flags);
    assert.equal(JSON.parse(first.stdout).images, 7);
    const idle = await score(...flags);
    assert.equal(idle.code, 0);
    assert.match(idle.stderr, /^Nothing is new since the run [0-9a-f]{64}$/);
    await Deno.writeFile(`${data}/bottle/test/good/new.png`, await png(77));
    const unmerged = await score(...flags, "--no-merge");
    assert.equal(JSON.parse(unmerged.stdout).images, 1);
    const merged = await merge("--out", out, "--json");
    assert.equal(JSON.parse(merged.stdout).images, 1, merged.stderr);
  });
});

Deno.test("score --no-merge leaves it to merge", async () => {
  await withData(async (data, out) => {
    const flags = ["--data", data, "--out", out];
    const scored = await score(...flags, "--no-merge");
    assert.equal(scored.code, 0);
    assert.match(scored.stdout, /^Shard 1 of 1: 7 images, 1 without a score$/m);
    const { code, stdout } = await merge("--out", out);
    assert.equal(code, 0);
    assert.match(stdout, /^metal_nut /m);
  });
});

Deno.test("score and merge tell wrong usage from what no retry helps", async () => {
  await withData(async (data, out) => {
    const flags = ["--data", data, "--out", out];
    const cases: readonly [number, RegExp, readonly string[]][] = [
      [2, /^Cannot score as --data must name the images$/, ["--out", out]],
      [2, /index must come with the count/, [...flags, "--shard", "0"]],
      [2, /^Cannot choose a shard as its index must be from 0/, [
        ...[...flags, "--shard", "2", "--shards", "2"],
      ]],
      [2, /^Cannot score what is new in shards as/, [
        ...[...flags, "--shard", "0", "--shards", "2", "--since", "last"],
      ]],
      [42, /as it must hold images: nothing was found$/, [
        ...["--data", `${data}/none`, "--out", out],
      ]],
      [42, /as it must lie outside the input/, [
        ...["--data", data, "--out", `${data}/out`],
      ]],
      [42, /^Cannot open a run as its id must be/, [
        ...[...flags, "--since", "yesterday"],
      ]],
      [42, /^Cannot find the model/, [...flags, "--model", "/none"]],
      [42, /^Cannot load \/none\.json as/, [
        ...[...flags, "--prompts", "/none.json"],
      ]],
      [42, /there must be a list or an archive: nothing was found$/, [
        ...["--data", `${data}/none.zip`, "--out", out],
      ]],
    ];
    for (const [code, message, args] of cases) {
      const outcome = await score(...args);
      assert.equal(outcome.code, code, args.join(" "));
      assert.match(outcome.stderr, message);
    }
    const none = await merge("--out", out);
    assert.equal(none.code, 42);
    assert.match(none.stderr, /^Cannot merge the results in file:/);
    const unknown = await merge("--out", out, "--run", "0".repeat(64));
    assert.equal(unknown.code, 42);
  });
});
