/**
 * Readers of what good images leave behind: memories and profiles.
 *
 * @module
 */
import { zipSync } from "fflate";
import { learnMemory } from "../../lib/references/learn_memory.ts";
import {
  decodeMemory,
  encodeMemory,
} from "../../lib/references/memory_file.ts";
import { memoryHash } from "../../lib/references/memory_tensors.ts";
import { encodeProfile, readProfile } from "../../lib/references/profile.ts";
import { storedImages } from "../../lib/references/stored_images.ts";
import { scattered } from "../../tests/contract/numbers.ts";
import { openGraph } from "../../tests/references/graph_opener.ts";
import { sampleProfile } from "../../tests/references/sample_profile.ts";
import type { ParserCase } from "./parser_cases.ts";

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

const memoryFile: ParserCase = {
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

/** All readers. */
export const GOOD_CASES: readonly ParserCase[] = [
  memoryFile,
  {
    name: "profile folder",
    async open(folder) {
      const bytes = await memory();
      await Deno.writeFile(`${folder}/good-1.safetensors`, bytes);
      const profile = sampleProfile("nut", memoryHash(bytes));
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
      const text = encodeProfile(sampleProfile("nut", memoryHash(bytes)));
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
