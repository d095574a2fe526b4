import assert from "node:assert/strict";
import { planRun } from "../../lib/batch/plan.ts";
import { mergeRun } from "../../lib/batch/merge.ts";
import { isMerged } from "../../lib/batch/runs.ts";
import { runShard } from "../../lib/batch/work.ts";
import { openDataSet } from "../../lib/data/open.ts";
import { evaluate } from "../../lib/evaluation/evaluate.ts";
import { reportCurves, summarise } from "../../lib/evaluation/summarise.ts";
import { showIn } from "../../lib/evaluation/thumbnails.ts";
import { renderReport } from "../../lib/report/html.ts";
import { Gallery } from "../../lib/results/gallery.ts";
import { readScores } from "../../lib/results/scores_parquet.ts";
import {
  entriesOf,
  mask,
  mvtecTree,
  packTar,
  packZip,
  png,
  type Tree,
  withFolder,
} from "../data/trees.ts";
import { xzArchive } from "../data/xz_fixture.ts";
import { imagesDone } from "./_progress.ts";
import {
  FakeDetector,
  input,
  keysOf,
  mergeRows,
  mergeTimeless,
  options,
  scoreAll,
  STORES,
  withOut,
} from "./_runs.ts";

const text = new TextEncoder();

async function tree(): Promise<Tree> {
  return {
    ...await mvtecTree(),
    "bottle/ground_truth/broken_large/002_mask.png": await mask(3, 6),
    "bottle/test/broken_large/002.png": await png(30),
    "bottle/test/good/empty.png": new Uint8Array(),
    "bottle/test/good/text.png": text.encode("this is no image"),
    "bottle/test/good/005.png": await png(55),
    "bottle/test/scratch/000.png": await png(90),
  };
}

Deno.test("mergeRun() gives what an evaluation of the same images gives", async () => {
  await withFolder(await tree(), async (data) => {
    const gallery = new Gallery();
    const dataSet = await openDataSet(data);
    const found = await evaluate(new FakeDetector(), dataSet, {
      onScored: (image) =>
        showIn(gallery, image, { colours: { scale: "map", range: [0, 1] } }),
    });
    for (const shards of [1, 3]) {
      await withOut(async (out) => {
        const plan = await planRun(input(data), out, options({ shards }));
        await scoreAll(plan, { partImages: shards, batchSize: 2 });
        const { summary, rows } = await mergeRows(plan, { stores: STORES });
        assert.deepEqual(summary, summarise(found, summary));
        assert.deepEqual(rows, found.rows);
        const curves = reportCurves(found);
        const page = renderReport({ summary, rows, gallery, curves });
        const folder = `runs/${plan.run}`;
        const report = await out.read(`${folder}/report.html`);
        assert.equal(new TextDecoder().decode(report), page);
        const stored = await out.read(`${folder}/scores.parquet`);
        assert.deepEqual(await readScores(stored), found.rows);
        const json = await out.read(`${folder}/summary.json`);
        assert.deepEqual(JSON.parse(new TextDecoder().decode(json)), summary);
        assert.equal(await isMerged(out, plan.run), true);
      });
    }
  });
});

Deno.test("mergeRun() gives the same for a folder and each kind of archive", async () => {
  const files = await tree();
  const entries = entriesOf(files);
  const tar = await packTar(entries.toReversed());
  const stream = (format: "gzip") =>
    new Response(
      new Blob([new Uint8Array(tar)]).stream().pipeThrough(
        new CompressionStream(format),
      ),
    ).bytes();
  const archives: Tree = {
    "set.zip": packZip(entries),
    "set.tar": tar,
    "set.tar.gz": await stream("gzip"),
  };
  await withFolder({ ...archives, ...files }, async (folder) => {
    await Deno.mkdir(`${folder}/all`);
    const results: unknown[] = [];
    for (const name of Object.keys(files)) {
      await Deno.mkdir(`${folder}/all/${name}`.replace(/\/[^/]+$/, ""), {
        recursive: true,
      });
      await Deno.rename(`${folder}/${name}`, `${folder}/all/${name}`);
    }
    for (const name of ["all", ...Object.keys(archives)]) {
      await withOut(async (out) => {
        const uri = `${folder}/${name}`;
        const plan = await planRun(input(uri), out, options({ shards: 2 }));
        await scoreAll(plan, { partImages: 2 });
        const { summary, rows } = await mergeTimeless(plan);
        results.push({ rows, summary: { ...summary, data: "" } });
      });
    }
    for (const result of results) assert.deepEqual(result, results[0]);
  });
});

