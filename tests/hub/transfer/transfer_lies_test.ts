import assert from "node:assert/strict";
import { bytes, sendFile } from "../_server.ts";
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
