import assert from "node:assert/strict";
import { DiskError } from "../../../lib/files/disk_error.ts";
import {
  RETRY_POLICY,
  retryDelay,
  statusError,
  SYSTEM_CLOCK,
} from "../../../lib/hub/transfer/retry.ts";

const NOW = Date.UTC(2026, 0, 1);

function delayAfter(error: unknown, failures: number, random = 1) {
  const policy = RETRY_POLICY;
  return retryDelay(error, { failures, all: failures, policy, random });
}

function busy(retryAfter: string): Error {
  const headers = { "retry-after": retryAfter };
  const response = new Response(null, { status: 503, headers });
  return statusError("https://a.invalid/b", response, NOW);
}

Deno.test("retryDelay() doubles, up to a longest wait, and spreads", () => {
  const error = new Deno.errors.UnexpectedEof("cut");
  const waits = [1, 2, 3, 4, 5].map((n) => delayAfter(error, n));
  assert.deepEqual(waits, [1000, 2000, 4000, 8000, 16_000]);
  assert.equal(delayAfter(error, 6), undefined);
  assert.equal(delayAfter(error, 1, 0), 500);
  const policy = { ...RETRY_POLICY, attempts: 99 };
  const late = { failures: 20, all: 20, policy, random: 1 };
  assert.equal(retryDelay(error, late), 60_000);
});

Deno.test("retryDelay() waits as long as a server asks, within bounds", () => {
  assert.equal(delayAfter(busy("30"), 1), 30_000);
  assert.equal(delayAfter(busy("0"), 2), 2000);
  assert.equal(delayAfter(busy("600"), 1), 600_000);
  assert.equal(delayAfter(busy("601"), 1), undefined);
  assert.equal(delayAfter(busy("soon"), 1), 1000);
  assert.equal(delayAfter(busy(new Date(NOW + 5000).toUTCString()), 1), 5000);
  assert.equal(delayAfter(busy(new Date(NOW - 5000).toUTCString()), 1), 1000);
});

Deno.test("retryDelay() tries again only what may succeed", () => {
  const lasting = [
    new Deno.errors.NotFound("x"),
    new Deno.errors.PermissionDenied("x"),
    new Deno.errors.InvalidData("x"),
    new DiskError("x", "full"),
    new TypeError("a defect"),
    "x",
  ];
  for (const error of lasting) assert.equal(delayAfter(error, 1), undefined);
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
