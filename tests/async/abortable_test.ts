import assert from "node:assert/strict";
import { orAbort, unlessAborted } from "../../lib/async/abortable.ts";

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

/** A signal, and how many listen to it. */
function counted(): { signal: AbortSignal; listeners: Set<unknown> } {
  const { signal } = new AbortController();
  const listeners = new Set<unknown>();
  const add = signal.addEventListener.bind(signal);
  const remove = signal.removeEventListener.bind(signal);
  signal.addEventListener = (type: string, listener: EventListener) => {
    listeners.add(listener);
    add(type, listener);
  };
  signal.removeEventListener = (type: string, listener: EventListener) => {
    listeners.delete(listener);
    remove(type, listener);
  };
  return { signal, listeners };
}

Deno.test("orAbort() and unlessAborted() leave nothing at the signal when they are done", async () => {
  const { signal, listeners } = counted();
  for (const wait of [orAbort, unlessAborted]) {
    const { promise, resolve } = Promise.withResolvers<number>();
    const waiting = wait(promise, signal);
    assert.equal(listeners.size, 1);
    resolve(3);
    assert.equal(await waiting, 3);
    assert.equal(listeners.size, 0);
    await assert.rejects(wait(Promise.reject(new Error("no")), signal));
    assert.equal(listeners.size, 0);
  }
});

Deno.test("unlessAborted() gives undefined when the signal is aborted", async () => {
  const controller = new AbortController();
  const waiting = unlessAborted(new Promise(() => {}), controller.signal);
  controller.abort(new Error("stop"));
  assert.equal(await waiting, undefined);
});
