import assert from "node:assert/strict";
import { ahead, batches } from "../../lib/async/ahead.ts";

async function* upTo(count: number): AsyncGenerator<number> {
  for (let index = 0; index < count; index++) yield await index;
}

Deno.test("ahead() yields in order when later work ends first", async () => {
  const gates = Array.from({ length: 4 }, () => Promise.withResolvers<void>());
  async function work(index: number): Promise<number> {
    await gates[index]!.promise;
    return index * 10;
  }
  gates.toReversed().forEach((gate) => gate.resolve());
  const seen = await Array.fromAsync(ahead(upTo(4), work, 2));
  assert.deepEqual(seen, [0, 10, 20, 30]);
});

Deno.test("ahead() starts no more than it may", async () => {
  let started = 0;
  const results = ahead(upTo(100), (index) => {
    started++;
    return Promise.resolve(index);
  }, 2);
  assert.equal((await results.next()).value, 0);
  assert.equal(started, 3);
  assert.equal((await results.next()).value, 1);
  assert.equal(started, 4);
  await results.return(undefined);
});

Deno.test("ahead() passes on the failure of the item at hand", async () => {
  const results = ahead(
    upTo(5),
    (index) => index === 1 ? Promise.reject(new Error("one")) : upTo(1).next(),
    3,
  );
  assert.equal((await results.next()).done, false);
  await assert.rejects(results.next(), /one/);
  assert.equal((await results.next()).done, true);
});

Deno.test("batches() groups and keeps the rest", async () => {
  assert.deepEqual(await Array.fromAsync(batches(upTo(5), 2)), [
    [0, 1],
    [2, 3],
    [4],
  ]);
  assert.deepEqual(await Array.fromAsync(batches(upTo(0), 2)), []);
});
