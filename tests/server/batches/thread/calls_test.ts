import assert from "node:assert/strict";
import { RunError } from "../../../../lib/batch/run_error.ts";
import { ImageDecodeError } from "../../../../lib/image/image.ts";
import {
  Calls,
  type Method,
  Moved,
} from "../../../../lib/server/batches/thread/calls.ts";
import { StorageError } from "../../../../lib/storage/object_store.ts";

/** Both sides of a port, in one thread; they end with the block. */
function pair(methods: Record<string, Method>) {
  const { port1, port2 } = new MessageChannel();
  new Calls(port2, methods);
  return {
    calls: new Calls(port1, {}),
    [Symbol.dispose]() {
      port1.close();
      port2.close();
    },
  };
}

/** What a call throws that throws this. */
async function thrown(error: Error): Promise<Error> {
  using both = pair({ fail: () => Promise.reject(error) });
  return await both.calls.call("fail", []).then(
    () => assert.fail("it answers"),
    (found) => found,
  );
}

Deno.test("Calls.call() answers each call, in whatever order", async () => {
  const first = Promise.withResolvers<void>();
  using both = pair({
    echo: async ([text]) => {
      if (text === "a") await first.promise;
      else first.resolve();
      return text;
    },
  });
  const { calls } = both;
  const answers = [calls.call("echo", ["a"]), calls.call("echo", ["b"])];
  assert.deepEqual(await Promise.all(answers), ["a", "b"]);
});

Deno.test("Calls.call() keeps the class and the kind of errors", async () => {
  const stored = await thrown(new StorageError("gone", "unavailable"));
  assert.ok(stored instanceof StorageError);
  assert.equal(stored.failure, "unavailable");
  const run = await thrown(new RunError("odd", "configuration"));
  assert.ok(run instanceof RunError);
  assert.equal(run.failure, "configuration");
  const image = await thrown(new ImageDecodeError("bad", { reason: "broken" }));
  assert.ok(image instanceof ImageDecodeError);
  assert.equal(image.reason, "broken");
  const other = await thrown(Object.assign(new Error("a"), { name: "Own" }));
  assert.deepEqual([other.name, other.message], ["Own", "a"]);
});

Deno.test("Calls.call() tells the other side when it gives up", async () => {
  const told = Promise.withResolvers<unknown>();
  using both = pair({
    wait: (_, signal) =>
      new Promise((_, reject) =>
        signal.addEventListener("abort", () => {
          told.resolve(signal.reason);
          reject(signal.reason);
        })
      ),
  });
  const controller = new AbortController();
  const { signal } = controller;
  const call = both.calls.call("wait", [], { signal });
  controller.abort(new DOMException("enough", "AbortError"));
  await assert.rejects(call, { name: "AbortError", message: "enough" });
  assert.equal((await told.promise as Error).message, "enough");
});

Deno.test("Calls.call() that waits has the answer after the signal", async () => {
  using both = pair({
    wait: (_, signal) =>
      new Promise((resolve) =>
        signal.addEventListener("abort", () => resolve("stopped"))
      ),
  });
  const controller = new AbortController();
  const { signal } = controller;
  const call = both.calls.call("wait", [], { signal, waits: true });
  controller.abort();
  assert.equal(await call, "stopped");
});

Deno.test("Calls.end() fails calls that wait, and later ones", async () => {
  using both = pair({ never: () => new Promise(() => {}) });
  const call = both.calls.call("never", []);
  both.calls.end(new Error("over"));
  await assert.rejects(call, { message: "over" });
  await assert.rejects(both.calls.call("never", []), { message: "over" });
});

Deno.test("Moved bytes leave the side that answers", async () => {
  const bytes = new Uint8Array([1, 2, 3]);
  using both = pair({ take: () => Promise.resolve(new Moved(bytes)) });
  const taken = await both.calls.call<Uint8Array>("take", []);
  assert.deepEqual([...taken], [1, 2, 3]);
  assert.equal(bytes.length, 0);
});
