import assert from "node:assert/strict";
import { evaluate } from "../../lib/evaluation/evaluate.ts";
import { OutputFolder } from "../../lib/evaluation/output_folder.ts";
import {
  type RawMaps,
  writeMaps,
  writeReports,
} from "../../lib/evaluation/result_files.ts";
import { reportCurves, summarise } from "../../lib/evaluation/summarise.ts";
import { Gallery } from "../../lib/results/gallery.ts";
import { decodeImage } from "../../lib/image/decode.ts";
import { readScores } from "../../lib/results/scores_parquet.ts";
import { cornerMask, fakeDataSet, RedDetector, SIDE } from "./_fakes.ts";

const DATA_SET = fakeDataSet([
  { key: "a/bad/0.png", label: 1, red: 200, mask: cornerMask() },
  { key: "a/good/0.png", red: 20 },
  { key: "a/good/1.png", broken: true },
]);

async function run(path: string, maps: RawMaps): Promise<void> {
  const folder = await OutputFolder.create(path);
  const colours = { scale: "map", range: [0, 1] } as const;
  const found = await evaluate(new RedDetector(), DATA_SET, {
    onScored: (image) => writeMaps(folder, image, { maps, colours }),
  });
  const summary = summarise(found, {
    model: "red",
    data: "fake",
    prompts: { a: "apple" },
    smooth: 0,
    seconds: 1,
  });
  await writeReports(folder, {
    summary,
    rows: found.rows,
    curves: reportCurves(found),
    gallery: new Gallery(),
  });
}

async function files(path: string, below = ""): Promise<string[]> {
  const names: string[] = [];
  for await (const entry of Deno.readDir(`${path}/${below}`)) {
    const name = `${below}${entry.name}`;
    names.push(...entry.isDirectory ? await files(path, `${name}/`) : [name]);
  }
  return names.sort();
}

Deno.test("writeReports() leaves what the design lists", async () => {
  const path = await Deno.makeTempDir();
  await run(path, "npy");
  assert.deepEqual(await files(path), [
    "figures.csv",
    "heatmaps/a/bad/0.png.png",
    "heatmaps/a/good/0.png.png",
    "maps/a/bad/0.png.npy",
    "maps/a/good/0.png.npy",
    "report.html",
    "scores.csv",
    "scores.csv-metadata.json",
    "scores.parquet",
    "summary.json",
  ]);
  const heatmap = await decodeImage(
    await Deno.readFile(`${path}/heatmaps/a/bad/0.png.png`),
  );
  assert.deepEqual([heatmap.width, heatmap.height], [SIDE, SIDE]);
  const rows = await readScores(await Deno.readFile(`${path}/scores.parquet`));
  assert.deepEqual(rows.map(({ key, error }) => [key, error]), [
    ["a/bad/0.png", null],
    ["a/good/0.png", null],
    ["a/good/1.png", "Cannot decode a truncated PNG"],
  ]);
  const summary = JSON.parse(await Deno.readTextFile(`${path}/summary.json`));
  assert.equal(summary.errors, 1);
  assert.equal(summary.categories.a.i_auroc, 1);
  const page = await Deno.readTextFile(`${path}/report.html`);
  assert.match(page, /^<!doctype html>[^]*<\/html>\s*$/i);
  await Deno.remove(path, { recursive: true });
});

Deno.test("writeMaps() writes M as float32 or its logit as float16", async () => {
  const path = await Deno.makeTempDir();
  for (
    const [maps, descr, bytes] of [["npy", "<f4", 4], [
      "f16",
      "<f2",
      2,
    ]] as const
  ) {
    await run(path, maps);
    const file = await Deno.readFile(`${path}/maps/a/bad/0.png.npy`);
    assert.match(new TextDecoder().decode(file), new RegExp(descr));
    assert.equal(file.length, 128 + SIDE * SIDE * bytes);
    const first = new DataView(file.buffer, 128);
    const value = maps === "npy"
      ? first.getFloat32(0, true)
      : 1 / (1 + Math.exp(-first.getFloat16(0, true)));
    assert.ok(Math.abs(value - 200.5 / 256) < 1e-3);
  }
  await run(path, "none");
  assert.equal(
    (await files(path)).some((name) => name.startsWith("maps")),
    false,
  );
  await Deno.remove(path, { recursive: true });
});
