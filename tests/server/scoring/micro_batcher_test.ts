import assert from "node:assert/strict";
import { MicroBatcher } from "../../../lib/server/scoring/micro_batcher.ts";
import { FakeDetector } from "../_server.ts";

function input(brightness: number, category = "bottle") {
  return { pixels: new Uint8Array(8 * 8 * 3).fill(brightness), category };
}

function batcherOf(
  detector: FakeDetector,
  options: Partial<ConstructorParameters<typeof MicroBatcher>[1]> = {},
): MicroBatcher {
  return new MicroBatcher((inputs) => detector.detect(inputs), {
    maxItems: 4,
    delay: 0,
    ...options,
  });
}

Deno.test("submit() puts images together while a batch runs", async () => {
  const detector = new FakeDetector();
  const { promise, resolve } = Promise.withResolvers<void>();
  detector.gate = promise;
  const batcher = batcherOf(detector);
  const first = batcher.submit(input(0));
  const others = Array.from({ length: 9 }, (_, i) => batcher.submit(input(i)));
  assert.equal(batcher.waiting, 5);
  resolve();
  await Promise.all([first, ...others]);
  assert.deepEqual(detector.batches, [1, 4, 4, 1]);
});

/** A clock that stands still until it is told to go on. */
class FakeClock {
  #time = 0;
  #timers: { readonly at: number; readonly callback: () => void }[] = [];

  now(): number {
    return this.#time;
  }

