import assert from "node:assert/strict";
import { allStores } from "../../../lib/batch/stores.ts";
import { SessionError } from "../../../lib/onnx/session.ts";
import { BatchJobs } from "../../../lib/server/batches/jobs.ts";
import {
  type BatchStatus,
  MAX_WORKER_FAILURES,
} from "../../../lib/server/batches/record.ts";
import type { ServerOptions } from "../../../lib/server/server.ts";
import {
  type FakeDetector,
  png,
  readyServer,
  SETTINGS,
  temporaryFolder,
} from "../_server.ts";

const POLL = 10;

/** A batch of two images and a broken one, as a worker has left it. */
async function leftBatch(
  root: { path: string; uri: string },
  left: Partial<BatchStatus> = {},
) {
  await Deno.mkdir(`${root.path}/in/cup`, { recursive: true });
  for (const name of ["a", "b", "c"]) {
    const image = await png();
    const bytes = name === "b" ? image.slice(0, 60) : image;
    await Deno.writeFile(`${root.path}/in/cup/${name}.png`, bytes);
  }
  const state = allStores().folder(`${root.path}/state`);
  const jobs = new BatchJobs(state);
  const [input, output] = [`${root.uri}in/`, `${root.uri}out/`];
  const { job: { id }, status } = await jobs.create({ input, output });
  const { claim = 0 } = left;
  if (claim > 0) await jobs.claim(id, claim, "worker");
  await jobs.write(id, { ...status, ...left });
  const options: Partial<ServerOptions> = {
    allowInput: [input],
    allowOutput: [output],
    state,
    pollMilliseconds: POLL,
    deadMilliseconds: 50,
  };
  return { id, jobs, options };
}

/** Lets the session of a detector fail, and work from then on. */
function failTimes(detector: FakeDetector, times: number): void {
  const detect = detector.detect.bind(detector);
  let calls = 0;
  detector.detect = async (inputs) => {
    if (calls++ >= times) return await detect(inputs);
    throw new SessionError("the session fails");
  };
}

/** How a batch ended, once it is off the list. */
async function ended(jobs: BatchJobs, id: string): Promise<BatchStatus> {
  while ((await jobs.active()).includes(id)) {
    await new Promise((done) => setTimeout(done, POLL));
  }
  return (await jobs.read(id))!.status;
}

Deno.test("BatchRunner gives up a batch whose workers keep dying", async () => {
  await using root = await temporaryFolder();
  const left = { claim: 5, isFree: false, failures: MAX_WORKER_FAILURES - 1 };
  const { id, jobs, options } = await leftBatch(root, left);
  const { server, detector } = readyServer(options);
  const { state, error, failures } = await ended(jobs, id);
  assert.deepEqual([state, failures], ["failed", MAX_WORKER_FAILURES]);
  assert.match(error ?? "", /^Cannot go on with the batch .* died/);
  assert.deepEqual(detector.batches, []);
  await server.drain();
});

/** Settings of a model whose files are hashed when the test says so. */
function hashedLater() {
  const hash = Promise.withResolvers<string>();
  const model = { name: "fake", fingerprint: hash.promise };
  return { settings: { ...SETTINGS, model }, hash };
}

const pause = () => new Promise((done) => setTimeout(done, 10 * POLL));

Deno.test("a batch waits for the hash of the model's files, which is in its manifest", async () => {
  await using root = await temporaryFolder();
  const { id, jobs, options } = await leftBatch(root);
  const { settings, hash } = hashedLater();
  const { server, detector } = readyServer({ ...options, settings });
  await pause();
  assert.deepEqual(detector.batches, []);
  hash.resolve("1".repeat(64));
  const { state, run } = await ended(jobs, id);
  assert.equal(state, "succeeded");
  const path = `${root.path}/out/runs/${run}/manifest.jsonl`;
  const [header] = (await Deno.readTextFile(path)).split("\n", 1);
  assert.deepEqual(JSON.parse(header!).model, {
    name: "fake",
    fingerprint: "1".repeat(64),
  });
  await server.drain();
});

