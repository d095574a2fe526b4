import assert from "node:assert/strict";
import { ahead, batches, eager } from "../../lib/async/ahead.ts";

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

Deno.test("eager() asks for items while the consumer is busy", async () => {
  let made = 0;
  async function* items(): AsyncGenerator<number> {
    while (true) yield await Promise.resolve(made++);
  }
  const results = eager(items(), 2);
  assert.equal((await results.next()).value, 0);
  while (made < 3) await Promise.resolve();
  assert.equal((await results.next()).value, 1);
  while (made < 4) await Promise.resolve();
  await results.return(undefined);
  assert.equal(made, 4);
});

Deno.test("eager() gives all items in order, and their failure", async () => {
  assert.deepEqual(await Array.fromAsync(eager(upTo(5), 3)), [0, 1, 2, 3, 4]);
  assert.deepEqual(await Array.fromAsync(eager(upTo(1), 3)), [0]);
  async function* failing(): AsyncGenerator<number> {
    yield* upTo(2);
    throw new Error("two");
  }
  const results = eager(failing(), 5);
  assert.equal((await results.next()).value, 0);
  assert.equal((await results.next()).value, 1);
  await assert.rejects(results.next(), /two/);
});

Deno.test("eager() ends what makes the items when it is left early", async () => {
  let isEnded = false;
  async function* items(): AsyncGenerator<number> {
    try {
      yield* upTo(100);
    } finally {
      isEnded = true;
    }
  }
  for await (const item of eager(items(), 2)) if (item === 1) break;
  assert.equal(isEnded, true);
});
