import assert from "node:assert/strict";
import { orAbort } from "../../lib/async/abortable.ts";
import { Held } from "../contract/collected.ts";

Deno.test("orAbort() gives what the work gives, or fails as it does", async () => {
  const { signal } = new AbortController();
  assert.equal(await orAbort(Promise.resolve(3), undefined), 3);
  assert.equal(await orAbort(Promise.resolve(3), signal), 3);
  const failing = Promise.reject(new Error("no"));
  await assert.rejects(orAbort(failing, signal), { message: "no" });
});

Deno.test("orAbort() rejects with the signal's reason, before or during the work", async () => {
  const controller = new AbortController();
  const waiting = orAbort(new Promise(() => {}), controller.signal);
  controller.abort(new Error("stop"));
  await assert.rejects(waiting, { message: "stop" });
  const later = orAbort(new Promise(() => {}), controller.signal);
  await assert.rejects(later, { message: "stop" });
});

Deno.test("orAbort() keeps nothing of work that is done", async () => {
  const { signal } = new AbortController();
  const held = new Held();
  for (let i = 0; i < 20; i++) {
    const result = await orAbort(Promise.resolve(new Uint8Array(8)), signal);
    held.add(result);
  }
  // The last one may still lie on the stack.
  assert(await held.count() <= 1);
  assert.equal(signal.aborted, false);
});
