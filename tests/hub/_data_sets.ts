/**
 * A small data set to install, and a server that has it.
 *
 * @module
 */
import type { DataSetEntry } from "../../lib/hub/data_sets.ts";
import type { HubOptions } from "../../lib/hub/hub_options.ts";
import { installDataSet } from "../../lib/hub/install_data_set.ts";
import { openDataSet } from "../../lib/data/open.ts";
import { below, entriesOf, mvtecTree, packTar } from "../data/trees.ts";
import { quick, sha256, withTemporary } from "./_downloads.ts";
import { sendFile, serve, type Server } from "./_server.ts";

/** What must be in it. */
export const ENTRY: DataSetEntry = {
  name: "mini",
  title: "Mini AD",
  licence: "CC0",
  page: "https://mini.invalid",
  otherwise: "it is sent by mail",
  categories: ["bottle", "metal_nut"],
  counts: { bottle: { train: 1, good: 1, bad: 2 } },
  total: { train: 2, good: 2, bad: 3 },
};

/** The same, with an archive at a server. */
export function entryAt(
  origin: string,
  data: Uint8Array,
  name: string = "mini.tar",
): DataSetEntry {
  const expected = { sha256: sha256(data) };
  const archive = { path: name, url: `${origin}/${name}`, expected };
  return { ...ENTRY, archive };
}

/** Options that need no network and no waiting. */
export function quietly(options: HubOptions = {}): HubOptions {
  return { tuning: { ...quick(), segmentBytes: 1e6 }, ...options };
}

/** Its archive. */
export async function miniTar(): Promise<Uint8Array> {
  return await packTar(entriesOf(below("mini_ad", await mvtecTree())));
}

/** Serves an archive and installs it. */
export async function withInstalled(
  data: Uint8Array,
  run: (folder: string, server: Server) => Promise<void>,
  options: HubOptions & { readonly name?: string } = {},
): Promise<void> {
  await using server = serve((asked) => sendFile(asked, data));
  await withTemporary(async (cache) => {
    const folder = `${cache}/data/mini`;
    const entry = entryAt(server.origin, data, options.name);
    await installDataSet(entry, folder, quietly(options));
    await run(folder, server);
  });
}

/** Keys of its images for tests. */
export async function keysOf(location: string): Promise<string[]> {
  const { samples } = await openDataSet(location);
  return await Array.fromAsync(samples(), ({ key }) => key);
}

/** The keys that it must have. */
export const KEYS: readonly string[] = [
  "bottle/test/broken_large/000.png",
  "bottle/test/broken_large/001.png",
  "bottle/test/good/000.png",
  "metal_nut/test/bent/000.PNG",
  "metal_nut/test/good/000.png",
];
