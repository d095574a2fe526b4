import assert from "node:assert/strict";
import { command as evalCommand } from "../../tasks/eval.ts";
import { command as scoreCommand } from "../../tasks/score.ts";
import { mvtecTree, png, type Tree, withFolder } from "../data/trees.ts";
import { type Outcome, withConsole } from "./_console.ts";

const THREAD = ["--threads", "1"];

function evaluate(...args: string[]): Promise<Outcome> {
  return withConsole(() => evalCommand.main("eval", [...THREAD, ...args]));
}

function score(...args: string[]): Promise<Outcome> {
  return withConsole(() => scoreCommand.main("score", [...THREAD, ...args]));
}

async function tree(): Promise<Tree> {
  return {
    ...await mvtecTree(),
    "good/bottle/1.png": await png(20),
    "good/bottle/2.png": await png(25),
    "good/spoon/1.png": await png(20),
    "bad/bottle/1.png": new TextEncoder().encode("no image"),
  };
}

/** Runs with a data set, a folder of good images and one of bad ones. */
async function withImages(
  run: (folder: string) => Promise<void>,
): Promise<void> {
  const files = await tree();
  const moved = Object.entries(files).map(([path, bytes]) =>
    [/^(good|bad)\//.test(path) ? path : `data/${path}`, bytes] as const
  );
  await withFolder(Object.fromEntries(moved), run);
}

Deno.test("eval --good compares with good images, and says of which it has none", async () => {
  await withImages(async (folder) => {
    const data = ["--data", `${folder}/data`, "--out", `${folder}/out`];
    const { code, stdout, stderr } = await evaluate(
      ...[...data, "--good", `${folder}/good`, "--json"],
    );
    assert.equal(code, 0, stderr);
    assert.match(stderr, /Warning: good images of "spoon" are not used/);
    assert.match(stderr, /Warning: there are no good images of "metal_nut"/);
    assert.match(stderr, /Warning: there are 2 good images of "bottle"/);
    const { good } = JSON.parse(stdout);
    assert.deepEqual(Object.keys(good), ["bottle"]);
    assert.equal(good.bottle.images, 2);
    const page = await Deno.readTextFile(`${folder}/out/report.html`);
    assert.match(page, /Good images/);
    const one = await evaluate(
      ...[...data, "--good", `${folder}/good`, "--shots", "1"],
    );
    assert.match(one.stdout, /^Good images: bottle 1; zero-shot: metal_nut$/m);
  });
});

Deno.test("eval --good ends with 42 where a good image cannot be read, and names it", async () => {
  await withImages(async (folder) => {
    const { code, stderr } = await evaluate(
      ...["--data", `${folder}/data`, "--out", `${folder}/out`],
      ...["--good", `${folder}/bad`],
    );
    assert.equal(code, 42);
    assert.match(
      stderr,
      /^Cannot learn the good images of "bottle" as each must be readable: bottle\/1\.png is not \(Cannot/m,
    );
  });
});

Deno.test("eval --shots takes train/good of a data set, or draws synthetic images", async () => {
  await withImages(async (folder) => {
    const out = ["--out", `${folder}/out`, "--json", "--shots", "1"];
    const { code, stdout, stderr } = await evaluate(
      ...["--data", `${folder}/data`, ...out],
    );
    assert.equal(code, 0, stderr);
    assert.equal(JSON.parse(stdout).good.bottle.images, 1);
    const plain = await evaluate("--data", `${folder}/good`, ...out);
    assert.equal(plain.code, 42);
    assert.match(plain.stderr, /must have good images in train\/good/);
    const drawn = await evaluate(
      ...["--category", "nut", "--count", "2", "--side", "64", ...out],
    );
    assert.equal(drawn.code, 0, drawn.stderr);
    assert.equal(JSON.parse(drawn.stdout).good.nut.images, 1);
  });
});

Deno.test("eval --shots gives verdicts from 19 good images on, and says below how many it takes", async () => {
  await withImages(async (folder) => {
    const drawn = ["--category", "nut", "--count", "2", "--side", "64"];
    const out = ["--out", `${folder}/out`];
    const few = await evaluate(...drawn, ...out, "--shots", "4");
    assert.equal(few.code, 0, few.stderr);
    assert.match(few.stderr, /Note: 4 good images of "nut" .* which take 19/);
    assert.doesNotMatch(few.stdout, /look defective/);
    const none = await evaluate(...drawn, ...out, "--shots", "4", "--masks");
    assert.equal(none.code, 2);
    assert.match(none.stderr, /--masks must stand beside enough good images/);
    const enough = await evaluate(...drawn, ...out, "--shots", "19");
    assert.equal(enough.code, 0, enough.stderr);
    assert.match(enough.stdout, /of 2 looks? defective/);
    assert.match(enough.stdout, /nut: .* \(threshold \S+; \d defective missed/);
  });
});

Deno.test("score --good scores as eval --good does, and learns once for all workers", async () => {
  await withImages(async (folder) => {
    const flags = ["--data", `${folder}/data`, "--good", `${folder}/good`];
    const timeless = (text: string) => ({ ...JSON.parse(text), seconds: 0 });
    const evaluated = await evaluate(
      ...[...flags, "--out", `${folder}/eval`, "--json"],
    );
    const expected = timeless(evaluated.stdout);
    const out = ["--out", `${folder}/out`, "--shards", "2", "--no-merge"];
    const first = await score(...flags, ...out, "--shard", "0");
    const learned = async () => {
      const infos = [];
      for await (const { name } of Deno.readDir(`${folder}/out/good`)) {
        const { mtime } = await Deno.stat(`${folder}/out/good/${name}`);
        infos.push([name, mtime] as const);
      }
      return infos;
    };
    const before = await learned();
    assert.equal(before.length, 2);
    const second = await score(...flags, ...out, "--shard", "1");
    assert.equal(second.code, 0, second.stderr);
    const run = /^Run: ([0-9a-f]{64})$/m;
    assert.equal(run.exec(second.stdout)![1], run.exec(first.stdout)![1]);
    assert.deepEqual(await learned(), before);
    const alone = await score(
      ...[...flags, "--out", `${folder}/alone`, "--json"],
    );
    assert.equal(alone.code, 0, alone.stderr);
    assert.deepEqual(timeless(alone.stdout), expected);
    const shots = await score(
      ...["--data", `${folder}/data`, "--out", `${folder}/out`],
      ...["--shots", "2"],
    );
    assert.equal(shots.code, 2);
    assert.match(shots.stderr, /--good must name good images/);
  });
});

Deno.test("score --good gives the verdicts of eval --good from 19 good images on, and says below how many it takes", async () => {
  const images = await Promise.all(
    Array.from({ length: 19 }, (_, i) => png(20 + i)),
  );
  const good = images.map((image, i) => [`good/${i}.png`, image] as const);
  const parts = { "parts/1.png": await png(22), "parts/2.png": await png(90) };
  const tree = { ...Object.fromEntries(good), ...parts };
  await withFolder(tree, async (folder) => {
    const flags = ["--data", `${folder}/parts`, "--good", `${folder}/good`];
    const eight = ["--out", `${folder}/eight`, "--shards", "2", "--no-merge"];
    const expected = await evaluate(...flags, "--out", `${folder}/eval`);
    assert.match(expected.stdout, /of 2 looks? defective/);
    const found = await score(...flags, "--out", `${folder}/out`);
    assert.equal(found.code, 0, found.stderr);
    const verdicts = /^.* looks? defective.*$/m;
    assert.equal(
      verdicts.exec(found.stdout)![0],
      verdicts.exec(expected.stdout)![0],
    );
    const first = await score(...flags, ...eight, "--shard", "0");
    const second = await score(...flags, ...eight, "--shard", "1");
    assert.equal(first.code + second.code, 0, second.stderr);
    const few = await score(
      ...[...flags, "--shots", "4", "--out", `${folder}/few`],
    );
    assert.equal(few.code, 0, few.stderr);
    assert.match(
      few.stderr,
      /Note: 4 good images of "object" .* which take 19/,
    );
    assert.doesNotMatch(few.stdout, /look defective/);
  });
});
