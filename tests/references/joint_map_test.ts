import {
  openSafetensors,
  readTensor,
} from "../../lib/checkpoint/safetensors.ts";
import { jointGraph } from "../../lib/references/joint_map.ts";
import {
  type Arrays,
  type GoodImage,
  learnMemory,
} from "../../lib/references/learn_memory.ts";
import type { Memory } from "../../lib/references/memory.ts";
import { assertNumbers, numbers } from "../contract/numbers.ts";
import { openGraph, runOnce } from "./graph_opener.ts";

const CASES = await openSafetensors(
  `${import.meta.dirname}/../golden/references/cases.safetensors`,
);
const SIZES = { grid: 6, width: 8, taps: 2 };
const PATCHES = SIZES.grid ** 2;
const SIDE = 24;

/** Image `k` of tokens [K, T, P, D]. */
function tapsOf(tokens: Float32Array, k: number): Arrays {
  const size = PATCHES * SIZES.width;
  return Object.fromEntries([0, 1].map((t) => {
    const start = (k * SIZES.taps + t) * size;
    return [`tap_${t}`, tokens.subarray(start, start + size)];
  }));
}

async function goodImages(name: string): Promise<GoodImage[]> {
  const tokens = await readTensor(CASES, `${name}.good`);
  const logits = await readTensor(CASES, `${name}.good_logits`);
  return Array.from({ length: logits.length / PATCHES }, (_, k) => ({
    key: `${k}.png`,
    sha256: "0".repeat(64),
    tiles: [{
      taps: tapsOf(tokens, k),
      logits: logits.subarray(k * PATCHES, (k + 1) * PATCHES),
    }],
  }));
}

async function learn(name: string, features = 64): Promise<Memory> {
  const images = await goodImages(name);
  const options = { sizes: SIZES, open: openGraph, features };
  return (await learnMemory(images, options)).memory;
}

/** What a memory makes of one golden query. */
async function look(
  memory: Memory,
  { name, query, smooth = 0 }: {
    readonly name: string;
    readonly query: number;
    readonly smooth?: number;
  },
): Promise<Arrays> {
  const tokens = await readTensor(CASES, `${name}.query`);
  const logits = await readTensor(CASES, `${name}.logits`);
  return await runOnce(jointGraph(memory, { side: SIDE, smooth }), {
    ...tapsOf(tokens, query),
    patch_logit: logits.subarray(query * PATCHES, (query + 1) * PATCHES),
  });
}

for (
  const { name, what, features, smooth } of [
    { name: "1_good", what: "one good image", features: 64, smooth: 0 },
    { name: "2_good", what: "two good images", features: 64, smooth: 0 },
    { name: "5_good", what: "fewer features", features: 40, smooth: 1.5 },
  ]
) {
  Deno.test(`jointGraph() equals the specification with ${what}`, async () => {
    const memory = await learn(name, features);
    for (let query = 0; query < 3; query++) {
      const found = await look(memory, { name, query, smooth });
      for (const output of ["map", "logit_map", "score", "score_logit"]) {
        const expected = await readTensor(CASES, `${name}.${output}`);
        const size = expected.length / 3;
        assertNumbers(
          numbers([size], found[output]!),
          numbers([size], expected.subarray(query * size, (query + 1) * size)),
          { tolerance: 1e-4, label: `query ${query}: ${output}` },
        );
      }
    }
  });
}
