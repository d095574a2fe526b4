import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import {
  hammer,
  serveToEnd,
  startServer,
  untilReady,
} from "../server/_client.ts";
import { png, temporaryFolder } from "../server/_server.ts";

Deno.test("serve answers, and loses no request when it is told to stop", async () => {
  await using folder = await temporaryFolder();
  await using server = await startServer(
    [`--state=${folder.path}`, "--threads=1"],
    { PORT: "0" },
  );
  const { address, child } = server;
  const started = await fetch(`${address}/healthz`);
  await started.body?.cancel();
  assert.equal(started.status, 200);
  await untilReady(address);
  const image = await png(90, { width: 40, height: 40 });
  const clients = Array.from({ length: 8 }, () => hammer(address, image));
  await new Promise((resolve) => setTimeout(resolve, 500));
  const told = performance.now();
  child.kill("SIGTERM");
  const { code } = await child.status;
  const seconds = (performance.now() - told) / 1000;
  assert.equal(code, 0, server.log());
  assert.ok(seconds < 8, `${seconds}`);
  const answers = (await Promise.all(clients)).flat();
  const accepted = answers.filter(({ sent }) => sent <= told);
  assert.ok(accepted.length >= 8);
  assert.ok(accepted.every(({ status }) => status === 200));
  assert.match(server.log(), /Ready with the model nano/);
  assert.match(server.log(), /^Only this machine is answered/m);
});

Deno.test("serve tells its own memory, and no figure of the system that is 0", async () => {
  await using folder = await temporaryFolder();
  await using server = await startServer(
    [`--state=${folder.path}`, "--threads=1"],
    { PORT: "0" },
  );
  const answer = await fetch(`${server.address}/metrics`);
  const text = await answer.text();
  const bytes = /^process_resident_memory_bytes (\d+)$/m.exec(text)?.[1];
  assert.ok(Number(bytes) > 50e6, `${bytes}`);
  assert.doesNotMatch(text, /^process_\w+ 0$/m);
  // All of its time, not that since the first scrape.
  const seconds = /^process_cpu_seconds_total ([\d.]+)$/m.exec(text)?.[1];
  assert.ok(Number(seconds) > 0.1, `${seconds}`);
});

Deno.test("serve ends with 42 where the model cannot be used", async () => {
  await using server = await startServer([
    "--port=0",
    "--model=/nowhere/model",
  ]);
  const { code } = await server.child.status;
  assert.equal(code, 42, server.log());
});

Deno.test("serve ends with 42 where a file of the model cannot be hashed", async () => {
  await using folder = await temporaryFolder();
  const model = `${folder.path}/model`;
  await Deno.mkdir(model);
  const nano = fileURLToPath(new URL("../../models/nano", import.meta.url));
  for await (const { name } of Deno.readDir(nano)) {
    await Deno.symlink(`${nano}/${name}`, `${model}/${name}`);
  }
  await Deno.symlink("/nowhere", `${model}/more.safetensors`);
  const { code, log } = await serveToEnd(["--port=0", `--model=${model}`]);
  assert.equal(code, 42, log);
  assert.match(log, /more\.safetensors.* a link to nothing/);
});

Deno.test("serve ends with 2 where a flag or a variable is wrong", async () => {
  await using folder = await temporaryFolder();
  const state = `--state=${folder.path}`;
  const allow = await serveToEnd([
    "--port=0",
    state,
    "--allow-input=http://a/",
  ]);
  assert.equal(allow.code, 2, allow.log);
  assert.match(
    allow.log,
    /^Cannot read --allow-input as its folders must .*: current value is "http:\/\/a\/"$/m,
  );
  const port = await serveToEnd([state], { PORT: "http" });
  assert.equal(port.code, 2, port.log);
  const host = await serveToEnd(["--port=0", state, "--host=192.0.2.1"]);
  assert.equal(host.code, 2, host.log);
  assert.match(
    host.log,
    /^Cannot listen at 192\.0\.2\.1:0 as the host must be an address of this machine$/m,
  );
});

Deno.test("serve does not call a model too large for the memory wrong usage", async () => {
  await using folder = await temporaryFolder();
  const model = `${folder.path}/model`;
  const nano = new URL("../../models/nano/", import.meta.url);
  await Deno.mkdir(model);
  for await (const { name } of Deno.readDir(nano)) {
    await Deno.symlink(new URL(name, nano), `${model}/${name}`);
  }
  const config = JSON.parse(await Deno.readTextFile(`${model}/mfp_clip.json`));
  await Deno.remove(`${model}/mfp_clip.json`);
  await Deno.writeTextFile(
    `${model}/mfp_clip.json`,
    JSON.stringify({ ...config, image_size: 3_200_000 }),
  );
  await using server = await startServer([
    "--port=0",
    `--state=${folder.path}/state`,
    `--model=${model}`,
  ]);
  const { code } = await server.child.status;
  assert.ok(code === 1 || code === 42, `${code}\n${server.log()}`);
});
