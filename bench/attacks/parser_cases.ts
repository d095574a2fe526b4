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
import { torchSave } from "../../tests/checkpoint/pytorch_archive.ts";
import { safetensors } from "../../tests/checkpoint/temporary.ts";
import { entriesOf, mvtecTree, packTar } from "../../tests/data/trees.ts";
import { GOOD_CASES } from "./good_cases.ts";
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
      const text = new TextDecoder().decode(mutator.jsonBytes(HEADER));
      await Deno.writeFile(path, safetensors(text, 40));
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
        const files = new Set(source.files);
        // A tar archive is a stream, and gives a file only in its turn.
        for await (const { read } of source.each(files)) await read();
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
  ...GOOD_CASES,
  model("mfp_clip.json"),
  model("clip/config.json"),
  ...RUN_CASES,
];
