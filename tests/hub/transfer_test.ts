import assert from "node:assert/strict";
import {
  transfer,
  type TransferOptions,
  type TransferRetry,
} from "../../lib/hub/transfer.ts";
import {
  FakeClock,
  namesIn,
  quick,
  sha256,
  withTemporary,
} from "./_downloads.ts";
import { type Asked, bytes, type Reply, sendFile, serve } from "./_server.ts";

const DATA = bytes(10_500);
const EXPECTED = { size: DATA.length, sha256: sha256(DATA) };

interface Outcome {
  readonly asked: readonly Asked[];
  readonly retries: readonly TransferRetry[];
  readonly clock: FakeClock;
}

type Answer = (asked: Asked) => Reply;

/** Downloads from a server; the file must arrive whole and alone. */
async function arrives(
  answer: Answer,
  options: TransferOptions = { expected: EXPECTED },
  data: Uint8Array = DATA,
): Promise<Outcome> {
  const clock = new FakeClock();
  const retries: TransferRetry[] = [];
  await using server = serve(answer);
  await withTemporary(async (folder) => {
    const target = `${folder}/file.bin`;
    const measured = await transfer(`${server.origin}/file.bin`, target, {
      ...quick(clock),
      onRetry: (retry) => retries.push(retry),
      ...options,
    });
    assert.deepEqual(await Deno.readFile(target), data);
    assert.deepEqual(measured, { size: data.length, sha256: sha256(data) });
    assert.deepEqual(await namesIn(folder), ["file.bin"]);
  });
  return { asked: server.asked, retries, clock };
}

/** Fails to download; no file may appear under the name. */
async function fails(
  answer: Answer,
  expected: { readonly name: string; readonly message: RegExp },
  options: TransferOptions = { expected: EXPECTED },
): Promise<Outcome> {
  const clock = new FakeClock();
  const retries: TransferRetry[] = [];
  await using server = serve(answer);
  await withTemporary(async (folder) => {
    const target = `${folder}/file.bin`;
    const run = transfer(`${server.origin}/file.bin`, target, {
      ...quick(clock),
      onRetry: (retry) => retries.push(retry),
      ...options,
    });
    await assert.rejects(run, expected);
    assert.ok(!(await namesIn(folder)).includes("file.bin"));
  });
  return { asked: server.asked, retries, clock };
}

function rangesOf(asked: readonly Asked[]): (string | null)[] {
  return asked.map(({ headers }) => headers.get("range")).sort();
}

Deno.test("transfer() fetches a file in parts, each once", async () => {
  const progress: [number, number | null][] = [];
  const { asked, retries } = await arrives((asked) => sendFile(asked, DATA), {
    expected: EXPECTED,
    onProgress: ({ received, total }) => progress.push([received, total]),
  });
  assert.equal(asked.length, 11);
  assert.equal(new Set(rangesOf(asked)).size, 11);
  assert.deepEqual(retries, []);
  assert.deepEqual(progress.at(-1), [10_500, 10_500]);
  const received = progress.map(([bytes]) => bytes);
  assert.deepEqual(received, received.toSorted((a, b) => a - b));
  for (const { headers } of asked) {
    assert.equal(headers.get("accept-encoding"), "identity");
    assert.equal(headers.get("authorization"), null);
  }
});

Deno.test("transfer() needs to know nothing of the file", async () => {
  await arrives((asked) => sendFile(asked, DATA), {});
});

Deno.test("transfer() fetches a short file in one request without a range", async () => {
  const data = bytes(900);
  const expected = { size: 900, sha256: sha256(data) };
  const { asked } = await arrives(
    (asked) => sendFile(asked, data),
    { expected },
    data,
  );
  assert.deepEqual(rangesOf(asked), [null]);
});

Deno.test("transfer() fetches an empty file", async () => {
  const empty = new Uint8Array();
  await arrives((asked) => sendFile(asked, empty), {}, empty);
  await arrives(() => ({ body: empty }), { expected: { size: 0 } }, empty);
});

Deno.test("transfer() takes a whole file where ranges are ignored", async () => {
  const { asked } = await arrives(() => ({ body: DATA }));
  assert.equal(asked.length, 1);
  await arrives(() => ({ body: DATA, length: null }));
  await arrives(() => ({ body: DATA, length: null }), {});
});

Deno.test("transfer() asks in one piece where parts cannot be told to fit", async () => {
  const { asked } = await arrives((asked) => sendFile(asked, DATA, {}), {});
  assert.deepEqual(rangesOf(asked), ["bytes=0-999", null]);
});

Deno.test("transfer() goes on where connections are cut", async () => {
  const { asked, retries } = await arrives((asked) => ({
    ...sendFile(asked, DATA),
    ...asked.index % 3 === 0 && { cutAfter: 300 },
  }));
  assert.ok(retries.length > 0);
  for (const { error } of retries) {
    assert.equal(error.name, "UnexpectedEof");
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
    { name: "UnexpectedEof", message: /the connection must last/ },
  );
  assert.equal(retries.length, 5);
  assert.deepEqual(clock.waits, [1000, 2000, 4000, 8000, 16000]);
});

Deno.test("transfer() gives up on a server that cuts ever a little later", async () => {
  const policy = { allAttempts: 30 };
  const { retries } = await fails(
    (asked) => ({ ...sendFile(asked, DATA), cutAfter: 1 }),
    { name: "UnexpectedEof", message: /the connection must last/ },
    { expected: EXPECTED, policy },
  );
  assert.equal(retries.length, 29);
});

