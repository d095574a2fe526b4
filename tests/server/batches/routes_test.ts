import assert from "node:assert/strict";
import { allStores } from "../../../lib/batch/stores.ts";
import type { BatchJson } from "../../../lib/server/batches/record.ts";
import type {
  ScoringServer,
  ServerOptions,
} from "../../../lib/server/server.ts";
import { FailingStore, SECRET } from "../_failing_store.ts";
import { png, postJson, readyServer, temporaryFolder } from "../_server.ts";

const POLL = 10;

/** A folder of images, and options of a server that may score it. */
async function imagesIn(
  root: { path: string; uri: string },
  count: number,
): Promise<Partial<ServerOptions>> {
  await Deno.mkdir(`${root.path}/in/cup`, { recursive: true });
  for (let i = 0; i < count; i++) {
    const image = await png(i * 20);
    await Deno.writeFile(`${root.path}/in/cup/${i}.png`, image);
  }
  return {
    allowInput: [`${root.uri}in/`],
    allowOutput: [`${root.uri}out/`],
    state: allStores().folder(`${root.path}/state`),
    pollMilliseconds: POLL,
  };
}

async function start(
  server: ScoringServer,
  root: { uri: string },
  options: Record<string, unknown> = {},
): Promise<BatchJson> {
  const response = await postJson(server, "/v1/batches", {
    input: `${root.uri}in/`,
    output: `${root.uri}out/`,
    options,
  });
  assert.equal(response.status, 202, await response.clone().text());
  const batch: BatchJson = await response.json();
  assert.equal(response.headers.get("Location"), batch.links.self);
  return batch;
}

async function get(server: ScoringServer, path: string): Promise<BatchJson> {
  return await (await server.app.request(path)).json();
}

/** The batches that its events tell, to the end. */
async function follow(
  server: ScoringServer,
  { links }: BatchJson,
): Promise<BatchJson[]> {
  const response = await server.app.request(links.events);
  assert.match(response.headers.get("Content-Type") ?? "", /event-stream/);
  const text = await response.text();
  return text.split("\n").filter((line) => line.startsWith("data:"))
    .map((line) => JSON.parse(line.slice(5)));
}

Deno.test("a batch is scored, told as it goes, and reported", async () => {
  await using root = await temporaryFolder();
  const { server } = readyServer(await imagesIn(root, 5));
  const told = await follow(server, await start(server, root));
  const last = told.at(-1)!;
  assert.equal(last.state, "succeeded", `${last.error}`);
  assert.deepEqual([last.done, last.total, last.errors], [5, 5, 0]);
  const report = await server.app.request(last.links.report!);
  assert.equal(report.status, 200);
  assert.match(
    report.headers.get("Content-Security-Policy") ?? "",
    /^sandbox allow-scripts/,
  );
  assert.match(await report.text(), /^<!doctype html>/);
  const out = `${root.path}/out/runs/${last.run}`;
  await Deno.stat(`${out}/scores.parquet`);
  await Deno.stat(`${out}/heatmaps/cup/0.png.png`);
  await server.drain();
});

Deno.test("any replica answers about a batch", async () => {
  await using root = await temporaryFolder();
  const options = await imagesIn(root, 2);
  const { server } = readyServer(options);
  const { server: other } = readyServer(options);
  const batch = await start(server, root);
  const [told] = [await follow(other, batch)];
  assert.equal(told.at(-1)!.state, "succeeded");
  assert.deepEqual(
    await get(server, batch.links.self),
    await get(other, batch.links.self),
  );
  await Promise.all([server.drain(), other.drain()]);
});

