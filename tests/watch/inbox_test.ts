import assert from "node:assert/strict";
import { Inbox } from "../../lib/watch/inbox.ts";

const SETTLE = 100;

function inbox(): Inbox {
  const box = new Inbox({ settle: SETTLE, attempts: 3 });
  box.startPass();
  return box;
}

Deno.test("Inbox.offer() lets a file wait until it has not changed for a while", () => {
  const box = inbox();
  assert.equal(box.offer({ key: "a", etag: "1" }, 0), false);
  assert.equal(box.offer({ key: "a", etag: "2" }, 90), false);
  assert.equal(box.offer({ key: "a", etag: "2" }, 180), false);
  assert.equal(box.waiting, 1);
  assert.equal(box.offer({ key: "a", etag: "2" }, 190), true);
});

Deno.test("Inbox.offer() gives each version of a file until it is done", () => {
  const box = inbox();
  box.offer({ key: "a", etag: "1" }, 0);
  assert.equal(box.offer({ key: "a", etag: "1" }, 100), true);
  box.done({ key: "a", etag: "1" });
  assert.equal(box.offer({ key: "a", etag: "1" }, 200), false);
  assert.equal(box.waiting, 0);
  assert.equal(box.offer({ key: "a", etag: "2" }, 300), false);
  box.done({ key: "a", etag: "1" });
  assert.equal(box.offer({ key: "a", etag: "2" }, 400), true);
});

Deno.test("Inbox.postpone() waits twice as long each time, then gives up", () => {
  const box = inbox();
  const file = { key: "a", etag: "1" };
  box.offer(file, 0);
  assert.equal(box.postpone(file, 100), true);
  assert.equal(box.offer(file, 299), false);
  assert.equal(box.offer(file, 300), true);
  assert.equal(box.postpone(file, 300), true);
  assert.equal(box.offer(file, 699), false);
  assert.equal(box.offer(file, 700), true);
  assert.equal(box.postpone(file, 700), false);
});

Deno.test("Inbox.endPass() forgets files that are gone, unless all are", () => {
  const box = inbox();
  const [a, b] = [{ key: "a", etag: "1" }, { key: "b", etag: "1" }];
  for (const file of [a, b]) {
    box.offer(file, 0);
    box.done(file);
  }
  box.endPass();
  box.startPass();
  box.endPass();
  box.startPass();
  assert.equal(box.offer(a, 500), false);
  assert.equal(box.waiting, 0);
  box.endPass();
  box.startPass();
  box.offer(b, 600);
  assert.equal(box.waiting, 1);
});
