import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { StorageError } from "../../lib/storage/object_store.ts";
import { type Answer, errorOf, startAnswering } from "./_answers.ts";
import { bytesOf, keysOf, textOf } from "./_contract.ts";
import { CREDENTIALS } from "./_s3_server.ts";

const OK: Answer = { status: 200 };
const EXISTS = errorOf(412, "PreconditionFailed");
const BUSY = errorOf(503, "SlowDown");

function objectOf(body: string, etag: string): Answer {
  const headers = { etag: `"${etag}"`, "content-length": `${body.length}` };
  return { status: 200, headers, body };
}

function md5Of(text: string): string {
  return createHash("md5").update(text).digest("hex");
}

Deno.test("create() asks for a new object in one request", async () => {
  await using server = startAnswering([OK]);
  assert.equal(await server.store.create("key", bytesOf("hello")), true);
  const [{ line, headers, body }] = server.asked as [typeof server.asked[0]];
  assert.equal(server.asked.length, 1);
  assert.equal(line, "PUT /bucket/a/key");
  assert.equal(headers.get("if-none-match"), "*");
  assert.equal(body, "hello");
  const names = [...headers.keys()];
  assert.deepEqual(names.filter((name) => name.includes("checksum")), []);
});

Deno.test("create() takes its own object there for success", async () => {
  const own = objectOf("hello", md5Of("hello"));
  await using server = startAnswering([
    errorOf(500, "InternalError"),
    EXISTS,
    own,
  ]);
  assert.equal(await server.store.create("key", bytesOf("hello")), true);
  const lines = server.asked.map(({ line }) => line.split(" ")[0]);
  assert.deepEqual(lines, ["PUT", "PUT", "HEAD"]);
});

Deno.test("create() compares bytes where the tag is no MD5", async () => {
  for (
    const [there, expected] of [["hello", true], ["jello", false]] as const
  ) {
    const object = objectOf(there, "kms-1");
    await using server = startAnswering([EXISTS, object]);
    const isOurs = await server.store.create("key", bytesOf("hello"));
    assert.equal(isOurs, expected);
    assert.equal(server.asked.length, 3);
  }
});

Deno.test("create() tries again after a conflict", async () => {
  const conflict = errorOf(409, "ConditionalRequestConflict");
  await using server = startAnswering([conflict, OK]);
  assert.equal(await server.store.create("key", bytesOf("hello")), true);
  assert.equal(server.asked.length, 2);
});

Deno.test("create() tries again where the other object is gone", async () => {
  await using server = startAnswering([EXISTS, errorOf(404, "NoSuchKey"), OK]);
  assert.equal(await server.store.create("key", bytesOf("hello")), true);
  const lines = server.asked.map(({ line }) => line.split(" ")[0]);
  assert.deepEqual(lines, ["PUT", "HEAD", "PUT"]);
});

Deno.test("read() tries again where the store is busy, so often", async () => {
  await using server = startAnswering([BUSY, objectOf("hello", "1")]);
  assert.equal(textOf(await server.store.read("key")), "hello");
  assert.equal(server.asked.length, 2);
  await using down = startAnswering([BUSY], { attempts: 2 });
  const message = "Cannot read s3://bucket/a/key as the store must answer: " +
    "SlowDown: A sentence, status 503, 2 attempts";
  await assert.rejects(down.store.read("key"), {
    failure: "unavailable",
    message,
  });
  assert.equal(down.asked.length, 2);
});

Deno.test("StorageError says the kind of failure, and no secret", async () => {
  const cases = [
    [404, "NoSuchKey", "missing"],
    [404, "NoSuchBucket", "missing"],
    [403, "AccessDenied", "denied"],
    [403, "SignatureDoesNotMatch", "denied"],
    [403, "InvalidObjectState", "missing"],
    [403, "RequestTimeTooSkewed", "unavailable"],
    [400, "ExpiredToken", "denied"],
    [400, "AuthorizationHeaderMalformed", "invalid"],
    [301, "PermanentRedirect", "invalid"],
    [501, "NotImplemented", "invalid"],
    [400, "RequestTimeout", "unavailable"],
    [400, "IncompleteBody", "unavailable"],
    [429, "TooManyRequests", "unavailable"],
    [500, "InternalError", "unavailable"],
    [503, "SlowDown", "unavailable"],
  ] as const;
  for (const [status, code, failure] of cases) {
    const answer = errorOf(status, code);
    await using server = startAnswering([answer], { attempts: 1 });
    const error = await server.store.read("key").catch((error) => error);
    assert.ok(error instanceof StorageError);
    assert.equal(error.failure, failure, code);
    assert.match(error.message, new RegExp(`^Cannot read s3:.*: ${code}`));
    const shown = Deno.inspect(error);
    for (const secret of [...Object.values(CREDENTIALS), "token-of-a-test"]) {
      assert.ok(!shown.includes(secret), code);
    }
  }
});

