/**
 * Readers of what runs leave behind: manifests, parts and results.
 *
 * @module
 */
import { manifestPartKey } from "../../lib/batch/manifest/stored_items.ts";
import {
  HELD_IMAGES,
  manifestKey,
  readRunManifest,
  runOf,
} from "../../lib/batch/manifest.ts";
import { mergeRun } from "../../lib/batch/merge.ts";
import { decodeErrors, decodePart, partKey } from "../../lib/batch/part.ts";
import { planRun } from "../../lib/batch/plan.ts";
import type { Plan } from "../../lib/batch/run.ts";
import {
  readNotes,
  readScores,
  writeScores,
} from "../../lib/results/scores_parquet.ts";
import { command as report } from "../../tasks/report.ts";
import { UsageError } from "../../tasks/cli/usage_error.ts";
import { MemoryStore } from "../../tests/batch/_memory_store.ts";
import { only, options, scoreAll } from "../../tests/batch/_runs.ts";
import { png } from "../../tests/data/trees.ts";
import type { ParserCase } from "./parser_cases.ts";

const IMAGES = 6;
const NOTE = "mfp_clip_part";

/** A run of a few images, in two shards. */
async function planned(heldImages = HELD_IMAGES): Promise<{
  data: MemoryStore;
  out: MemoryStore;
  plan: Plan;
}> {
  const data = new MemoryStore("data");
  for (let i = 0; i < IMAGES; i++) {
    await data.put(`nut/${i}.png`, new Uint8Array(await png(i)));
  }
  const out = new MemoryStore("out");
  const input = { uri: data.uri, stores: only(data) };
  const changes = options({ shards: 2, heldImages });
  return { data, out, plan: await planRun(input, out, changes) };
}

function linesOf(bytes: Uint8Array): unknown[] {
  const lines = new TextDecoder().decode(bytes).trim().split("\n");
  return lines.map((line) => JSON.parse(line));
}

async function readManifest(out: MemoryStore, bytes: Uint8Array<ArrayBuffer>) {
  const run = runOf(bytes);
  await out.put(manifestKey(run), bytes);
  const plan = await readRunManifest(out, run);
  await Array.fromAsync(plan.items.slice(0));
}

/** Manifests whose id was made to fit. */
function manifest(name: string, heldImages = HELD_IMAGES): ParserCase {
  return {
    name,
    async open() {
      const { out, plan } = await planned(heldImages);
      const lines = linesOf(await out.read(manifestKey(plan.run)));
      return (mutator) => readManifest(out, mutator.jsonLines(lines));
    },
  };
}

const manifestPart: ParserCase = {
  name: "part of a manifest",
  async open() {
    const { out, plan } = await planned(2);
    const [first, ...parts] = linesOf(await out.read(manifestKey(plan.run)));
    const [{ sha256, images }] = parts as [{ sha256: string; images: number }];
    const lines = linesOf(await out.read(manifestPartKey(sha256)));
    return async (mutator) => {
      const bytes = mutator.jsonLines(lines);
      const forged = runOf(bytes);
      await out.put(manifestPartKey(forged), bytes);
      const all = [first, { images, sha256: forged }, ...parts.slice(1)];
      const text = all.map((line) => `${JSON.stringify(line)}\n`).join("");
      await readManifest(out, new TextEncoder().encode(text));
    };
  },
};

/** A run that was scored, and a part of it as versions without seals wrote it. */
async function scored() {
  const { data, out, plan } = await planned();
  await scoreAll(plan, { stores: only(data) });
  const name = { run: plan.run, shard: 0, start: 0 };
  const stored = await out.read(partKey(name));
  const rows = await readScores(stored);
  const note: unknown = JSON.parse(readNotes(stored)[NOTE]!);
  const bytes = writeScores(rows, { [NOTE]: JSON.stringify(note) });
  return { stores: only(data), out, plan, name, rows, note, bytes };
}

const partBytes: ParserCase = {
  name: "part of a shard, its bytes",
  async open() {
    const { name, bytes } = await scored();
    return (mutator) => decodePart(name, mutator.bytes(bytes));
  },
};

/** A part whose Parquet is whole, up to the merge. */
const partNotes: ParserCase = {
  name: "part of a shard, its counts, merged",
  share: 1 / 4,
  async open() {
    const { stores, out, plan, name, rows, note } = await scored();
    return async (mutator) => {
      const text = JSON.stringify(mutator.json(note));
      await out.put(partKey(name), writeScores(rows, { [NOTE]: text }));
      await mergeRun(plan, { stores });
    };
  },
};

const errors: ParserCase = {
  name: "errors of a part",
  open() {
    const lines = ["a.png", "b.png"].map((key) => ({ key, stage: "decode" }));
    return Promise.resolve((mutator) => {
      const bytes = mutator.jsonLines(lines);
      return Promise.resolve().then(() => decodeErrors("a.jsonl", bytes));
    });
  },
};

/** Files of a run that `report compare` reads. */
const FILES = ["scores.parquet", "pixel_groups.parquet", "summary.json"];

/** What the command prints in place of a sentence is the fault. */
async function compare(folders: readonly string[]): Promise<void> {
  const told: unknown[] = [];
  const { error, log } = console;
  console.error = (text: unknown) => told.push(text);
  console.log = () => {};
  try {
    await report.main("report", ["compare", ...folders, "--json"]);
  } finally {
    Object.assign(console, { error, log });
  }
  const text = told.join("\n");
  if (/^ +at /m.test(text)) throw new Error(text);
  if (text !== "") throw new UsageError(text);
}

function compared(file: string): ParserCase {
  return {
    name: `${file}, compared`,
    async open(folder) {
      const { stores, out, plan } = await scored();
      await mergeRun(plan, { stores });
      const folders = ["a", "b"].map((name) => `${folder}/${name}`);
      const contents = new Map<string, Uint8Array>();
      for (const name of FILES) {
        const key = `runs/${plan.run}/${name}`;
        if (await out.head(key) === null) continue;
        contents.set(name, await out.read(key));
      }
      for (const into of folders) {
        await Deno.mkdir(into);
        for (const [name, bytes] of contents) {
          await Deno.writeFile(`${into}/${name}`, bytes);
        }
      }
      const bytes = contents.get(file) ?? new Uint8Array(9);
      return async (mutator) => {
        const changed = file.endsWith(".json")
          ? mutator.jsonBytes(JSON.parse(new TextDecoder().decode(bytes)))
          : mutator.bytes(bytes);
        await Deno.writeFile(`${folders[1]}/${file}`, changed);
        await compare(folders);
      };
    },
  };
}

/** All readers. */
export const RUN_CASES: readonly ParserCase[] = [
  manifest("manifest"),
  manifest("manifest in parts", 2),
  manifestPart,
  partBytes,
  partNotes,
  errors,
  ...FILES.map(compared),
];
