/**
 * A small model to install, and a server that has it.
 *
 * @module
 */
import assert from "node:assert/strict";
import { METHODS } from "../../lib/methods/methods.ts";
import { openModelDirectory } from "../../lib/methods/model_directory.ts";
import type { HubOptions } from "../../lib/hub/hub_options.ts";
import { isModelInstalled } from "../../lib/hub/installed_model.ts";
import type { RegistryModel } from "../../lib/hub/registry.ts";
import { quick, sha256 } from "./_downloads.ts";
import { type Asked, type Reply, sendFile } from "./_server.ts";

const NANO = new URL("../../models/nano/", import.meta.url);

const PATHS = [
  "clip/config.json",
  "clip/merges.txt",
  "clip/model.safetensors",
  "clip/vocab.json",
  "resnet50.safetensors",
];

/** Its files. */
export const FILES: ReadonlyMap<string, Uint8Array> = new Map(
  await Promise.all(
    PATHS.map(async (path) =>
      [path, await Deno.readFile(new URL(path, NANO))] as const
    ),
  ),
);

/** A model whose files are nano's, on a Hugging Face that is not there. */
export const MODEL: RegistryModel = {
  name: "mini",
  description: "Mini",
  licence: "MIT",
  activation: "quick_gelu",
  method: METHODS[0],
  choices: { image_size: 112, taps: [1, 2, 3, 4] },
  clipConfig: undefined,
  files: [...FILES].map(([path, data]) => ({
    path,
    url: `https://huggingface.co/org/mini/resolve/abc123/${path}`,
    expected: { size: data.length, sha256: sha256(data) },
  })),
};

/** Answers as Hugging Face would. */
export function sendNano(asked: Asked): Reply {
  const path = asked.path.replace("/org/mini/resolve/abc123/", "");
  const data = FILES.get(path);
  return data === undefined ? { status: 404 } : sendFile(asked, data);
}

/** Options with an endpoint, and no waiting. */
export function at(endpoint: string, options: HubOptions = {}): HubOptions {
  const { huggingFace, ...others } = options;
  return {
    tuning: { ...quick(), segmentBytes: 1e6 },
    huggingFace: { endpoint, ...huggingFace },
    ...others,
  };
}

/** Asserts that a folder holds the model. */
export async function assertModel(folder: string): Promise<void> {
  for (const [path, data] of FILES) {
    assert.deepEqual(await Deno.readFile(`${folder}/${path}`), data, path);
  }
  const { architecture } = await openModelDirectory(folder, { head: false });
  assert.equal(architecture.imageSize, 112);
  assert.ok(await isModelInstalled(MODEL, folder));
}