Deno.test("list() goes through all pages, without marks of folders", async () => {
  const page = (keys: readonly string[], next: string) => ({
    status: 200,
    body: `<ListBucketResult>${
      keys.map((key) =>
        `<Contents><Key>a/${key}</Key><Size>${
          key.endsWith("/") ? 0 : 3
        }</Size><ETag>&quot;tag&quot;</ETag></Contents>`
      ).join("")
    }<IsTruncated>${next !== ""}</IsTruncated>${
      next && `<NextContinuationToken>${next}</NextContinuationToken>`
    }</ListBucketResult>`,
  });
  await using server = startAnswering([
    page(["", "b/", "b/c"], "next"),
    BUSY,
    page(["b/d"], ""),
  ]);
  const list = server.store.list("b", { startAfter: "a" });
  assert.deepEqual(await Array.fromAsync(list), [
    { key: "b/c", size: 3, etag: "tag" },
    { key: "b/d", size: 3, etag: "tag" },
  ]);
  const [first, , third] = server.asked.map(({ query }) => query);
  assert.equal(first?.get("prefix"), "a/b");
  assert.equal(first?.get("start-after"), "a/a");
  assert.equal(third?.get("continuation-token"), "next");
});

Deno.test("list() says what went wrong", async () => {
  await using server = startAnswering([errorOf(404, "NoSuchBucket")]);
  const message = /^Cannot list s3:\/\/bucket\/a\/b as .* exist: NoSuchBucket/;
  const keys = keysOf(server.store.list("b"));
  await assert.rejects(keys, { failure: "missing", message });
});

Deno.test("list() says that an answer cannot be read", async () => {
  for (
    const [body, why] of [
      [`<ListBucketResult>${"<a>".repeat(20_000)}`, "it is nested too deeply"],
      ["<ListBucketResult><Key>", "@aws-sdk XML parse error: .*"],
    ] as const
  ) {
    await using server = startAnswering([{ status: 200, body }], {
      attempts: 1,
    });
    const message = new RegExp(
      `^Cannot list \\S+ as .*: its answer cannot be read: ${why}, status 200$`,
    );
    const keys = keysOf(server.store.list(""));
    await assert.rejects(keys, { failure: "unavailable", message });
  }
});

Deno.test("list() refuses a page that is not the last and leads nowhere", async () => {
  const page = "<ListBucketResult><Contents><Key>a/b</Key></Contents>" +
    "<IsTruncated>true</IsTruncated></ListBucketResult>";
  await using server = startAnswering([{ status: 200, body: page }]);
  const message = /^Cannot list s3:\/\/bucket\/a\/ as .* how to go on/;
  const keys = keysOf(server.store.list(""));
  await assert.rejects(keys, { failure: "invalid", message });
});

function pageOf(keys: readonly string[], next = "more"): Answer {
  const contents = keys.map((key) => `<Contents><Key>${key}</Key></Contents>`);
  const body = `<ListBucketResult><IsTruncated>true</IsTruncated>` +
    `<NextContinuationToken>${next}</NextContinuationToken>${
      contents.join("")
    }</ListBucketResult>`;
  return { status: 200, body };
}

Deno.test("list() ends where pages do not go on", async (t) => {
  const cases = {
    "a page whose first key came before": ["a/b", "a/c"],
    "a key from elsewhere": ["other/b"],
    "1001 pages without a key": [],
  };
  for (const [value, keys] of Object.entries(cases)) {
    await t.step(value, async () => {
      await using server = startAnswering([pageOf(keys)]);
      const message = `Cannot list s3://bucket/a/ as the store must give ` +
        `pages of keys, one after the other: current value is ${value}`;
      for (const anyOrder of [false, true]) {
        const listed = keysOf(server.store.list("", { anyOrder }));
        await assert.rejects(listed, { failure: "invalid", message });
      }
    });
  }
});

Deno.test("list() takes no other page for an empty listing", async () => {
  const body = "<html><body>Log in</body></html>";
  await using server = startAnswering([{ status: 200, body }]);
  const message = /one after the other: current value is no listing$/;
  const listed = keysOf(server.store.list(""));
  await assert.rejects(listed, { failure: "unavailable", message });
});

Deno.test("read() takes no other part for the one asked for", async () => {
  const headers = { "content-range": "bytes 2-4/9", etag: '"1"' };
  await using server = startAnswering([{ status: 206, headers, body: "llo" }]);
  const range = { start: 3, end: 6 };
  await assert.rejects(server.store.read("x", { range }), {
    failure: "unavailable",
    message: /with that part: current value is bytes 2-4\/9$/,
  });
});

Deno.test("read() asks for the rest of a part that is shorter", async () => {
  const answer = (told: string, body: string): Answer => ({
    status: 206,
    headers: { "content-range": `bytes ${told}/9`, etag: '"1"' },
    body,
  });
  await using server = startAnswering([
    answer("3-4", "34"),
    answer("5-5", "5"),
  ]);
  const range = { start: 3, end: 6 };
  assert.equal(textOf(await server.store.read("x", { range })), "345");
});

Deno.test("read() tries again once it knows the store's time", async () => {
  const date = new Date(Date.now() - 3_600_000).toUTCString();
  const skewed = {
    ...errorOf(403, "RequestTimeTooSkewed"),
    headers: { date },
  };
  await using server = startAnswering([skewed, objectOf("hello", "1")]);
  assert.equal(textOf(await server.store.read("key")), "hello");
  const [first, second] = server.asked.map(({ headers }) =>
    headers.get("x-amz-date")!
  );
  assert.ok(second! < first!, `${first} ${second}`);
});
