import assert from "node:assert/strict";
import { transfer } from "../../../lib/hub/transfer/transfer.ts";
import { namesIn, quick, withTemporary } from "../_downloads.ts";
import { bytes, sendFile, serve } from "../_server.ts";
import { type Answer, arrives, DATA, EXPECTED, fails } from "../_transfers.ts";

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
    failure: "damaged",
    message: /^Cannot use what http.*file\.bin sends as its SHA-256 must be/,
  });
});

Deno.test("transfer() checks the digits of a hash that are known", async () => {
  const prefix = { sha256: EXPECTED.sha256.slice(0, 8) };
  await arrives((asked) => sendFile(asked, DATA), { expected: prefix });
  await fails(
    (asked) => sendFile(asked, bytes(10_500, 2)),
    {
      failure: "damaged",
      message: /its SHA-256 must start with [0-9a-f]{8}:/,
    },
    { expected: prefix },
  );
});

Deno.test("transfer() sees through a length that is too large", async () => {
  await fails(
    () => ({ body: DATA.subarray(0, 9000), length: 10_500 }),
    { failure: "unavailable", message: /must last/ },
    { expected: {}, policy: { attempts: 3, allAttempts: 9 } },
  );
});

Deno.test("transfer() sees through a length that is too small", async () => {
  const size = {
    failure: "damaged",
    message: /its size must be 10500 bytes: current value is 9000$/,
  };
  await fails(() => ({ body: DATA, length: 9000 }), size);
  await fails(
    () => ({ body: DATA, length: 9000 }),
    { failure: "damaged", message: /its SHA-256 must be/ },
    { expected: { sha256: EXPECTED.sha256 } },
  );
});

Deno.test("transfer() reads no further than a file may be long", async () => {
  const body = bytes(1_000_000);
  const { retries } = await fails(
    () => ({ body, length: null, stallAfter: body.length }),
    {
      failure: "damaged",
      message: /its size must be 10500 bytes: current value is 10501$/,
    },
  );
  assert.equal(retries.length, 1);
});

Deno.test("transfer() bounds a file whose size nobody says", async () => {
  const body = bytes(20_000);
  const options = { expected: {}, mostBytes: 10_500 };
  const message = /^Cannot download http\S+ as it must have at most 10500 by/;
  const refused = { failure: "refused", message };
  const { asked } = await fails(
    () => ({ body, length: null, stallAfter: body.length }),
    refused,
    options,
  );
  assert.equal(asked.length, 1);
  await fails(() => ({ body }), refused, options);
  await arrives(() => ({ body: DATA, length: null }), options);
});

Deno.test("transfer() leaves room on the disk where no size is told", async () => {
  await using server = serve(() => ({
    body: new Uint8Array(20e6),
    length: null,
  }));
  await withTemporary(async (folder) => {
    const rooms = [1e12, 1e12, 6e7];
    const run = transfer(`${server.origin}/file.bin`, `${folder}/file.bin`, {
      ...quick(),
      free: () => Promise.resolve(rooms.shift()!),
    });
    const message = /^Cannot write \S+ as its disk must have room for it/;
    await assert.rejects(run, { failure: "full", message });
    assert.deepEqual(rooms, []);
    assert.deepEqual(await namesIn(folder), []);
  });
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
    { failure: "refused", message: /current value is status 206$/ },
  );
});

Deno.test("transfer() gives up on a file that keeps changing", async () => {
  await fails(
    (asked) => ({
      ...sendFile(asked, DATA, { etag: `"${asked.index}"` }),
      cutAfter: 5000,
    }),
    {
      failure: "refused",
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
