/**
 * Reads hostile archives as `eval`, `score` and `download` do, and has a server
 * list them as batches:
 *
 *     deno run -A bench/attacks/hostile_archives.ts [--only WORD]
 *
 * Each reading must end with images, or with a sentence, within 60 s and 2 GB,
 * and must write nothing beside its folder. Prints a table, and ends with 1
 * where one did not.
 *
 * @module
 */
import { parseArgs } from "node:util";
import { mergeRun } from "../../lib/batch/merge.ts";
import { planRun } from "../../lib/batch/plan.ts";
import { RunError } from "../../lib/batch/run_error.ts";
import { openDataSet } from "../../lib/data/open.ts";
import { DataSetError } from "../../lib/data/sample.ts";
import { DiskError } from "../../lib/files/disk_error.ts";
import { unpack } from "../../lib/hub/unpack.ts";
import { ImageDecodeError } from "../../lib/image/image.ts";
import { StorageError } from "../../lib/storage/object_store.ts";
import { MemoryStore } from "../../tests/batch/_memory_store.ts";
import { input, options, scoreAll, STORES } from "../../tests/batch/_runs.ts";
import { attackedServer } from "./attacked_server.ts";
import { isOver, waitForBatch } from "./batches.ts";
import { type Case, Fault, printCases } from "./case_table.ts";
import { hostileArchives } from "./raw_archives.ts";

const { values: { only = "" } } = parseArgs({
  options: { only: { type: "string" } },
});

const folder = await Deno.makeTempDir({ prefix: "archives" });

/** Reads all images; a bad one is the fault of that image. */
async function evaluated(path: string): Promise<string> {
  const { samples } = await openDataSet(path);
  let [read, bad] = [0, 0];
  for await (const sample of samples()) {
    try {
      await sample.image();
      read++;
    } catch (error) {
      const isOwn = error instanceof ImageDecodeError ||
        error instanceof DataSetError;
      if (!isOwn) throw error;
      bad++;
    }
  }
  return `${read} images, ${bad} bad`;
}

async function scored(path: string): Promise<string> {
  const plan = await planRun(
    input(new URL(`file://${encodeURI(path)}`).href),
    new MemoryStore("out"),
    options(),
  );
  await scoreAll(plan);
  const { summary } = await mergeRun(plan, { stores: STORES });
  return `${summary.images} images, ${summary.errors} bad`;
}

async function unpacked(path: string): Promise<string> {
  const place = await Deno.makeTempDir({ dir: folder });
  await Deno.mkdir(`${place}/in`);
  const files = await unpack(path, `${place}/in`);
  const beside = [...Deno.readDirSync(place)].map(({ name }) => name);
  if (beside.length > 1) throw new Fault(`wrote ${beside}`);
  await Deno.remove(place, { recursive: true });
  return `${files.size} files`;
}

const server = await attackedServer(folder, [
  "--model=nano",
  `--allow-input=${folder}/`,
  `--allow-output=${folder}/out/`,
]);

async function served(path: string): Promise<string> {
  const url = `${server.address}/v1/batches`;
  const body = JSON.stringify({
    input: new URL(`file://${encodeURI(path)}`).href,
    output: `file://${folder}/out/`,
  });
  const headers = { "Content-Type": "application/json" };
  const answer = await fetch(url, { method: "POST", body, headers });
  const json = await answer.json();
  if (answer.status >= 500) throw new Fault(`status ${answer.status}`);
  if (answer.status !== 202) return `status ${answer.status}`;
  const told = await waitForBatch(`${server.address}${json.links.self}`);
  if (!isOver(told)) throw new Fault("it never ends");
  const text = JSON.stringify(told);
  if (/ at .*\.ts:\d/.test(text)) throw new Fault(`a stack: ${text}`);
  return `${told.state} ${told.error ?? ""}`;
}

const WAYS = {
  eval: evaluated,
  score: scored,
  download: unpacked,
  serve: served,
};
const cases: Case[] = [];
let count = 0;
for (const [name, make] of Object.entries(await hostileArchives())) {
  if (!name.includes(only)) continue;
  const kind = /\.(zip|tar|tar\.gz|tar\.xz)$/.exec(name)![0];
  const path = `${folder}/${count++}${kind}`;
  await Deno.writeFile(path, await make());
  for (const [way, read] of Object.entries(WAYS)) {
    cases.push({ name: `${way}: ${name}`, run: () => read(path) });
  }
}
const faults = await printCases(cases, {
  own: [DataSetError, DiskError, ImageDecodeError, RunError, StorageError],
  seconds: 60,
  megabytes: 2000,
});
// Exiting disposes of nothing.
await server[Symbol.asyncDispose]();
await Deno.remove(folder, { recursive: true }).catch(() => {});
Deno.exit(faults > 0 ? 1 : 0);