Deno.test("no batch begins where the server drains before the hash, or there is none", async () => {
  await using root = await temporaryFolder();
  const { jobs, id, options } = await leftBatch(root);
  const [drained, failing] = [hashedLater(), hashedLater()];
  const servers = [drained, failing].map(({ settings }) =>
    readyServer({ ...options, settings })
  );
  await servers[0]!.server.drain();
  drained.hash.resolve("1".repeat(64));
  failing.hash.reject(new Error("a file cannot be read"));
  await pause();
  assert.deepEqual(servers.map(({ detector }) => detector.batches), [[], []]);
  assert.equal((await jobs.read(id))!.status.state, "queued");
  await servers[1]!.server.drain();
});

Deno.test("BatchRunner counts a worker that died, and goes on", async () => {
  await using root = await temporaryFolder();
  const left = { claim: 5, isFree: false };
  const { id, jobs, options } = await leftBatch(root, left);
  const { server } = readyServer(options);
  const { state, failures, claim } = await ended(jobs, id);
  assert.deepEqual([state, failures, claim], ["succeeded", 1, 6]);
  await server.drain();
});

Deno.test("BatchRunner's end stands against the worker that was thought dead", async () => {
  await using root = await temporaryFolder();
  const left = { claim: 1, isFree: false };
  const { id, jobs, options } = await leftBatch(root, left);
  const { status: stalled } = (await jobs.read(id))!;
  const { server } = readyServer(options);
  assert.equal((await ended(jobs, id)).state, "succeeded");
  await jobs.write(id, { ...stalled, state: "failed", isFree: true });
  const response = await server.app.request(`/v1/batches/${id}`);
  const { state, links } = await response.json();
  assert.equal(state, "succeeded");
  assert.equal((await server.app.request(links.report)).status, 200);
  await server.drain();
});

Deno.test("BatchRunner ends a dead worker's batch that was cancelled", async () => {
  await using root = await temporaryFolder();
  const left = { claim: 5, isFree: false, failures: MAX_WORKER_FAILURES - 1 };
  const { id, jobs, options } = await leftBatch(root, left);
  await jobs.cancel(id);
  const { server } = readyServer(options);
  const { state, error } = await ended(jobs, id);
  assert.deepEqual([state, error], ["cancelled", null]);
  await server.drain();
});

Deno.test("BatchRunner does not count workers that were stopped", async () => {
  await using root = await temporaryFolder();
  const { id, jobs, options } = await leftBatch(root);
  for (let restart = 1; restart <= MAX_WORKER_FAILURES; restart++) {
    const { server, detector } = readyServer(options);
    const { promise, resolve } = Promise.withResolvers<void>();
    detector.gate = promise.then(() => {
      throw new Error("the session was closed");
    });
    detector.gate.catch(() => {});
    while (detector.batches.length === 0) {
      await new Promise((done) => setTimeout(done, POLL));
    }
    const drained = server.drain();
    resolve();
    await drained;
    const { status } = (await jobs.read(id))!;
    assert.deepEqual(
      [status.claim, status.failures, status.isFree],
      [restart, 0, true],
    );
  }
  const { server, detector } = readyServer(options);
  failTimes(detector, 1);
  const { state, failures } = await ended(jobs, id);
  assert.deepEqual([state, failures], ["succeeded", 1]);
  await server.drain();
});

Deno.test("BatchRunner gives up a batch whose session keeps failing", async () => {
  await using root = await temporaryFolder();
  const { id, jobs, options } = await leftBatch(root);
  const { server, detector } = readyServer(options);
  failTimes(detector, Infinity);
  const { state, failures, claim, error } = await ended(jobs, id);
  assert.deepEqual(
    [state, failures, claim],
    ["failed", MAX_WORKER_FAILURES, MAX_WORKER_FAILURES],
  );
  assert.match(error ?? "", /fails/);
  await server.drain();
});

Deno.test("BatchRunner counts images and errors of batches", async () => {
  await using root = await temporaryFolder();
  const { id, jobs, options } = await leftBatch(root);
  const { server } = readyServer(options);
  assert.equal((await ended(jobs, id)).errors, 1);
  const text = await server.metrics.text();
  assert.match(text, /^mfp_images_total\{outcome="batch"\} 3$/m);
  assert.match(text, /^mfp_image_errors_total\{reason="batch"\} 1$/m);
  await server.drain();
});
