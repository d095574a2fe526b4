import assert from "node:assert/strict";
import { mergeRun } from "../../lib/batch/merge.ts";
import { openPlan, planRun } from "../../lib/batch/plan.ts";
import { runShard } from "../../lib/batch/work.ts";
import type { ObjectStore } from "../../lib/storage/object_store.ts";
import { png } from "../data/trees.ts";
import { MemoryStore } from "./_memory_store.ts";
import { FakeDetector, only, options } from "./_runs.ts";

/** Calls of a store that no signal can end. */
function watched(store: ObjectStore, deaf: string[]): ObjectStore {
  return new Proxy(store, {
    get(target, name: keyof ObjectStore) {
      const member = target[name];
      if (typeof member !== "function") return member;
      return (...args: unknown[]) => {
        const last = args.at(-1);
        const hears = typeof last === "object" && last !== null &&
          "signal" in last && last.signal instanceof AbortSignal;
        if (!hears) deaf.push(`${name} ${args[0]}`);
        return Reflect.apply(member, target, args);
      };
    },
  });
}

Deno.test("planRun(), runShard(), openPlan() and mergeRun() hand their signal to every call of a store", async () => {
  const deaf: string[] = [];
  const data = new MemoryStore("data");
  for (let i = 0; i < 5; i++) {
    await data.put(`${i}.png`, new Uint8Array(await png(20 * i)));
  }
  await data.put("5.png", new TextEncoder().encode("no image"));
  const stores = only(watched(data, deaf));
  const out = watched(new MemoryStore("out"), deaf);
  const { signal } = new AbortController();
  const input = { uri: data.uri, stores };
  const first = await planRun(input, out, options({ signal, job: "first" }));
  await runShard(new FakeDetector(), first, {
    shard: 0,
    stores,
    signal,
    partImages: 2,
  });
  await mergeRun(await openPlan(out, first.run, { signal }), {
    stores,
    signal,
  });
  await planRun(input, out, options({ signal, since: "last" }));
  assert.deepEqual(deaf, []);
});
