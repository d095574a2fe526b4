/**
 * Readers of files that others may have written, each with small valid files.
 *
 * @module
 */
import { gzipSync, zipSync } from "fflate";
import { readWeight } from "../../lib/checkpoint/safetensors.ts";
import { rowMajorStrides } from "../../lib/checkpoint/strides.ts";
import { openCheckpoint } from "../../lib/checkpoint/open_checkpoint.ts";
import { openArchiveSource, openDataSet } from "../../lib/data/open.ts";
import { parseList } from "../../lib/data/lists/list_file.ts";
import { fileBytes } from "../../lib/files/stored_bytes.ts";
import { openModelDirectory } from "../../lib/methods/model_directory.ts";
import {
  decodeMemory,
  encodeMemory,
} from "../../lib/references/memory_file.ts";
import { storedImages } from "../../lib/references/stored_images.ts";
import { learnMemory } from "../../lib/references/learn_memory.ts";
import { memoryHash } from "../../lib/references/memory_tensors.ts";
import {
  encodeProfile,
  type Profile,
  PROFILE_FORMAT,
  readProfile,
} from "../../lib/references/profile.ts";
import { scattered } from "../../tests/contract/numbers.ts";
import { torchSave } from "../../tests/checkpoint/pytorch_archive.ts";
import { safetensors } from "../../tests/checkpoint/temporary.ts";
import { entriesOf, mvtecTree, packTar } from "../../tests/data/trees.ts";
import { openGraph } from "../../tests/references/graph_opener.ts";
import type { Mutator } from "./mutations.ts";
import { RUN_CASES } from "./run_cases.ts";

/** Reads one mutated file. */
export type Read = (mutator: Mutator) => Promise<unknown>;

/** A reader. */
export interface ParserCase {
  /** What it reads. */
  readonly name: string;
  /** Slow readers get a part of the mutations. */
  readonly share?: number;
  /** Makes valid files; temporary ones go into `folder`. */
  open(folder: string): Promise<Read>;
}

const NANO = new URL("../../models/nano/", import.meta.url).pathname;

/** Opens a checkpoint, and reads all that is float in it. */
function checkpoint(name: string, make: () => Uint8Array): ParserCase {
  return {
    name,
    open(folder) {
      const file = make();
      const path = `${folder}/${name.replace(/.* /, "a")}`;
      return Promise.resolve(async (mutator) => {
        await Deno.writeFile(path, mutator.bytes(file));
        const { tensors } = await openCheckpoint(path);
        for (const entry of tensors.values()) await readWeight(entry);
      });
    },
  };
}

/** A header whose JSON is mutated and whose length fits. */
const header: ParserCase = {
  name: "safetensors header",
  open(folder) {
    const path = `${folder}/a.safetensors`;
    return Promise.resolve(async (mutator) => {
      await Deno.writeFile(path, safetensors(mutator.json(HEADER), 40));
      const { tensors } = await openCheckpoint(path);
      for (const entry of tensors.values()) await readWeight(entry);
    });
  },
};

const HEADER = {
  __metadata__: { format: "pt" },
  a: { dtype: "F32", shape: [2, 3], data_offsets: [0, 24] },
  b: { dtype: "F16", shape: [8], data_offsets: [24, 40] },
};

const index: ParserCase = {
  name: "safetensors index",
  async open(folder) {
    await Deno.writeFile(`${folder}/a.safetensors`, safetensors(HEADER, 40));
    const map = { a: "a.safetensors", b: "a.safetensors" };
    const value = { metadata: { total_size: 40 }, weight_map: map };
    const path = `${folder}/a.index.json`;
    return async (mutator) => {
      await Deno.writeFile(path, mutator.jsonBytes(value));
      await openCheckpoint(path);
    };
  },
};

function torch(): Uint8Array {
  const tensor = (...shape: number[]) => ({
    data: new Float32Array(shape.reduce((a, b) => a * b)),
    shape,
    strides: rowMajorStrides(shape),
  });
  return torchSave({ state_dict: { a: tensor(2, 3), b: tensor(4) } });
}

/** Opens an archive, and reads every file in it. */
function archive(
  name: string,
  pack: () => Promise<Uint8Array>,
): ParserCase {
  return {
    name,
    async open(folder) {
      const file = await pack();
      const path = `${folder}/a`;
      return async (mutator) => {
        await Deno.writeFile(path, mutator.bytes(file));
        const source = await openArchiveSource(await fileBytes(path));
        for (const inner of source.files) await source.read(inner);
      };
    },
  };
}

const ROWS = [
  { image: "a.png", category: "nut", label: 1, split: "test", mask: "m.png" },
  { image: "b/c.png", category: "nut", label: 0, split: "train", mask: null },
  { image: "d.png", category: "cup", label: "good", defect: "x" },
];

const CSV = "image,category,label,split,mask\na.png,nut,1,test,m.png\n" +
  '"b ""c"".png",nut,0,train,\nd.png,cup,good,test,\n';

const lists: ParserCase[] = [
  {
    name: "list CSV",
    open: () =>
      Promise.resolve((mutator) => {
        const bytes = mutator.bytes(new TextEncoder().encode(CSV));
        return Promise.resolve().then(() => parseList("a.csv", bytes));
      }),
  },
  {
    name: "list JSONL",
    open: () =>
      Promise.resolve((mutator) => {
        const bytes = mutator.jsonLines(ROWS);
        return Promise.resolve().then(() => parseList("a.jsonl", bytes));
      }),
  },
];

