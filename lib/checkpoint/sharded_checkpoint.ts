/**
 * Opens checkpoints that are spread over several files, with an index that
 * says which tensor lies in which.
 *
 * @see {@link https://huggingface.co/docs/transformers/big_models}
 *
 * @module
 */
import { dirname } from "node:path";
import { shownJson } from "../files/shown_json.ts";
import { cannotLoad } from "./cannot_load.ts";
import { isJsonObject, readJsonObject } from "./json_file.ts";
import { quote } from "./quote.ts";
import type { WeightEntry, Weights } from "./weights.ts";

/** Shards lie beside their index. */
const FILE_NAME_REGEXP = /^(?!\.)[\w.-]+$/;

async function readIndex(path: string): Promise<Map<string, string>> {
  const { weight_map: map } = await readJsonObject(path);
  if (!isJsonObject(map) || Object.keys(map).length === 0) {
    cannotLoad(path, "it must have a weight_map from tensors to files");
  }
  return new Map(
    Object.entries(map).map(([name, file]) => {
      if (typeof file === "string" && FILE_NAME_REGEXP.test(file)) {
        return [name, file];
      }
      cannotLoad(
        path,
        `tensor ${quote(name)} must be in a file beside it: current value ` +
          `is ${shownJson(file)}`,
      );
    }),
  );
}

/**
 * Opens a checkpoint of several files as one. Tensors that the index does not
 * name are left out.
 *
 * @param path Path of the index, such as model.safetensors.index.json.
 * @param open Opens one of the files.
 * @throws {ModelError} If a file is missing or damaged, or lacks a tensor that
 * the index says it holds.
 */
export async function openSharded(
  path: string,
  open: (path: string) => Promise<Weights>,
): Promise<Weights> {
  const index = await readIndex(path);
  const shards = new Map<string, Weights>();
  const tensors = new Map<string, WeightEntry>();
  for (const [name, file] of index) {
    const shard = shards.get(file) ?? await open(`${dirname(path)}/${file}`);
    shards.set(file, shard);
    const entry = shard.tensors.get(name);
    if (entry === undefined) {
      cannotLoad(path, `tensor ${quote(name)} is missing in ${file}`);
    }
    tensors.set(name, entry);
  }
  return { path, tensors };
}