Deno.test("a restarted server goes on with what was begun", async () => {
  await using root = await temporaryFolder();
  const options = await imagesIn(root, 6);
  const { server, detector } = readyServer({ ...options, batchSize: 1 });
  const { promise, resolve } = Promise.withResolvers<void>();
  detector.gate = promise;
  const batch = await start(server, root);
  while (detector.batches.length === 0) {
    await new Promise((done) => setTimeout(done, POLL));
  }
  const drained = server.drain();
  resolve();
  await drained;
  const left = await get(server, batch.links.self);
  assert.notEqual(left.state, "succeeded");
  const { server: next } = readyServer(options);
  const told = await follow(next, batch);
  assert.equal(told.at(-1)!.state, "succeeded");
  assert.equal(told.at(-1)!.done, 6);
  await next.drain();
});

Deno.test("what a dead worker has begun another one goes on with", async () => {
  await using root = await temporaryFolder();
  const options = await imagesIn(root, 2);
  const { server: first } = readyServer({ ...options, pollMilliseconds: 1e6 });
  await first.drain();
  const { server } = readyServer({ ...options, deadMilliseconds: 50 });
  await Deno.mkdir(`${root.path}/state`, { recursive: true });
  const batch = await start(server, root);
  await server.drain();
  const claims = `${root.path}/state/jobs/${batch.id}/claims`;
  await Deno.mkdir(claims, { recursive: true });
  await Deno.writeTextFile(`${claims}/000009`, "{}");
  const { server: next } = readyServer({ ...options, deadMilliseconds: 50 });
  const told = await follow(next, batch);
  assert.equal(told.at(-1)!.state, "succeeded");
  await next.drain();
});

Deno.test("a batch can be cancelled", async () => {
  await using root = await temporaryFolder();
  const { server, detector } = readyServer({
    ...await imagesIn(root, 8),
    batchSize: 1,
  });
  const { promise, resolve } = Promise.withResolvers<void>();
  detector.gate = promise;
  const batch = await start(server, root);
  const response = await server.app.request(batch.links.self, {
    method: "DELETE",
  });
  assert.equal(response.status, 202);
  setTimeout(resolve, 5 * POLL);
  const told = await follow(server, batch);
  assert.equal(told.at(-1)!.state, "cancelled");
  assert.equal(
    (await server.app.request(`${batch.links.self}/report`)).status,
    404,
  );
  await server.drain();
});

Deno.test("a batch that cannot be done says why", async () => {
  await using root = await temporaryFolder();
  const { server } = readyServer(await imagesIn(root, 0));
  const told = await follow(server, await start(server, root));
  const { state, error } = told.at(-1)!;
  assert.equal(state, "failed");
  assert.match(error ?? "", /^Cannot /);
  await server.drain();
});

Deno.test("POST /v1/batches hands on its options", async () => {
  await using root = await temporaryFolder();
  const { server } = readyServer(await imagesIn(root, 5));
  const batch = await start(server, root, { limit: 2, object: "bolt" });
  const told = await follow(server, batch);
  assert.equal(told.at(-1)!.total, 2);
  await server.drain();
});

Deno.test("POST /v1/batches refuses what it may not touch", async () => {
  await using root = await temporaryFolder();
  const { server } = readyServer(await imagesIn(root, 1));
  async function statusOf(input: string, output: string): Promise<number> {
    const body = { input, output };
    return (await postJson(server, "/v1/batches", body)).status;
  }
  const input = `${root.uri}in/`;
  const output = `${root.uri}out/`;
  assert.equal(await statusOf(`${root.uri}secret/`, output), 403);
  assert.equal(await statusOf(input, `${root.uri}in/`), 403);
  assert.equal(await statusOf(`${input}../secret`, output), 403);
  assert.equal(await statusOf("images/", output), 400);
  await server.drain();
});