  after(milliseconds: number, callback: () => void): () => void {
    const timer = { at: this.#time + milliseconds, callback };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  }

  /** Lets time pass, and calls back what is due. */
  pass(milliseconds: number): void {
    this.#time += milliseconds;
    const due = this.#timers.filter(({ at }) => at <= this.#time);
    this.#timers = this.#timers.filter(({ at }) => at > this.#time);
    due.forEach(({ callback }) => callback());
  }
}

/** A batcher whose only batch so far took a second. */
async function slowBatcher(detector: FakeDetector, clock: FakeClock) {
  const { promise, resolve } = Promise.withResolvers<void>();
  detector.gate = promise;
  const batcher = batcherOf(detector, { clock });
  const first = batcher.submit(input(0));
  clock.pass(1000);
  resolve();
  await first;
  return batcher;
}

Deno.test("submit() waits for images on their way, if batches take long", async () => {
  const clock = new FakeClock();
  const detector = new FakeDetector();
  const batcher = await slowBatcher(detector, clock);
  const coming = batcher.announce();
  const second = batcher.submit(input(1));
  assert.equal(batcher.waiting, 1);
  const third = batcher.submit(input(2));
  coming[Symbol.dispose]();
  assert.equal(batcher.waiting, 0);
  coming[Symbol.dispose]();
  await Promise.all([second, third]);
  assert.deepEqual(detector.batches, [1, 2]);
});

Deno.test("submit() does not wait long for images that do not come", async () => {
  const clock = new FakeClock();
  const batcher = await slowBatcher(new FakeDetector(), clock);
  batcher.announce();
  const second = batcher.submit(input(1));
  // A twentieth of the second that the last batch took.
  clock.pass(49);
  assert.equal(batcher.waiting, 1);
  clock.pass(1);
  assert.equal(batcher.waiting, 0);
  await second;
  // That batch took no time, so that it is not worth waiting for a fuller one.
  const third = batcher.submit(input(2));
  assert.equal(batcher.waiting, 0);
  await third;
});

Deno.test("submit() gives each image its own result", async () => {
  const batcher = batcherOf(new FakeDetector());
  const scores = await Promise.all(
    [255, 0, 51].map((value) => batcher.submit(input(value))),
  );
  assert.deepEqual(
    scores.map(({ detection }) => detection.imageScore),
    [1, 0, 0.2],
  );
});

Deno.test("submit() bounds the bytes of a batch", async () => {
  const detector = new FakeDetector();
  const { promise, resolve } = Promise.withResolvers<void>();
  detector.gate = promise;
  const batcher = batcherOf(detector, { maxBytes: 8 * 8 * 3 * 2 });
  const all = Array.from({ length: 6 }, () => batcher.submit(input(1)));
  resolve();
  await Promise.all(all);
  assert.ok(detector.batches.every((size) => size <= 2));
});

Deno.test("submit() keeps the failure of one image from the others", async () => {
  const detector = new FakeDetector();
  detector.poison = "bad";
  const answered: boolean[] = [];
  const batcher = batcherOf(detector, {
    delay: 5,
    onMicroBatch: ({ isAnswered }) => answered.push(isAnswered),
  });
  const results = await Promise.allSettled([
    batcher.submit(input(1)),
    batcher.submit(input(2, "bad")),
    batcher.submit(input(3)),
  ]);
  assert.deepEqual(results.map(({ status }) => status), [
    "fulfilled",
    "rejected",
    "fulfilled",
  ]);
  assert.deepEqual(detector.batches, [3, 1, 1, 1]);
  assert.deepEqual(answered, [false, true, false, true]);
});

Deno.test("submit() drops images that nobody waits for", async () => {
  const detector = new FakeDetector();
  const { promise, resolve } = Promise.withResolvers<void>();
  detector.gate = promise;
  const batcher = batcherOf(detector);
  const first = batcher.submit(input(0));
  const controller = new AbortController();
  const gone = batcher.submit(input(1), controller.signal);
  const stays = batcher.submit(input(2));
  controller.abort(new Error("gone"));
  resolve();
  await assert.rejects(gone, /gone/);
  await Promise.all([first, stays]);
  assert.deepEqual(detector.batches, [1, 1]);
});

Deno.test("submit() keeps as many batches going as there are sessions", async () => {
  const detector = new FakeDetector();
  const { promise, resolve } = Promise.withResolvers<void>();
  detector.gate = promise;
  const batcher = batcherOf(detector, { sessions: 3, maxItems: 2 });
  const all = Array.from({ length: 12 }, () => batcher.submit(input(1)));
  assert.equal(detector.batches.length, 4);
  resolve();
  await Promise.all(all);
});

Deno.test("stop() refuses what waits and answers what runs", async () => {
  const detector = new FakeDetector();
  const { promise, resolve } = Promise.withResolvers<void>();
  detector.gate = promise;
  const batcher = batcherOf(detector);
  const runs = batcher.submit(input(0));
  const waits = batcher.submit(input(1));
  batcher.stop(new Error("over"));
  await assert.rejects(waits, /over/);
  await assert.rejects(batcher.submit(input(2)), /over/);
  resolve();
  await runs;
});

Deno.test("submit() ends the wait at once, though the detector is stuck", async () => {
  const detector = new FakeDetector();
  const { promise, resolve } = Promise.withResolvers<void>();
  detector.gate = promise;
  const batcher = batcherOf(detector);
  const controller = new AbortController();
  const runs = batcher.submit(input(0), controller.signal);
  const waits = batcher.submit(input(1), controller.signal);
  const stays = batcher.submit(input(2));
  controller.abort(new Error("gone"));
  await assert.rejects(runs, /gone/);
  await assert.rejects(waits, /gone/);
  await assert.rejects(batcher.submit(input(3), controller.signal), /gone/);
  assert.equal(batcher.waiting, 1);
  resolve();
  assert.equal((await stays).detection.imageScore, 2 / 255);
});

Deno.test("stop() answers what runs, though nobody waits any longer", async () => {
  const detector = new FakeDetector();
  const { promise, resolve } = Promise.withResolvers<void>();
  detector.gate = promise;
  const batcher = batcherOf(detector);
  const controller = new AbortController();
  const runs = batcher.submit(input(0), controller.signal);
  batcher.stop(new Error("over"));
  controller.abort(new Error("over"));
  resolve();
  await runs;
});
