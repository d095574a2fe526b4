import assert from "node:assert/strict";
import { command } from "../../tasks/score.ts";
import { webhookPlace } from "../../tasks/flags/watch_flags.ts";
import { png, withFolder } from "../data/trees.ts";
import { withConsole } from "./_console.ts";

const ROOT = new URL("../..", import.meta.url);
const SECRET = "whsec_MDEyMzQ1Njc4OWFiY2RlZg==";

function start(folder: string, url: string): Deno.ChildProcess {
  const flags = ["--watch", folder, "--out", `${folder}-out`, "--json"];
  return new Deno.Command("deno", {
    args: [
      ...["run", "-P=score", "--no-prompt", "main.ts", "score", ...flags],
      ...["--poll", "0.05", "--settle", "0.1", "--threads", "1"],
      ...["--threshold=-20", "--webhook", url],
    ],
    cwd: ROOT,
    env: { MFP_WEBHOOK_SECRET: SECRET },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

/** Keys that a webhook is sent, as they come. */
function receiver() {
  const { readable, writable } = new TransformStream<string, string>();
  const writer = writable.getWriter();
  const server = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen: () => {} },
    async (request) => {
      assert.match(request.headers.get("webhook-signature")!, /^v1,.{44}$/);
      writer.write((await request.json()).key);
      return new Response(null, { status: 204 });
    },
  );
  const reader = readable.getReader();
  return {
    url: `http://127.0.0.1:${server.addr.port}/`,
    next: async () => (await reader.read()).value,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

Deno.test({
  name: "score --watch decides on files as they come, until it is stopped",
  ignore: Deno.build.os === "windows",
  async fn() {
    await using hook = receiver();
    await withFolder({ "cup/1.png": await png(10) }, async (folder) => {
      const out = `${folder}-out`;
      try {
        const first = start(folder, hook.url);
        assert.equal(await hook.next(), "cup/1.png");
        await Deno.writeFile(`${folder}/2.png`, await png(99));
        assert.equal(await hook.next(), "2.png");
        first.kill("SIGTERM");
        const { code, stdout, stderr } = await first.output();
        const log = new TextDecoder().decode(stderr);
        assert.equal(code, 143, log);
        assert.match(log, /^2 images, 2 defective, 0 without a score; /m);
        const kept = await Deno.readTextFile(`${out}/decisions.jsonl`);
        assert.equal(new TextDecoder().decode(stdout), kept);
        const second = start(folder, hook.url);
        await Deno.writeFile(`${folder}/3.png`, await png(50));
        assert.equal(await hook.next(), "3.png");
        second.kill("SIGTERM");
        assert.equal((await second.output()).code, 143);
        const lines = (await Deno.readTextFile(`${out}/decisions.jsonl`))
          .trimEnd().split("\n").map((line) => JSON.parse(line));
        assert.deepEqual(
          lines.map((
            { key, category, threshold },
          ) => [key, category, threshold]),
          [
            ["cup/1.png", "cup", -20],
            ["2.png", "object", -20],
            ["3.png", "object", -20],
          ],
        );
      } finally {
        await Deno.remove(out, { recursive: true }).catch(() => {});
      }
    });
  },
});

Deno.test("score --watch refuses what it cannot do, before it loads a model", async () => {
  const cases: [string[], number, RegExp][] = [
    [["--watch", "/nowhere"], 42, /\/nowhere as it must be a folder/],
    [["--watch", ".", "--shards", "2"], 2, /must stand without --shards/],
    [["--watch", ".", "--out", "s3://b/"], 2, /--out must be a folder here/],
    [["--webhook", "https://a/"], 2, /must stand beside --watch/],
    [["--watch", ".", "--webhook", "ftp://a/"], 2, /http or https address/],
  ];
  for (const [args, code, message] of cases) {
    const got = await withConsole(() => command.main("score", args));
    assert.equal(got.code, code, got.stderr);
    assert.match(got.stderr, message);
  }
});

Deno.test("webhookPlace() takes secrets as text, and as base64 behind whsec_", () => {
  const url = "https://line.example/hook";
  const text = "0123456789abcdef";
  const key = new TextEncoder().encode(text);
  assert.deepEqual(webhookPlace(url, text)?.secret, key);
  assert.deepEqual(webhookPlace(url, SECRET)?.secret, key);
  assert.equal(webhookPlace(undefined, undefined), undefined);
  for (const secret of [undefined, "short", "whsec_!", "whsec_c2hvcnQ="]) {
    assert.throws(() => webhookPlace(url, secret), /at least 16 bytes/);
  }
});
