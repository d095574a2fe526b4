import assert from "node:assert/strict";
import { tryLock, withLock } from "../../lib/files/lock.ts";
import { FakeClock } from "../async/fake_clock.ts";
import { namesIn, withTemporary } from "../hub/_downloads.ts";

const { signal } = new AbortController();

const HOLDER = `
const file = await Deno.open(Deno.args[0], { write: true, create: true });
await file.lock(true);
console.log("held");
await new Promise((resolve) => setTimeout(resolve, 60_000));
`;

/** Runs while another process holds a lock. */
async function whileHeld(
  run: (path: string, kill: () => void) => Promise<void>,
): Promise<void> {
  await withTemporary(async (folder) => {
    const script = `${folder}/holder.ts`;
    await Deno.writeTextFile(script, HOLDER);
    const path = `${folder}/a.lock`;
    const child = new Deno.Command("deno", {
      args: ["run", "--allow-all", script, path],
      stdout: "piped",
      stderr: "null",
    }).spawn();
    const reader = child.stdout.getReader();
    try {
      await reader.read();
      await run(path, () => child.kill("SIGKILL"));
    } finally {
      try {
        child.kill("SIGKILL");
      } catch { /* it was killed before */ }
      await reader.cancel();
      await child.status;
    }
  });
}

Deno.test("withLock() runs, returns, and leaves no file", async () => {
  await withTemporary(async (folder) => {
    const path = `${folder}/a.lock`;
    assert.equal(
      await withLock(path, () => Promise.resolve(7), { signal }),
      7,
    );
    const fails = withLock(path, () => Promise.reject(new Error("no")), {
      signal,
    });
    await assert.rejects(fails, { message: "no" });
    assert.deepEqual(await namesIn(folder), []);
  });
});

Deno.test("withLock() lets one run at a time", async () => {
  await withTemporary(async (folder) => {
    let running = 0;
    let runs = 0;
    const clock = new FakeClock();
    const run = async () => {
      running += 1;
      assert.equal(running, 1);
      for (let i = 0; i < 5; i++) await Deno.stat(folder);
      running -= 1;
      runs += 1;
    };
    const path = `${folder}/a.lock`;
    await Promise.all(
      Array.from({ length: 8 }, () => withLock(path, run, { signal, clock })),
    );
    assert.equal(runs, 8);
    assert.deepEqual(await namesIn(folder), []);
  });
});

Deno.test("withLock() waits for another process, and frees a dead one's lock", async () => {
  await whileHeld(async (path, kill) => {
    let waits = 0;
    await withLock(path, () => Promise.resolve(), {
      signal,
      clock: new FakeClock(),
      onWait: () => {
        waits += 1;
        kill();
      },
    });
    assert.equal(waits, 1);
  });
});

Deno.test("withLock() can be told to wait no longer", async () => {
  await whileHeld(async (path) => {
    const stop = new AbortController();
    const waiting = withLock(path, () => assert.fail("it ran"), {
      signal: stop.signal,
      onWait: () => stop.abort(new Error("stopped")),
    });
    await assert.rejects(waiting, { message: "stopped" });
  });
});

Deno.test("tryLock() goes on where the file system has no locks", async () => {
  const noLocks = {
    tryLock: () =>
      Promise.reject(new Error("No locks available (os error 37)")),
  };
  assert.equal(await tryLock(noLocks), true);
});
