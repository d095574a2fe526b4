import assert from "node:assert/strict";
import { Semaphore } from "../../lib/async/semaphore.ts";

Deno.test("tryAcquire() refuses units that are not free", () => {
  const semaphore = new Semaphore(3);
  const two = semaphore.tryAcquire(2);
  assert.equal(semaphore.tryAcquire(2), undefined);
  two?.[Symbol.dispose]();
  two?.[Symbol.dispose]();
  assert.equal(semaphore.taken, 0);
  assert.ok(semaphore.tryAcquire(3));
});

Deno.test("acquire() grants in the order of asking", async () => {
  const semaphore = new Semaphore(2);
  const first = await semaphore.acquire(2);
  const order: string[] = [];
  const large = semaphore.acquire(2).then((units) => {
    order.push("large");
    units[Symbol.dispose]();
  });
  const small = semaphore.acquire(1).then((units) => {
    order.push("small");
    units[Symbol.dispose]();
  });
  assert.equal(semaphore.tryAcquire(1), undefined);
  first[Symbol.dispose]();
  await Promise.all([large, small]);
  assert.deepEqual(order, ["large", "small"]);
  assert.equal(semaphore.taken, 0);
});

Deno.test("acquire() gives all there is where more is asked for", async () => {
  const semaphore = new Semaphore(4);
  using _all = await semaphore.acquire(10);
  assert.equal(semaphore.taken, 4);
});

Deno.test("acquire() lets others pass when its signal is aborted", async () => {
  const semaphore = new Semaphore(2);
  using _one = await semaphore.acquire(1);
  const controller = new AbortController();
  const large = semaphore.acquire(2, controller.signal);
  const small = semaphore.acquire(1);
  controller.abort(new Error("gone"));
  await assert.rejects(large, /gone/);
  using _other = await small;
  assert.equal(semaphore.taken, 2);
});

Deno.test("shrink() gives back what is not needed, once", async () => {
  const semaphore = new Semaphore(10);
  const units = await semaphore.acquire(8);
  const next = semaphore.acquire(7);
  units.shrink(9);
  assert.equal(semaphore.taken, 8);
  units.shrink(3);
  assert.equal(semaphore.taken, 10);
  units[Symbol.dispose]();
  units[Symbol.dispose]();
  assert.equal(semaphore.taken, 7);
  (await next)[Symbol.dispose]();
  assert.equal(semaphore.taken, 0);
});

Deno.test("grow() takes more where it is free, or nothing", async () => {
  const semaphore = new Semaphore(10);
  const units = semaphore.tryAcquire(0)!;
  assert.ok(units.grow(4));
  assert.ok(units.grow(3));
  assert.equal(semaphore.taken, 4);
  assert.equal(units.grow(11), false);
  const waiting = semaphore.acquire(7);
  assert.equal(units.grow(5), false);
  assert.equal(semaphore.taken, 4);
  units[Symbol.dispose]();
  assert.equal(semaphore.taken, 7);
  (await waiting)[Symbol.dispose]();
});
