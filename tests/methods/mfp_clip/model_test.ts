import assert from "node:assert/strict";
import { openSafetensors } from "../../../lib/checkpoint/safetensors.ts";
import {
  type Golden,
  goldenExpected,
  GOLDENS,
} from "../../golden/mfp_clip/golden.ts";
import { expectedOf, idsFor, openGolden, rgbOf } from "./goldens.ts";
import { assertAsExpected, runModel } from "./whole_model.ts";

/** The ids that the specification read, [2, n]. */
async function expectedIds(golden: Golden, category: string) {
  const path = goldenExpected(golden, category);
  const { offset, byteLength } = (await openSafetensors(path)).tensors.get(
    "ids",
  )!;
  const bytes = await Deno.readFile(path);
  const ids = new BigInt64Array(
    bytes.slice(offset, offset + byteLength).buffer,
  );
  return Array.from(ids, Number);
}

for (const golden of GOLDENS) {
  Deno.test(`mfpClip() equals the specification: ${golden.name}`, async () => {
    await using opened = await openGolden(golden);
    const { model } = opened;
    const rgb = await rgbOf(golden);
    for (const [i, category] of golden.categories.entries()) {
      const categories = Array(3).fill(category);
      const { ids } = idsFor(model, [category]);
      assert.deepEqual(ids.data, await expectedIds(golden, category));
      const expected = await expectedOf(golden, category);
      const fused = await runModel({ model, rgb, categories });
      assertAsExpected(fused, expected, category);
      if (i > 0) continue;
      const spelt = await runModel({ model, rgb, categories }, {}, {
        fuse: false,
      });
      assertAsExpected(spelt, expected, `${category}, spelt out`);
    }
  });
}
