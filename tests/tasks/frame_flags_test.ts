import assert from "node:assert/strict";
import { decodeImage } from "../../lib/image/decode.ts";
import { encodeMaskPng, encodePng } from "../../lib/image/encode.ts";
import type { RgbImage } from "../../lib/image/image.ts";
import { readScores } from "../../lib/results/scores_parquet.ts";
import type { ScoreRow } from "../../lib/results/summary.ts";
import { command as calibrate } from "../../tasks/calibrate.ts";
import { command as evaluate } from "../../tasks/eval.ts";
import { command as merge } from "../../tasks/merge.ts";
import { command as score } from "../../tasks/score.ts";
import { scattered } from "../contract/numbers.ts";
import { type Tree, withFolder } from "../data/trees.ts";
import { type Outcome, withConsole } from "./_console.ts";

const [WIDTH, HEIGHT] = [448, 112];
const SPOT = { left: 330, top: 40, side: 16 };

/** A grey strip of texture, with a dark spot or without. */
function strip(seed: number, hasSpot: boolean): RgbImage {
  const noise = scattered(WIDTH * HEIGHT, seed);
  const data = new Uint8Array(WIDTH * HEIGHT * 3);
  const { left, top, side } = SPOT;
  for (let i = 0; i < noise.length; i++) {
    const [x, y] = [i % WIDTH - left, Math.floor(i / WIDTH) - top];
    const isSpot = hasSpot && x >= 0 && x < side && y >= 0 && y < side;
    data.fill(isSpot ? 10 : 150 + 6 * noise[i]!, 3 * i, 3 * i + 3);
  }
  return { width: WIDTH, height: HEIGHT, data };
}

/** A mask whose columns from one on are white. */
function mask(from: number, size = { width: WIDTH, height: HEIGHT }) {
  const data = Uint8Array.from(
    { length: size.width * size.height },
    (_, i) => i % size.width >= from ? 1 : 0,
  );
  return encodeMaskPng({ ...size, data });
}

async function tree(): Promise<Tree> {
  const entries = Array.from({ length: 4 }, async (_, k) => [
    [`good/line/${k}.png`, await encodePng(strip(k, false))],
    [`parts/line/${k}.png`, await encodePng(strip(9 + k, k > 1))],
  ]);
  const regions = [
    ["left.png", await mask(SPOT.left + SPOT.side)],
    ["black.png", await mask(WIDTH)],
    ["small.png", await mask(0, { width: 8, height: 8 })],
    ["regions/line.png", await mask(SPOT.left + SPOT.side)],
    ["other/nut.png", await mask(0)],
    ["text/line.png", new TextEncoder().encode("no image")],
    ["none/.hidden", new Uint8Array()],
  ];
  return Object.fromEntries([
    ...(await Promise.all(entries)).flat(),
    ...regions,
  ]);
}

const TREE = await tree();
const COMMANDS = { eval: evaluate, calibrate, score, merge };

function run(verb: keyof typeof COMMANDS, ...args: string[]): Promise<Outcome> {
  const flags = verb === "merge" ? args : ["--threads", "1", ...args];
  return withConsole(() => COMMANDS[verb].main(verb, flags));
}

async function rowsOf(out: string): Promise<ScoreRow[]> {
  return await readScores(await Deno.readFile(`${out}/scores.parquet`));
}

