import assert from "node:assert/strict";
import { transfer } from "../../../lib/hub/transfer/transfer.ts";
import { FakeClock } from "../../async/fake_clock.ts";
import { quick, withTemporary } from "../_downloads.ts";
import { sendFile } from "../_server.ts";
import { arrives, DATA, EXPECTED, fails, rangesOf } from "../_transfers.ts";

Deno.test("transfer() goes on where connections are cut", async () => {
  const { asked, retries } = await arrives((asked) => ({
    ...sendFile(asked, DATA),
    ...asked.index % 3 === 0 && { cutAfter: 300 },
  }));
  assert.ok(retries.length > 0);
  for (const { error } of retries) {
    assert.equal(error.name, "DownloadError");
    assert.match(error.message, /file\.bin as the connection must last: /);
  }
  assert.ok(rangesOf(asked).some((range) => range?.startsWith("bytes=300-")));
});

Deno.test("transfer() asks for no byte twice", async () => {
  const { asked } = await arrives((asked) => ({
    ...sendFile(asked, DATA),
    ...asked.index % 3 === 0 && { cutAfter: 300 },
  }), { expected: EXPECTED, connections: 1 });
  const ranges = rangesOf(asked);
  assert.equal(new Set(ranges).size, ranges.length);
});

Deno.test("transfer() joins no parts that cannot be told to fit", async () => {
  const { asked } = await arrives((asked) => ({
    ...sendFile(asked, DATA, {}),
    ...asked.index === 1 && { cutAfter: 5000 },
  }), {});
  assert.deepEqual(rangesOf(asked), ["bytes=0-999", null, null]);
});

Deno.test("transfer() starts again where a cut file has no ranges", async () => {
  const { asked } = await arrives((asked) => ({
    body: DATA,
    ...asked.index === 0 && { cutAfter: 5000 },
  }));
  assert.deepEqual(rangesOf(asked), ["bytes=0-999", "bytes=0-999"]);
});

Deno.test("transfer() gives up on a server that always cuts", async () => {
  const { retries, clock } = await fails(
    (asked) => ({ ...sendFile(asked, DATA), cutAfter: 0 }),
    { failure: "unavailable", message: /the connection must last/ },
  );
  assert.equal(retries.length, 5);
  assert.deepEqual(clock.waits, [1000, 2000, 4000, 8000, 16000]);
});

Deno.test("transfer() gives up on a server that cuts ever a little later", async () => {
  const policy = { allAttempts: 30 };
  const { retries } = await fails(
    (asked) => ({ ...sendFile(asked, DATA), cutAfter: 1 }),
    { failure: "unavailable", message: /the connection must last/ },
    { expected: EXPECTED, policy },
  );
  assert.equal(retries.length, 29);
});

Deno.test("transfer() gives up a request that stalls, and goes on", async () => {
  const { retries } = await arrives((asked) => ({
    ...sendFile(asked, DATA),
    ...asked.index === 2 && { stallAfter: 10 },
  }), {
    expected: EXPECTED,
    stallMilliseconds: 60,
    policy: { attempts: 100 },
  });
  assert.equal(retries[0]!.error.name, "DownloadError");
  assert.match(retries[0]!.error.message, /must send something within 0\.06 s/);
});

Deno.test("transfer() fails on a server that never answers", async () => {
  await fails(
    () => ({ stallAfter: 0, body: DATA }),
    { failure: "unavailable", message: /must send something within 0\.03 s/ },
    { expected: EXPECTED, stallMilliseconds: 30, policy: { attempts: 2 } },
  );
});

Deno.test("transfer() waits as a busy server asks", async () => {
  for (const status of [429, 503]) {
    const { clock } = await arrives((asked) =>
      asked.index === 0
        ? { status, headers: { "retry-after": "7" } }
        : sendFile(asked, DATA)
    );
    assert.deepEqual(clock.waits, [7000]);
  }
  const { clock } = await arrives((asked) => {
    const date = new Date(1_700_000_000_000 + 90_000).toUTCString();
    return asked.index === 0
      ? { status: 503, headers: { "retry-after": date } }
      : sendFile(asked, DATA);
  });
  assert.deepEqual(clock.waits, [90_000]);
});

Deno.test("transfer() does not wait longer than it may", async () => {
  const { clock } = await fails(
    () => ({ status: 429, headers: { "retry-after": "86400" } }),
    { failure: "unavailable", message: /current value is status 429$/ },
  );
  assert.deepEqual(clock.waits, []);
});

Deno.test("transfer() goes on after a part was refused", async () => {
  const { asked } = await arrives((asked) =>
    asked.index % 4 === 3 ? { status: 503 } : sendFile(asked, DATA)
  );
  const served = asked.filter(({ index }) => index % 4 !== 3);
  assert.equal(new Set(rangesOf(served)).size, 11);
});

Deno.test("transfer() does not try again what cannot succeed", async () => {
  const cases = [
    [404, "missing"],
    [410, "missing"],
    [401, "denied"],
    [403, "denied"],
    [400, "refused"],
    [501, "refused"],
  ] as const;
  for (const [status, failure] of cases) {
    const { asked } = await fails(() => ({ status }), {
      failure,
      message: new RegExp(`must send it: current value is status ${status}$`),
    });
    assert.equal(asked.length, 1);
  }
});

Deno.test("transfer() tries again when nobody listens", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  listener.close();
  const clock = new FakeClock();
  await withTemporary(async (folder) => {
    const run = transfer(
      `http://127.0.0.1:${port}/a?secret=1`,
      `${folder}/a`,
      quick(clock),
    );
    await assert.rejects(run, (error: Error) => {
      assert.equal(error.name, "DownloadError");
      assert.match(
        error.message,
        /\/a\?\.\.\. as 127\.0\.0\.1:\d+ must answer/,
      );
      assert.ok(!error.message.includes("secret"));
      return true;
    });
  });
  assert.equal(clock.waits.length, 5);
});