Deno.test("transfer() gives up a request that stalls, and goes on", async () => {
  const { retries } = await arrives((asked) => ({
    ...sendFile(asked, DATA),
    ...asked.index === 2 && { stallAfter: 10 },
  }), { expected: EXPECTED, stallMilliseconds: 60 });
  assert.equal(retries[0]!.error.name, "TimedOut");
  assert.match(retries[0]!.error.message, /must send something within 0\.06 s/);
});

Deno.test("transfer() fails on a server that never answers", async () => {
  await fails(
    () => ({ stallAfter: 0, body: DATA }),
    { name: "TimedOut", message: /must send something within 0\.03 s/ },
    { expected: EXPECTED, stallMilliseconds: 30, policy: { attempts: 2 } },
  );
});

Deno.test("transfer() never accepts a corrupted byte", async () => {
  const corrupted = DATA.slice();
  corrupted[7777]! ^= 1;
  const { retries } = await arrives((asked) =>
    sendFile(asked, asked.index < 11 ? corrupted : DATA)
  );
  assert.match(
    retries[0]!.error.message,
    /its SHA-256 must be [0-9a-f]{64}: current value is [0-9a-f]{64}$/,
  );
  await fails((asked) => sendFile(asked, corrupted), {
    name: "InvalidData",
    message: /^Cannot use what http.*file\.bin sends as its SHA-256 must be/,
  });
});

Deno.test("transfer() checks the digits of a hash that are known", async () => {
  const prefix = { sha256: EXPECTED.sha256.slice(0, 8) };
  await arrives((asked) => sendFile(asked, DATA), { expected: prefix });
  await fails(
    (asked) => sendFile(asked, bytes(10_500, 2)),
    {
      name: "InvalidData",
      message: /its SHA-256 must start with [0-9a-f]{8}:/,
    },
    { expected: prefix },
  );
});

Deno.test("transfer() sees through a length that is too large", async () => {
  await fails(
    () => ({ body: DATA.subarray(0, 9000), length: 10_500 }),
    { name: "UnexpectedEof", message: /must last/ },
    { expected: {}, policy: { attempts: 3, allAttempts: 9 } },
  );
});

Deno.test("transfer() sees through a length that is too small", async () => {
  const size = {
    name: "InvalidData",
    message: /its size must be 10500 bytes: current value is 9000$/,
  };
  await fails(() => ({ body: DATA, length: 9000 }), size);
  await fails(
    () => ({ body: DATA, length: 9000 }),
    { name: "InvalidData", message: /its SHA-256 must be/ },
    { expected: { sha256: EXPECTED.sha256 } },
  );
});

Deno.test("transfer() takes no parts that are not those asked for", async () => {
  const shifted: Answer = (asked) => {
    const reply = sendFile(asked, DATA);
    const range = reply.headers!["content-range"]?.replace(/\d+-/, "7-");
    return asked.index === 0 || range === undefined
      ? reply
      : { ...reply, headers: { ...reply.headers, "content-range": range } };
  };
  const { asked } = await arrives(shifted);
  assert.equal(asked.at(-1)!.headers.get("range"), null);
  await fails(
    () => ({ status: 206, body: DATA }),
    { name: "NotSupported", message: /current value is status 206$/ },
  );
});

Deno.test("transfer() gives up on a file that keeps changing", async () => {
  await fails(
    (asked) => ({
      ...sendFile(asked, DATA, { etag: `"${asked.index}"` }),
      cutAfter: 5000,
    }),
    {
      name: "NotSupported",
      message: /^Cannot join the parts of .* all of one version of the file$/,
    },
    { expected: {} },
  );
});

Deno.test("transfer() starts again when the file changes meanwhile", async () => {
  const old = bytes(10_500, 3);
  const { retries } = await arrives((asked) =>
    asked.index < 4
      ? sendFile(asked, old, { etag: '"old"' })
      : sendFile(asked, DATA, { etag: '"new"' })
  );
  assert.match(retries[0]!.error.message, /^Cannot join the parts of/);
});

Deno.test("transfer() joins no parts of two versions that only tags tell apart", async () => {
  const old = bytes(10_500, 3);
  const noCondition: Answer = (asked) => {
    asked.headers.delete("if-range");
    return asked.index < 4
      ? sendFile(asked, old, { etag: 'W/"old"' })
      : sendFile(asked, DATA, { etag: 'W/"new"' });
  };
  await arrives(noCondition, {});
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
    { name: "Http", message: /current value is status 429$/ },
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
    [404, "NotFound"],
    [410, "NotFound"],
    [401, "PermissionDenied"],
    [403, "PermissionDenied"],
    [400, "NotSupported"],
    [501, "NotSupported"],
  ] as const;
  for (const [status, name] of cases) {
    const { asked } = await fails(() => ({ status }), {
      name,
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
      assert.equal(error.name, "Http");
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

Deno.test("transfer() checks the room on the disk before it writes", async () => {
  const free = () => Promise.resolve(64 * 2 ** 20 + 10_000);
  const { asked } = await fails(
    (asked) => sendFile(asked, DATA),
    {
      name: "WriteZero",
      message:
        /file\.bin as its disk must have room for it: 10\.5 kB are needed and 10\.0 kB are free$/,
    },
    { expected: EXPECTED, free },
  );
  assert.equal(asked.length, 1);
});

Deno.test("transfer() asks the system for the room on the disk", async () => {
  await using server = serve((asked) => sendFile(asked, DATA));
  await withTemporary(async (folder) => {
    const { free: _, ...options } = quick();
    await transfer(`${server.origin}/a`, `${folder}/a`, options);
  });
});
