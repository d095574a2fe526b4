import assert from "node:assert/strict";
import { listSupportedBackends } from "onnxruntime-node";
import { png } from "../data/trees.ts";
import { type Container, makeContainer } from "./_container.ts";

interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

async function run(
  container: Container,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Outcome> {
  const { code, stdout, stderr } = await container.start(args, env).output();
  const [out = "", error = ""] = [stdout, stderr].map((bytes) =>
    new TextDecoder().decode(bytes)
  );
  return { code, stdout: out, stderr: error };
}

/** The port that a server announces, once it has loaded its model. */
async function portOf(
  stderr: ReadableStream<Uint8Array<ArrayBuffer>>,
): Promise<string> {
  let said = "";
  for await (const text of stderr.pipeThrough(new TextDecoderStream())) {
    said += text;
    const [, port] = /Listening at \S+:(\d+)\//.exec(said) ?? [];
    if (port !== undefined && said.includes("Ready with")) return port;
  }
  throw new Error(`The server did not start: ${said}`);
}

Deno.test("the image serves by default, is healthy, and ends when told", async () => {
  await using container = await makeContainer();
  const server = container.start([], { PORT: "0" });
  const output = server.stdout.cancel();
  const port = await portOf(server.stderr);
  assert.ok(await container.isHealthy({ PORT: port }));
  const body = new Blob([new Uint8Array(await png(8))]);
  const response = await fetch(`http://127.0.0.1:${port}/invocations`, {
    method: "POST",
    headers: { "Content-Type": "application/x-image" },
    body,
  });
  assert.equal(response.status, 200);
  assert.equal(typeof (await response.json()).score, "number");
  server.kill("SIGTERM");
  assert.equal((await server.status).code, 0);
  await output;
  assert.ok(!await container.isHealthy({ PORT: port }));
});

Deno.test("the image evaluates its own model", async () => {
  await using container = await makeContainer();
  const args = ["eval", "--category", "cap", "--limit", "2", "--json"];
  const { code, stdout, stderr } = await run(container, args);
  assert.equal(code, 0, stderr);
  assert.equal(JSON.parse(stdout).images, 2);
});

Deno.test("the image scores the shard that Kubernetes tells it, and merges", async () => {
  await using container = await makeContainer();
  const { folder } = container;
  const image = await png(8);
  await Deno.mkdir(`${folder}/data/cap`, { recursive: true });
  for (const name of ["1", "2", "3", "4", "5"]) {
    await Deno.writeFile(`${folder}/data/cap/${name}.png`, image);
  }
  const places = [`--data=${folder}/data`, `--out=file://${folder}/out`];
  const shared = { SHARD_COUNT: "2", SHARD_JOB: "mfp-clip-score-1" };
  for (const index of ["0", "1"]) {
    const env = { ...shared, JOB_COMPLETION_INDEX: index };
    const { code, stderr } = await run(container, ["score", ...places], env);
    assert.equal(code, 0, stderr);
  }
  const job = `--job=${shared.SHARD_JOB}`;
  const merged = await run(container, ["merge", places[1]!, job, "--json"]);
  assert.equal(merged.code, 0, merged.stderr);
  assert.equal(JSON.parse(merged.stdout).images, 5);
  const lost = { JOB_COMPLETION_INDEX: "0" };
  assert.equal((await run(container, ["score", ...places], lost)).code, 42);
});

Deno.test("the image has every verb", async () => {
  await using container = await makeContainer();
  const { code, stdout } = await run(container, ["--help"]);
  assert.equal(code, 0);
  const verbs = [...stdout.matchAll(/^ {2}(\w+) {2}/gm)].map(([, verb]) =>
    verb!
  );
  assert.deepEqual(verbs.toSorted(), [
    ...[
      "ablate",
      "calibrate",
      "download",
      "eval",
      "export",
      "merge",
      "report",
      "reproduce",
    ],
    ...["score", "serve", "synth", "train"],
  ]);
  for (const verb of verbs) {
    const { code, stdout, stderr } = await run(container, [verb, "--help"]);
    assert.equal(code, 0, stderr);
    assert.match(stdout, new RegExp(`^Usage: deno task ${verb} `, "m"));
  }
});

Deno.test("the image downloads", async () => {
  await using container = await makeContainer();
  const listed = await run(container, ["download", "--list"]);
  assert.equal(listed.code, 0, listed.stderr);
  assert.match(listed.stdout, /^nano +model .* included$/m);
  const args = ["download", "--offline", "vit-b-16"];
  const offline = await run(container, args);
  assert.equal(offline.code, 42, offline.stderr);
  assert.match(offline.stderr, /^Cannot get \S+ without a network as /m);
});

Deno.test({
  name: "the image never runs on the CPU where a GPU was asked for",
  ignore: listSupportedBackends().some(({ name, bundled }) =>
    name === "cuda" && bundled
  ),
  async fn() {
    await using container = await makeContainer();
    const args = ["eval", "--provider=cuda", "--limit=1"];
    const { code, stdout, stderr } = await run(container, args);
    assert.equal(code, 42);
    assert.equal(stdout, "");
    assert.match(stderr, /Cannot run \S+ on cuda/);
  },
});
