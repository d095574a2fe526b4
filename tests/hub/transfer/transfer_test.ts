import assert from "node:assert/strict";
import { transfer } from "../../../lib/hub/transfer/transfer.ts";
import { quick, sha256, withTemporary } from "../_downloads.ts";
import { bytes, sendFile, serve } from "../_server.ts";
import { arrives, DATA, EXPECTED, fails, rangesOf } from "../_transfers.ts";

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

Deno.test("transfer() checks the room on the disk before it writes", async () => {
  const free = () => Promise.resolve(64 * 2 ** 20 + 10_000);
  const { asked } = await fails(
    (asked) => sendFile(asked, DATA),
    {
      failure: "full",
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