const META = {
  train: { nut: [{ img_path: "a.png", mask_path: "", cls_name: "nut" }] },
  test: {
    nut: [{
      img_path: "a.png",
      mask_path: "a.png",
      cls_name: "nut",
      specie_name: "x",
      anomaly: 1,
    }],
  },
};

const meta: ParserCase = {
  name: "meta.json",
  async open(folder) {
    const tree = await mvtecTree();
    await Deno.writeFile(`${folder}/a.png`, Object.values(tree)[0]!);
    return async (mutator) => {
      const bytes = mutator.jsonBytes(META);
      await Deno.writeFile(`${folder}/meta.json`, bytes);
      const data = await openDataSet(folder);
      return data.samples?.length;
    };
  },
};

const SIZES = { grid: 4, width: 3, taps: 2 };

async function memory(): Promise<Uint8Array<ArrayBuffer>> {
  const tap = (i: number) => Float32Array.from(scattered(48, i + 1));
  const images = [0, 1, 2].map((k) => ({
    key: `nut/${k}.png`,
    sha256: `${k}`.repeat(64),
    tiles: [{
      taps: { tap_0: tap(2 * k), tap_1: tap(2 * k + 1) },
      logits: Float32Array.from(scattered(16, k + 20)),
    }],
  }));
  const options = { sizes: SIZES, open: openGraph, features: 12 };
  const { memory } = await learnMemory(images, options);
  const model = "f".repeat(64);
  const origin = { category: "nut", model, side: 8, bitDepth: 16 };
  return encodeMemory({ memory, origin });
}

const memories: ParserCase = {
  name: "memory of good images",
  async open() {
    const file = await memory();
    return (mutator) =>
      Promise.resolve().then(() => {
        const bytes = mutator.bytes(file);
        decodeMemory(bytes, "a");
        return storedImages(bytes, "a");
      });
  },
};

function profileOf(sha256: string): Profile {
  return {
    format: PROFILE_FORMAT,
    model: { name: "nano", fingerprint: "0".repeat(64) },
    smooth: 0,
    precision: "f32",
    bit_depth: 16,
    target: { false_alarms: 0.05 },
    categories: {
      nut: {
        memory: { file: "good-1.safetensors", sha256 },
        good_sha256: "0".repeat(64),
        prompts: { normal: ["a"], abnormal: ["b"] },
        threshold: 1,
        pixel_threshold: 0.5,
        heat_range: [-1, 2],
        good_scores: [0, 1, 2, 3],
        false_alarms: { count: 3, of: 4, rate: 0.75, interval: [0.2, 1] },
        recall: null,
        images_needed: 19,
      },
    },
  };
}

const profiles: ParserCase[] = [
  {
    name: "profile folder",
    async open(folder) {
      const bytes = await memory();
      await Deno.writeFile(`${folder}/good-1.safetensors`, bytes);
      const profile = profileOf(memoryHash(bytes));
      return async (mutator) => {
        const json = mutator.jsonBytes(profile);
        await Deno.writeFile(`${folder}/profile.json`, json);
        await readProfile(folder);
      };
    },
  },
  {
    name: "profile zip",
    async open(folder) {
      const bytes = await memory();
      const text = encodeProfile(profileOf(memoryHash(bytes)));
      const zip = zipSync({
        "p/profile.json": new TextEncoder().encode(text),
        "p/good-1.safetensors": bytes,
      });
      return async (mutator) => {
        await Deno.writeFile(`${folder}/a.zip`, mutator.bytes(zip));
        await readProfile(`${folder}/a.zip`);
      };
    },
  },
];

/** Opens nano with another JSON file. */
function model(file: string): ParserCase {
  return {
    name: file,
    share: 1 / 4,
    async open(folder) {
      await Deno.mkdir(`${folder}/clip`);
      for (const inner of ["", "clip/"]) {
        for await (const { name, isFile } of Deno.readDir(`${NANO}${inner}`)) {
          if (!isFile || `${inner}${name}` === file) continue;
          await Deno.symlink(
            `${NANO}${inner}${name}`,
            `${folder}/${inner}${name}`,
          );
        }
      }
      const value = JSON.parse(await Deno.readTextFile(`${NANO}${file}`));
      return async (mutator) => {
        await Deno.writeFile(`${folder}/${file}`, mutator.jsonBytes(value));
        await openModelDirectory(folder);
      };
    },
  };
}

async function tar(): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await packTar(entriesOf(await mvtecTree())));
}

/** All readers. */
export const PARSERS: readonly ParserCase[] = [
  checkpoint("checkpoint .safetensors", () => safetensors(HEADER, 40)),
  header,
  index,
  checkpoint("PyTorch archive .pt", torch),
  archive("tar", tar),
  archive("tar.gz", async () => gzipSync(await tar())),
  archive("zip", async () => zipSync(await mvtecTree())),
  ...lists,
  meta,
  memories,
  ...profiles,
  model("mfp_clip.json"),
  model("clip/config.json"),
  ...RUN_CASES,
];
