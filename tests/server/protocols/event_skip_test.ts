import assert from "node:assert/strict";
import { eventServer, notification, notificationOf } from "./_events.ts";
import { FailingStore } from "../_failing_store.ts";
import { png, postJson, readyServer, temporaryFolder } from "../_server.ts";

Deno.test("POST / passes over what is no new image", async () => {
  await using folder = await temporaryFolder();
  const { server, detector } = await eventServer(folder.path);
  const removed = notification("images/cup/a+b.png");
  removed.Records[0]!.eventName = "ObjectRemoved:Delete";
  const other = notification("images/notes.txt");
  for (const body of [removed, other]) {
    const response = await postJson(server, "/", body);
    assert.equal((await response.json()).results[0].status, "skipped");
  }
  assert.deepEqual(detector.batches, []);
});

Deno.test("POST / passes over what lies beside the allowed folder", async () => {
  await using folder = await temporaryFolder();
  const { server, detector } = await eventServer(folder.path);
  const keys = ["private/a.png", "images2/a.png", "a.png", "images/x.json"];
  await Deno.mkdir(`${folder.path}/bucket/private`);
  await Deno.writeFile(`${folder.path}/bucket/private/a.png`, await png());
  const response = await postJson(server, "/", notification(...keys));
  assert.equal(response.status, 200);
  const { results } = await response.json();
  const statuses = results.map(({ status }: { status: string }) => status);
  assert.deepEqual(statuses, Array(keys.length).fill("skipped"));
  assert.deepEqual(detector.batches, []);
  await assert.rejects(Deno.stat(`${folder.path}/results`));
});

Deno.test("POST / passes over its own results in any bucket", async () => {
  const errors: unknown[] = [];
  const { server } = readyServer({
    allowInput: ["s3://bucket/images/"],
    events: new FailingStore("unavailable"),
    onError: (error) => errors.push(error),
  });
  const data = { name: "deep/heatmaps/b/a.png/1.png", bucket: "secret-bucket" };
  const headers = { "ce-type": "google.cloud.storage.object.v1.finalized" };
  const response = await postJson(server, "/", data, headers);
  assert.equal(response.status, 200);
  assert.equal((await response.json()).results[0].why, "it is a result");
  const other = { ...data, name: "deeper/a.png" };
  assert.equal((await postJson(server, "/", other, headers)).status, 403);
  assert.deepEqual(errors, []);
});

Deno.test("POST / counts each object once, scored or not", async () => {
  await using folder = await temporaryFolder();
  const { server } = await eventServer(folder.path);
  const keys = ["images/cup/a+b.png", "images/none.png", "images/notes.txt"];
  await postJson(server, "/", notification(...keys));
  await postJson(server, "/", notificationOf("buckets", "a.png"));
  const text = await server.metrics.text();
  assert.match(text, /^mfp_images_total\{outcome="ok"\} 1$/m);
  assert.match(text, /^mfp_images_total\{outcome="error"\} 2$/m);
  assert.match(text, /^mfp_image_errors_total\{reason="not_found"\} 1$/m);
  assert.match(text, /^mfp_image_errors_total\{reason="forbidden"\} 1$/m);
});
