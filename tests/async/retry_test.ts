import assert from "node:assert/strict";
import {
  backoff,
  retry,
  retryAfterOf,
  type RetryOptions,
  SYSTEM_CLOCK,
} from "../../lib/async/retry.ts";
import { FakeClock } from "./fake_clock.ts";

const NOW = Date.UTC(2026, 0, 1);
const DELAYS = { firstDelay: 1, longestDelay: 60 };

/** Work that fails so often and then succeeds, and the waits between. */
async function waitsFor(
  failures: number,
  options: Partial<RetryOptions> = {},
): Promise<number[]> {
  const clock = new FakeClock();
  let calls = 0;
  const work = () => {
    calls += 1;
    if (calls <= failures) throw new Error(`failure ${calls}`);
    return Promise.resolve(calls);
  };
  assert.equal(
    await retry(work, { clock, retryAfter: () => 0, ...options }),
    failures + 1,
  );
  return clock.waits;
}

function asked(header: string): number | undefined {
  return retryAfterOf(new Headers({ "retry-after": header }), NOW);
}

Deno.test("backoff() doubles, up to a longest wait, and spreads", () => {
  const waits = [1, 2, 3, 7].map((n) =>
    backoff(n, DELAYS, { random: () => 1 })
  );
  assert.deepEqual(waits, [1000, 2000, 4000, 60_000]);
  assert.equal(backoff(1, DELAYS, { random: () => 0 }), 500);
});

Deno.test("retryAfterOf() reads seconds and dates", () => {
  assert.equal(asked("30"), 30);
  assert.equal(asked("soon"), undefined);
  assert.equal(asked(new Date(NOW + 5000).toUTCString()), 5);
  assert.equal(asked(new Date(NOW - 5000).toUTCString()), 0);
  assert.equal(retryAfterOf(new Headers(), NOW), undefined);
});

Deno.test("retry() waits longer after each failure, and gives up at last", async () => {
  assert.deepEqual(await waitsFor(0), []);
  assert.deepEqual(await waitsFor(5), [1000, 2000, 4000, 8000, 16_000]);
  await assert.rejects(waitsFor(6), { message: "failure 6" });
});

Deno.test("retry() waits as long as a failure asks, within bounds", async () => {
  const waits = (seconds: number) => waitsFor(1, { retryAfter: () => seconds });
  assert.deepEqual(await waits(30), [30_000]);
  assert.deepEqual(await waits(600), [600_000]);
  await assert.rejects(waits(601), { message: "failure 1" });
});

Deno.test("retry() throws at once what another attempt does not help", async () => {
  const clock = new FakeClock();
  const retryAfter = () => undefined;
  await assert.rejects(waitsFor(1, { retryAfter, clock }));
  assert.deepEqual(clock.waits, []);
});

Deno.test("retry() counts failures anew when the work got on, up to a number in all", async () => {
  let reached = 0;
  const progress = () => reached++;
  assert.deepEqual(await waitsFor(9, { progress }), Array(9).fill(1000));
  const policy = { allAttempts: 9 };
  await assert.rejects(waitsFor(9, { progress, policy }), {
    message: "failure 9",
  });
});

Deno.test("retry() ends with the reason of its signal", async () => {
  const stop = new AbortController();
  const onRetry = () => stop.abort(new Error("stopped"));
  const { signal } = stop;
  await assert.rejects(waitsFor(1, { signal, onRetry }), {
    message: "stopped",
  });
  await assert.rejects(waitsFor(0, { signal }), { message: "stopped" });
});

Deno.test("SYSTEM_CLOCK sleeps until the time is over or the signal", async () => {
  const stop = new AbortController();
  await SYSTEM_CLOCK.sleep(1, stop.signal);
  const sleep = SYSTEM_CLOCK.sleep(60_000, stop.signal);
  stop.abort(new Error("stopped"));
  await assert.rejects(sleep, { message: "stopped" });
  await assert.rejects(SYSTEM_CLOCK.sleep(60_000, stop.signal), {
    message: "stopped",
  });
});