Deno.test("eval --tile finds a spot in a long image, where it lies in the photograph", async () => {
  await withFolder(TREE, async (root) => {
    const [profile, out] = [`${root}/profile`, `${root}/out`];
    const tile = ["--tile", "auto"];
    const good = ["--good", `${root}/good`, "--out", profile];
    const learned = await run("calibrate", ...good, ...tile);
    assert.equal(learned.code, 0, learned.stderr);
    const flags = ["--data", `${root}/parts`, "--out", out];
    const { code, stderr } = await run(
      ...["eval", ...flags, ...tile, "--profile", profile] as const,
      ...["--overlays", "--masks", "--regions"],
    );
    assert.equal(code, 0, stderr);
    assert.match(stderr, /^Tiles of line: 1x5 \(4 images\)$/m);
    const rows = await rowsOf(out);
    assert.deepEqual(
      rows.map(({ is_anomalous }) => is_anomalous),
      [false, false, true, true],
    );
    for (const { regions } of rows.slice(2)) {
      const [x, y] = regions![0]!.centroid;
      assert(Math.abs(x - SPOT.left - SPOT.side / 2) < SPOT.side);
      assert(Math.abs(y - SPOT.top - SPOT.side / 2) < SPOT.side);
    }
    const coco = JSON.parse(await Deno.readTextFile(`${out}/regions.json`));
    assert.deepEqual([coco.images[2].width, coco.images[2].height], [448, 112]);
    const sizes = {
      heatmaps: [448, 112],
      overlays: [448, 112],
      masks: [448, 112],
    };
    for (const [folder, size] of Object.entries(sizes)) {
      const file = await Deno.readFile(`${out}/${folder}/line/2.png.png`);
      const { width, height } = await decodeImage(file);
      assert.deepEqual([width, height], size, folder);
    }
    const { frame } = JSON.parse(
      await Deno.readTextFile(`${out}/summary.json`),
    );
    assert.deepEqual(frame.tiles, { line: { "1x5": 4 } });
  });
});

Deno.test("eval refuses a profile that was calibrated with other tiles, fit or region", async () => {
  await withFolder(TREE, async (root) => {
    const profile = `${root}/profile`;
    const calibrated = await run(
      "calibrate",
      ...["--good", `${root}/good`, "--out", profile],
      ...["--tile", "1x2", "--fit", "pad", "--roi", `${root}/left.png`],
    );
    assert.equal(calibrated.code, 0, calibrated.stderr);
    const flags = ["--data", `${root}/parts`, "--profile", profile];
    const fitted = ["--tile", "1x2", "--fit", "pad"];
    const refused = [
      [[], /--tile must be 1x2, which .*: current value is 1x1$/m],
      [["--tile", "auto"], /--tile must be 1x2, .*: current value is auto$/m],
      [[...fitted, "--overlap", "0.5"], /--overlap must be 0\.2, which/],
      [["--tile", "1x2"], /--fit must be pad, .*: current value is stretch$/m],
      [fitted, /--roi must name the masks .* with: it is left out$/m],
    ] as const;
    for (const [args, message] of refused) {
      const outcome = await run("eval", ...flags, ...args);
      assert.equal(outcome.code, 42, outcome.stderr);
      assert.match(outcome.stderr, message);
    }
    const roi = ["--roi", `${root}/left.png`, "--out", `${root}/out`];
    const same = await run("eval", ...flags, ...fitted, ...roi);
    assert.equal(same.code, 0, same.stderr);
  });
});

Deno.test("eval --roi counts nothing outside, also with a folder of masks", async () => {
  await withFolder(TREE, async (root) => {
    const data = ["--data", `${root}/parts`, "--good", `${root}/good`];
    const found: number[][] = [];
    for (const roi of ["left.png", "regions"]) {
      const out = `${root}/out`;
      const flags = [...data, "--out", out, "--tile", "1x2"];
      const outcome = await run("eval", ...flags, "--roi", `${root}/${roi}`);
      assert.equal(outcome.code, 0, outcome.stderr);
      found.push((await rowsOf(out)).map((row) => row.score_logit!));
    }
    const [one, folder] = found;
    assert.deepEqual(one, folder);
    // Spots lie outside, so that those parts are as good as the others.
    assert(Math.max(...one!.slice(2)) < Math.max(...one!.slice(0, 2)) + 2);
  });
});