Deno.test("POST /v1/batches takes only names that images may have", async () => {
  await using root = await temporaryFolder();
  const { server } = readyServer({
    ...await imagesIn(root, 1),
    allowCategories: ["cup"],
  });
  async function statusOf(options: Record<string, unknown>): Promise<number> {
    const [input, output] = [`${root.uri}in/`, `${root.uri}out/`];
    const body = { input, output, options };
    return (await postJson(server, "/v1/batches", body)).status;
  }
  assert.equal(await statusOf({ object: "bolt" }), 400);
  assert.equal(await statusOf({ categories: ["cup", "bolt"] }), 400);
  assert.equal(await statusOf({ object: "cup\0\x1b[31m" }), 400);
  assert.equal(await statusOf({ object: "cup", categories: ["cup"] }), 202);
  await server.drain();
});

Deno.test("POST /v1/batches holds its bound while batches are created", async () => {
  await using root = await temporaryFolder();
  const { server, detector } = readyServer(await imagesIn(root, 1));
  const { promise, resolve } = Promise.withResolvers<void>();
  detector.gate = promise;
  const body = { input: `${root.uri}in/`, output: `${root.uri}out/` };
  const statuses = await Promise.all(Array.from({ length: 110 }, async () => {
    const response = await postJson(server, "/v1/batches", body);
    await response.body?.cancel();
    return response.status;
  }));
  assert.equal(statuses.filter((status) => status === 202).length, 100);
  assert.equal(statuses.filter((status) => status === 429).length, 10);
  resolve();
  await server.drain();
});

Deno.test("GET /v1/batches/:id/events takes a bounded number of clients", async () => {
  await using root = await temporaryFolder();
  const limits = { followers: 1 };
  const { server, detector } = readyServer({
    ...await imagesIn(root, 1),
    limits,
  });
  const { promise, resolve } = Promise.withResolvers<void>();
  detector.gate = promise;
  const { links } = await start(server, root);
  const first = await server.app.request(links.events);
  const second = await server.app.request(links.events);
  assert.equal(second.status, 503);
  resolve();
  await first.text();
  const third = await server.app.request(links.events);
  assert.equal(third.status, 200);
  await third.text();
  await server.drain();
});

Deno.test("HEAD of events and reports holds no place, and no file", async () => {
  await using root = await temporaryFolder();
  const limits = { followers: 1 };
  const options = await imagesIn(root, 1);
  const { server, detector } = readyServer({ ...options, limits });
  const { promise, resolve } = Promise.withResolvers<void>();
  detector.gate = promise;
  const batch = await start(server, root);
  const method = "HEAD";
  const events = await server.app.request(batch.links.events, { method });
  assert.match(events.headers.get("Content-Type") ?? "", /event-stream/);
  assert.equal(events.body, null);
  resolve();
  const last = (await follow(server, batch)).at(-1)!;
  const report = await server.app.request(last.links.report!, { method });
  assert.equal(report.status, 200);
  assert.equal(report.body, null);
  await server.drain();
});

Deno.test("GET /v1/batches/:id answers 404 to other ids", async () => {
  await using root = await temporaryFolder();
  const { server } = readyServer(await imagesIn(root, 0));
  for (const id of ["x", "20260101000000-0123456789ab", "..%2F..%2Fetc"]) {
    const response = await server.app.request(`/v1/batches/${id}`);
    assert.equal(response.status, 404, id);
  }
  await server.drain();
});

Deno.test("DELETE ends a batch at once that waits behind another", async () => {
  await using root = await temporaryFolder();
  const { server, detector } = readyServer(await imagesIn(root, 2));
  const { promise, resolve } = Promise.withResolvers<void>();
  detector.gate = promise;
  const first = await start(server, root);
  while (detector.batches.length === 0) {
    await new Promise((done) => setTimeout(done, POLL));
  }
  const second = await start(server, root, { limit: 1 });
  const method = "DELETE";
  const answer = await server.app.request(second.links.self, { method });
  assert.equal((await answer.json()).state, "cancelled");
  assert.equal((await get(server, second.links.self)).state, "cancelled");
  resolve();
  const told = await follow(server, first);
  assert.equal(told.at(-1)!.state, "succeeded");
  await server.drain();
});

