import assert from "node:assert/strict";
import {
  startSessionEarly,
  takeSession,
} from "../../lib/onnx/early_session.ts";

Deno.test("takeSession() gives the session that was started early, once", async () => {
  await using _ = startSessionEarly();
  await using first = takeSession();
  await using second = takeSession();
  assert.notEqual(first, second);
});

/** Counts the workers that are ended while something is done. */
async function endedDuring(work: () => Promise<void>): Promise<number> {
  const { Worker } = globalThis;
  let ended = 0;
  globalThis.Worker = class extends Worker {
    override terminate() {
      ended++;
      super.terminate();
    }
  };
  try {
    await work();
    return ended;
  } finally {
    globalThis.Worker = Worker;
  }
}

Deno.test("startSessionEarly() closes a session at the end that nobody took", async () => {
  const ended = await endedDuring(async () => {
    await using _ = startSessionEarly();
  });
  assert.equal(ended, 1);
});

Deno.test("startSessionEarly() leaves a session at the end that was taken", async () => {
  let taken: ReturnType<typeof takeSession> | undefined;
  const ended = await endedDuring(async () => {
    await using _ = startSessionEarly();
    taken = takeSession();
  });
  assert.equal(ended, 0);
  await taken?.close();
});
