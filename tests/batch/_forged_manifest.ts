/** Manifests that somebody changed, under the id that fits the change. */
import assert from "node:assert/strict";
import { manifestKey, runOf } from "../../lib/batch/manifest.ts";
import { openPlan } from "../../lib/batch/plan.ts";
import type { MemoryStore } from "./_memory_store.ts";

/** What is replaced in a manifest, and by what. */
export type Change = readonly [from: string | RegExp, to: string];

/** Expects each change of the manifest of a run to be refused. */
export async function assertForgedRefused(
  out: MemoryStore,
  run: string,
  changes: readonly Change[],
): Promise<void> {
  const text = new TextDecoder().decode(await out.read(manifestKey(run)));
  for (const [from, to] of changes) {
    const forged = new TextEncoder().encode(text.replace(from, to));
    assert.notEqual(runOf(forged), run);
    await out.put(manifestKey(runOf(forged)), forged);
    await assert.rejects(() => openPlan(out, runOf(forged)), {
      name: "DataSetError",
      message: /^Cannot open the run as its manifest must be as it was written/,
    });
  }
}