Deno.test("a batch whose files are damaged does no harm to others", async () => {
  await using root = await temporaryFolder();
  const options = await imagesIn(root, 1);
  const id = "20260101000000-0123456789ab";
  const job = `${root.path}/state/jobs/${id}`;
  await Deno.mkdir(job, { recursive: true });
  await Deno.mkdir(`${root.path}/state/active`);
  await Deno.writeTextFile(`${root.path}/state/active/${id}`, "");
  await Deno.writeTextFile(`${job}/job.json`, "{");
  const { server } = readyServer(options);
  const response = await server.app.request(`/v1/batches/${id}`);
  assert.equal(response.status, 503);
  const told = await follow(server, await start(server, root));
  assert.equal(told.at(-1)!.state, "succeeded");
  await server.drain();
});

Deno.test("a batch reads nothing that links lead to elsewhere", async () => {
  await using root = await temporaryFolder();
  const options = await imagesIn(root, 1);
  await Deno.mkdir(`${root.path}/secret`);
  await Deno.writeFile(`${root.path}/secret/a.png`, await png(255));
  await Deno.symlink(`${root.path}/secret`, `${root.path}/in/cup/link`);
  const { server } = readyServer(options);
  const told = await follow(server, await start(server, root));
  const { state, total } = told.at(-1)!;
  assert.deepEqual([state, total], ["succeeded", 1]);
  await server.drain();
});

Deno.test("answers hide where batches are kept, and why that failed", async () => {
  await using root = await temporaryFolder();
  const options = await imagesIn(root, 0);
  for (const failure of ["denied", "invalid", "unavailable"] as const) {
    const errors: unknown[] = [];
    const state = new FailingStore(failure);
    const onError = (error: unknown) => errors.push(error);
    const { server } = readyServer({ ...options, state, onError });
    const body = { input: `${root.uri}in/`, output: `${root.uri}out/` };
    const path = "/v1/batches/20260101000000-0123456789ab";
    for (
      const response of [
        await postJson(server, "/v1/batches", body),
        await server.app.request(path),
      ]
    ) {
      assert.equal(response.status, 503);
      assert.equal((await response.text()).includes(SECRET), false);
    }
    assert.ok(errors.length >= 2);
    await server.drain();
  }
});

Deno.test("a worker leaves a batch alone that another one has taken", async () => {
  await using root = await temporaryFolder();
  const options = await imagesIn(root, 1);
  const { server, detector } = readyServer({
    ...options,
    pollMilliseconds: 1e6,
  });
  const { promise, resolve } = Promise.withResolvers<void>();
  detector.gate = promise;
  const { id } = await start(server, root);
  while (detector.batches.length === 0) {
    await new Promise((done) => setTimeout(done, POLL));
  }
  const folder = `${root.path}/state/jobs/${id}`;
  await Deno.writeTextFile(`${folder}/claims/000002`, "{}");
  resolve();
  await server.drain();
  const status = JSON.parse(await Deno.readTextFile(`${folder}/status.json`));
  assert.deepEqual([status.claim, status.isFree], [1, false]);
  await Deno.stat(`${root.path}/state/active/${id}`);
});

Deno.test("a batch takes no larger images than a request", async () => {
  await using root = await temporaryFolder();
  const options = await imagesIn(root, 2);
  const large = await png(90, { width: 20, height: 20 });
  await Deno.writeFile(`${root.path}/in/cup/large.png`, large);
  const limits = { pixels: 200 };
  const { server } = readyServer({ ...options, limits });
  const last = (await follow(server, await start(server, root))).at(-1)!;
  assert.deepEqual([last.state, last.errors], ["succeeded", 1]);
  const errors = `${root.path}/out/runs/${last.run}/errors/`;
  const told = await Deno.readTextFile(`${errors}00000-000000000.jsonl`);
  assert.match(told, /"cup\/large\.png".*at most 200 pixels/);
  await server.drain();
});
