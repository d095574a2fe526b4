import assert from "node:assert/strict";
import { Readable } from "node:stream";
import { googleHeaders } from "../../lib/storage/google_create.ts";
import { openStore } from "../../lib/storage/open_store.ts";
import { clientFor } from "../../lib/storage/s3_client.ts";
import golden from "../golden/storage/google_signature.json" with {
  type: "json",
};
import { bytesOf } from "./_contract.ts";
import { CREDENTIALS } from "./_s3_server.ts";

Deno.test("googleHeaders() signs as Google's documentation has it", () => {
  const headers = googleHeaders({
    method: "PUT",
    path: "/bucket/a/b%20c",
    query: { "x-id": "PutObject" },
    headers: {
      "authorization": "AWS4-HMAC-SHA256 ...",
      "content-length": "5",
      "content-type": "image/png",
      "host": "storage.googleapis.com",
      "if-none-match": "*",
      "x-amz-content-sha256": golden.payload,
      "x-amz-date": "20261124T121314Z",
      "x-amz-user-agent": "aws-sdk-js",
    },
  }, golden);
  assert.deepEqual(headers, {
    "authorization": golden.authorization,
    "content-length": "5",
    "content-type": "image/png",
    "host": "storage.googleapis.com",
    "x-goog-content-sha256": golden.payload,
    "x-goog-date": "20261124T121314Z",
    "x-goog-if-generation-match": "0",
  });
});

interface Sent {
  readonly headers: Readonly<Record<string, string>>;
}

/** What is sent to an endpoint, by a client that sends nothing. */
async function sentTo(
  endpoint: string,
  method: "create" | "put",
): Promise<string[]> {
  const settings = { endpoint, credentials: CREDENTIALS };
  const sent: Sent[] = [];
  clientFor(settings).config.requestHandler.handle = (request: unknown) => {
    sent.push(request as Sent);
    const body = Readable.from([]);
    return Promise.resolve({
      response: { statusCode: 200, headers: {}, body },
    });
  };
  const store = openStore("s3://bucket/", settings);
  await store[method]("key", bytesOf("hello"));
  assert.equal(sent.length, 1);
  return Object.keys(sent[0]!.headers);
}

Deno.test("create() has Google's condition and nothing of Amazon's there", async () => {
  const names = await sentTo("https://storage.googleapis.com", "create");
  assert.ok(names.includes("x-goog-if-generation-match"));
  assert.deepEqual(names.filter((name) => /x-amz|if-none/.test(name)), []);
});

Deno.test("create() and put() are plain S3 otherwise", async () => {
  const elsewhere = await sentTo("https://storage.example.com", "create");
  assert.ok(elsewhere.includes("if-none-match"));
  const put = await sentTo("https://storage.googleapis.com", "put");
  for (const names of [elsewhere, put]) {
    assert.ok(names.includes("x-amz-date"));
    assert.deepEqual(names.filter((name) => name.startsWith("x-goog")), []);
  }
});
