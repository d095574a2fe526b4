import assert from "node:assert/strict";
import { allStores } from "../../../lib/batch/stores.ts";
import type { Stores } from "../../../lib/batch/stores.ts";
import { StorageError } from "../../../lib/storage/object_store.ts";
import {
  bucketsIn,
  eventServer,
  notification,
  notificationOf,
} from "./_events.ts";
import { FailingStore, SECRET } from "../_failing_store.ts";
import { png, postJson, readyServer, temporaryFolder } from "../_server.ts";

async function filesBelow(path: string): Promise<string[]> {
  const files: string[] = [];
  for await (const entry of Deno.readDir(path)) {
    const inner = `${path}/${entry.name}`;
    if (entry.isFile) files.push(inner);
    else files.push(...await filesBelow(inner));
  }
  return files.sort();
}

Deno.test("POST / scores the object of an S3 notification", async () => {
  await using folder = await temporaryFolder();
  const { server } = await eventServer(folder.path);
  const body = notification("images/cup/a+b.png");
  const response = await postJson(server, "/", body);
  assert.equal(response.status, 200);
  const { results: [result] } = await response.json();
  assert.deepEqual(
    [result.status, result.category, result.score],
    ["ok", "cup", 1],
  );
  const files = await filesBelow(`${folder.path}/results`);
  assert.match(files[0]!, /heatmaps\/bucket\/images\/cup\/a b\.png\/.+\.png$/);
  assert.match(files[1]!, /scores\/bucket\/images\/cup\/a b\.png\/.+\.json$/);
  const row = JSON.parse(await Deno.readTextFile(files[1]!));
  assert.deepEqual(
    [row.uri, row.status, row.score],
    ["s3://bucket/images/cup/a b.png", "ok", 1],
  );
});

Deno.test("POST / scores an object once, however often it is told", async () => {
  await using folder = await temporaryFolder();
  const { server, detector } = await eventServer(folder.path);
  const body = notification("images/cup/a+b.png");
  await postJson(server, "/", body);
  const again = await (await postJson(server, "/", body)).json();
  assert.equal(again.results[0].status, "skipped");
  assert.deepEqual(detector.batches, [1]);
  await Deno.writeFile(
    `${folder.path}/bucket/images/cup/a b.png`,
    await png(0, { width: 20 }),
  );
  const changed = await (await postJson(server, "/", body)).json();
  assert.equal(changed.results[0].score, 0);
});

Deno.test("POST / reads CloudEvents in all modes", async () => {
  await using folder = await temporaryFolder();
  const { server } = await eventServer(folder.path);
  const type = "google.cloud.storage.object.v1.finalized";
  const data = { bucket: "bucket", name: "images/cup/a b.png" };
  const event = { specversion: "1.0", id: "1", source: "//s", type, data };
  const binary = await postJson(server, "/?category=nut", data, {
    "ce-id": "1",
    "ce-type": type,
    "ce-source": "//storage",
    "ce-specversion": "1.0",
  });
  assert.equal((await binary.json()).results[0].category, "nut");
  const structured = await postJson(server, "/", event, {
    "Content-Type": "application/cloudevents+json",
  });
  assert.equal((await structured.json()).results[0].status, "skipped");
  const batch = await postJson(server, "/", [event, event], {
    "Content-Type": "application/cloudevents-batch+json; charset=utf-8",
  });
  assert.equal((await batch.json()).results.length, 2);
});

Deno.test("POST / reads EventBridge and the test event of S3", async () => {
  await using folder = await temporaryFolder();
  const { server } = await eventServer(folder.path);
  const bridge = await postJson(server, "/", {
    "detail-type": "Object Created",
    detail: {
      bucket: { name: "bucket" },
      object: { key: "images/cup/a b.png" },
    },
  });
  assert.equal((await bridge.json()).results[0].score, 1);
  const test = await postJson(server, "/", { Event: "s3:TestEvent" });
  assert.deepEqual(await test.json(), { results: [] });
});

Deno.test("POST / records an image that is broken, and does not retry", async () => {
  await using folder = await temporaryFolder();
  const { server } = await eventServer(folder.path);
  const image = (await png()).slice(0, 60);
  await Deno.writeFile(`${folder.path}/bucket/images/bad.png`, image);
  const body = notification("images/bad.png");
  const response = await postJson(server, "/", body);
  assert.equal(response.status, 200);
  assert.equal((await response.json()).results[0].reason, "broken_image");
  const [file] = await filesBelow(`${folder.path}/results`);
  assert.match(await Deno.readTextFile(file!), /"reason":"broken_image"/);
});

Deno.test("POST / refuses foreign objects and what is no event", async () => {
  await using folder = await temporaryFolder();
  const { server } = await eventServer(folder.path);
  const body = notificationOf("buckets", "images/a.png");
  const foreign = await postJson(server, "/", body);
  assert.equal(foreign.status, 403);
  assert.equal((await foreign.json()).results[0].reason, "forbidden");
  const climbing = await postJson(
    server,
    "/",
    notification("images/..%2F..%2Fsecret.png"),
  );
  assert.equal((await climbing.json()).results[0].reason, "invalid_request");
  const nothing = await postJson(server, "/", { hello: "world" });
  assert.equal(nothing.status, 400);
  const text = await postJson(server, "/", {}, {
    "Content-Type": "text/plain",
  });
  assert.equal(text.status, 415);
});

Deno.test("POST / asks for the event again where storage fails", async () => {
  const failing: Stores = {
    folder: () => {
      throw new StorageError("Cannot reach it", "unavailable");
    },
    object: () => {
      throw new StorageError("Cannot reach it", "unavailable");
    },
  };
  await using folder = await temporaryFolder();
  const { server } = readyServer({
    stores: failing,
    allowInput: ["s3://bucket/"],
    events: allStores().folder(folder.path),
  });
  const response = await postJson(server, "/", notification("a.png"));
  assert.equal(response.status, 503);
  assert.equal(response.headers.get("Retry-After"), "5");
});

Deno.test("POST / takes no events where no place for results is set", async () => {
  const { server } = readyServer();
  const response = await postJson(server, "/", notification("a.png"));
  assert.equal(response.status, 501);
});

Deno.test("POST / lets an event come again whose result cannot be stored", async () => {
  await using folder = await temporaryFolder();
  await Deno.mkdir(`${folder.path}/bucket`);
  await Deno.writeFile(`${folder.path}/bucket/a.png`, await png());
  for (const failure of ["denied", "invalid", "unavailable"] as const) {
    const errors: unknown[] = [];
    const { server } = readyServer({
      stores: bucketsIn(folder.path),
      allowInput: ["s3://bucket/"],
      events: new FailingStore(failure, { isEmpty: true }),
      onError: (error) => errors.push(error),
    });
    const response = await postJson(server, "/", notification("a.png"));
    assert.equal(response.status, 503, failure);
    assert.equal((await response.text()).includes(SECRET), false);
    assert.equal(errors.length, 1);
    const text = await server.metrics.text();
    assert.match(text, /^mfp_images_total\{outcome="ok"\} 1$/m);
    assert.doesNotMatch(text, /^mfp_images_total\{outcome="error"\}/m);
  }
});
