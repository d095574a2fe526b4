import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { checkKey, compareKeys } from "../../lib/storage/keys.ts";

Deno.test("compareKeys() orders as the UTF-8 bytes do", () => {
  const parts = ["", "!", "-", "/", "a", "\x7f", "\x80", "\ud7ff", "\ue000"];
  const texts = [...parts, "\uffff", "\u{10000}", "\u{10ffff}"];
  const keys = texts.flatMap((a) => texts.map((b) => a + b));
  for (const a of keys) {
    for (const b of keys) {
      const expected = Buffer.compare(Buffer.from(a), Buffer.from(b));
      assert.equal(Math.sign(compareKeys(a, b)), expected, `${a} and ${b}`);
    }
  }
});

Deno.test("checkKey() takes keys of up to 1,024 bytes", () => {
  for (const key of ["é".repeat(512), "...", "a..b", ".a/b.", "a b%2e%2e"]) {
    assert.doesNotThrow(() => checkKey("s3://bucket/", key));
  }
  const refused = { name: "StorageError", failure: "invalid" };
  for (const key of ["é".repeat(513), ".", "a/..", "..", "\udc00"]) {
    assert.throws(() => checkKey("s3://bucket/", key), refused);
  }
});