Deno.test("score --tile gives in shards what eval gives, and a run of its own", async () => {
  await withFolder(TREE, async (root) => {
    const tile = ["--tile", "1x3", "--overlap", "0.3", "--fit", "crop"];
    const data = ["--data", `${root}/parts`, "--good", `${root}/good`];
    await run("eval", ...data, ...tile, "--out", `${root}/eval`);
    const shards = [...data, "--out", `${root}/score`, "--shards", "2"];
    const ids = new Set<string>();
    for (const shard of ["0", "1"]) {
      const flags = [...shards, ...tile, "--shard", shard];
      const outcome = await run("score", ...flags);
      assert.equal(outcome.code, 0, outcome.stderr);
      ids.add(/^Run: ([0-9a-f]{64})$/m.exec(outcome.stdout)![1]!);
    }
    const [id] = ids;
    assert.equal(ids.size, 1);
    const merging = ["--out", `${root}/score`, "--run", id!];
    const merged = await run("merge", ...merging, "--json");
    assert.equal(merged.code, 0, merged.stderr);
    const timeless = (rows: ScoreRow[]) =>
      rows.map(({ milliseconds: _, ...row }) => row);
    assert.deepEqual(
      timeless(await rowsOf(`${root}/score/runs/${id}`)),
      timeless(await rowsOf(`${root}/eval`)),
    );
    assert.equal(JSON.parse(merged.stdout).frame.tile, "1x3");
    const plain = await run("score", ...shards, "--shard", "0");
    assert(!ids.has(/^Run: ([0-9a-f]{64})$/m.exec(plain.stdout)![1]!));
  });
});

Deno.test("score refuses to join a job that was planned with other tiles", async () => {
  await withFolder(TREE, async (root) => {
    const flags = ["--data", `${root}/parts`, "--out", `${root}/score`];
    const job = [...flags, "--job", "a", "--shards", "2", "--shard"];
    const first = await run("score", ...job, "0", "--tile", "1x2");
    assert.equal(first.code, 0, first.stderr);
    const other = await run("score", ...job, "1", "--tile", "1x3");
    assert.equal(other.code, 42);
    assert.match(other.stderr, /^Cannot join the job a/m);
  });
});

Deno.test("eval refuses flags of tiles and regions that make no sense", async (t) => {
  await withFolder(TREE, async (root) => {
    const cases: [string[], RegExp][] = [
      [["--overlap", "0.5"], /--overlap as it has no effect without --tile$/m],
      [["--tile", "0x2"], /^Cannot read --tile as it must be auto, or rows/m],
      [["--tile", "2"], /current value is "2"$/m],
      [["--tile", "2x2", "--overlap", "1"], /--overlap/],
      [["--tile", "99x99"], /at most 16777216 pixels together: current/],
      [["--roi", `${root}/missing`], /must be a file or a folder: nothing/],
      [["--roi", `${root}/black.png`], /must have a white part: it is black$/m],
      [["--roi", `${root}/text`], /must be an image: Cannot decode the mask/],
      [["--roi", `${root}/none`], /must have a mask: it is empty$/m],
      [["--roi", `${root}/other`], /must have a mask such as CATEGORY\.png/],
    ];
    for (const [args, message] of cases) {
      await t.step(args.join(" ").replaceAll(root, ""), async () => {
        const flags = ["--data", `${root}/parts`, "--out", `${root}/out`];
        const { code, stderr } = await run("eval", ...flags, ...args);
        assert.equal(code, 2, stderr);
        assert.match(stderr, message);
      });
    }
    await t.step(
      "a mask of another size is an error of each image",
      async () => {
        const flags = ["--data", `${root}/parts`, "--out", `${root}/out`];
        const roi = ["--roi", `${root}/small.png`];
        assert.equal((await run("eval", ...flags, ...roi)).code, 42);
        for (const { error, score } of await rowsOf(`${root}/out`)) {
          assert.equal(score, null);
          assert.match(error!, /448 x 112: current value is 8 x 8$/);
        }
      },
    );
  });
});