Deno.test("mergeRun() works for a .tar.xz, whose order is its own", async () => {
  await withFolder({ "set.tar.xz": xzArchive() }, async (folder) => {
    await withOut(async (out) => {
      const uri = `${folder}/set.tar.xz`;
      const plan = await planRun(input(uri), out, options({ shards: 2 }));
      await scoreAll(plan);
      const { rows, summary } = await mergeRows(plan, { stores: STORES });
      assert.deepEqual(
        rows.map(({ key, label, error }) => [key, label, error]),
        [
          ["zipper/test/good/000.png", 0, null],
          ["zipper/test/split/000.png", 1, null],
        ],
      );
      assert.equal(summary.data, "set");
      assert.notEqual(summary.categories["zipper"]?.p_auroc, null);
    });
  });
});

Deno.test("mergeRun() refuses a run with images that are not scored", async () => {
  await withFolder(await tree(), async (data) => {
    await withOut(async (out) => {
      const plan = await planRun(input(data), out, options({ shards: 3 }));
      const merge = () => mergeRun(plan, { stores: STORES });
      for (const shard of [0, 2]) {
        await runShard(new FakeDetector(), plan, { shard, stores: STORES });
      }
      const shards = await imagesDone(plan);
      const totals = plan.ranges.map(({ start, end }) => end - start);
      assert.deepEqual(shards, [totals[0], 0, totals[2]]);
      assert.notEqual(totals[1], 0);
      const done = shards.reduce((sum, images) => sum + images);
      const total = plan.items.length;
      await assert.rejects(merge, {
        name: "RunError",
        message:
          `Cannot merge the run ${plan.run} as all ${total} images must be scored, with or without an error: current value is ${done}, shards not complete are 1`,
      });
      assert.deepEqual(await keysOf(out, `runs/${plan.run}/summary`), []);
    });
  });
});

Deno.test("mergeRun() refuses parts that are damaged or of another run", async () => {
  await withFolder(await tree(), async (data) => {
    await withOut(async (out) => {
      const plan = await planRun(input(data), out, options());
      const other = await planRun(input(data), out, options({ smooth: 1 }));
      await scoreAll(plan);
      await scoreAll(other);
      const part = (run: string) => `runs/${run}/parts/00000-000000000.parquet`;
      const bytes = await out.read(part(other.run));
      for (const wrong of [bytes, bytes.slice(0, 100), new Uint8Array()]) {
        await out.put(part(plan.run), wrong);
        await assert.rejects(() => mergeRun(plan, { stores: STORES }), {
          name: "DataSetError",
          message: /^Cannot read runs\/.* as it must be a part of this run: /,
        });
      }
    });
  });
});

Deno.test("mergeRun() ignores what lies beside the chain of parts", async () => {
  await withFolder(await tree(), async (data) => {
    await withOut(async (out) => {
      const plan = await planRun(input(data), out, options());
      await scoreAll(plan);
      const calm = await mergeRows(plan, { stores: STORES });
      const folder = `runs/${plan.run}/parts/`;
      const junk = ["00000-000000001.parquet", "0-0.parquet", "notes.txt"];
      for (const name of junk) {
        await out.put(`${folder}${name}`, new TextEncoder().encode("junk"));
      }
      const { rows } = await mergeRows(plan, { stores: STORES });
      assert.deepEqual(rows, calm.rows);
      const [again] = await scoreAll(plan);
      assert.equal(again?.resumed, rows.length);
    });
  });
});

Deno.test("mergeRun() leaves pictures out whose images are gone", async () => {
  await withFolder(await tree(), async (data) => {
    await withOut(async (out) => {
      const plan = await planRun(input(data), out, options());
      await scoreAll(plan);
      await Deno.remove(`${data}/bottle`, { recursive: true });
      const { summary } = await mergeRun(plan, { stores: STORES });
      assert.equal(summary.categories["bottle"]?.images, 8);
      const bytes = await out.read(`runs/${plan.run}/report.html`);
      const page = new TextDecoder().decode(bytes);
      assert.match(page, /metal_nut\/test\/bent\/000\.PNG/);
    });
  });
});
