import assert from "node:assert/strict";
import {
  request,
  type RequestOptions,
  shownUrl,
} from "../../../lib/hub/transfer/http.ts";
import { type Asked, type Reply, serve } from "../_server.ts";

const signal = new AbortController().signal;

async function textAt(
  address: string,
  options: Partial<RequestOptions> = {},
): Promise<string> {
  const response = await request(address, { signal, ...options });
  return `${response.status} ${await response.text()}`;
}

function to(location: string, status: number = 302): Reply {
  return { status, headers: { location } };
}

function said(text: string): Reply {
  return { body: new TextEncoder().encode(text) };
}

function tokens(asked: readonly Asked[]): (string | null)[] {
  return asked.map(({ headers }) => headers.get("authorization"));
}

Deno.test("request() follows redirects of all kinds", async () => {
  for (const status of [301, 302, 303, 307, 308]) {
    await using server = serve(({ path }) =>
      path === "/a" ? to("b?c=1", status) : said(path)
    );
    assert.equal(await textAt(`${server.origin}/a`), "200 /b?c=1");
  }
});

Deno.test("request() gives any other status to its caller", async () => {
  await using server = serve(() => ({ ...said("no"), status: 404 }));
  assert.equal(await textAt(`${server.origin}/a`), "404 no");
});

Deno.test("request() sends credentials to their own origin only", async () => {
  await using other = serve(({ path }) =>
    path === "/back" ? to(`${origin}/end`) : said("other")
  );
  await using server = serve(({ path }) =>
    path === "/a"
      ? to("/b")
      : path === "/b"
      ? to(`${other.origin}/back`)
      : said("end")
  );
  const { origin } = server;
  const credentials = { origin, token: "secret" };
  const headers = { "x-kept": "1" };
  assert.equal(
    await textAt(`${origin}/a`, { credentials, headers }),
    "200 end",
  );
  assert.deepEqual(tokens(server.asked), [
    "Bearer secret",
    "Bearer secret",
    "Bearer secret",
  ]);
  assert.deepEqual(tokens(other.asked), [null]);
  assert.equal(other.asked[0]!.headers.get("x-kept"), "1");
});

Deno.test("request() sends no credentials to another origin first", async () => {
  await using server = serve(() => said("end"));
  const credentials = { origin: "https://huggingface.co", token: "secret" };
  await textAt(`${server.origin}/a`, { credentials });
  assert.deepEqual(tokens(server.asked), [null]);
});

Deno.test("request() follows at most 10 redirects", async () => {
  await using server = serve(({ path }) => {
    const left = Number(path.slice(1));
    return left === 0 ? said("end") : to(`/${left - 1}`);
  });
  assert.equal(await textAt(`${server.origin}/10`), "200 end");
  await assert.rejects(textAt(`${server.origin}/11`), {
    failure: "unavailable",
    message: /\/11 as it must lead to a file within 10 redirects$/,
  });
});

Deno.test("request() refuses redirects that lead nowhere", async () => {
  const cases: [Reply, RegExp][] = [
    [{ status: 302 }, /it must name an address: current value is null$/],
    [to("http://"), /it must name an address: current value is "http:\/\/"$/],
    [
      to("file:///etc/passwd"),
      /must lead to http or https: current value is file:\/\/$/,
    ],
    [to("ftp://a.invalid/b"), /current value is ftp:\/\/a\.invalid$/],
  ];
  for (const [reply, message] of cases) {
    await using server = serve(() => reply);
    await assert.rejects(textAt(`${server.origin}/a`), { message });
  }
});

Deno.test("request() goes through the proxy that the environment names", async () => {
  await using proxy = serve(({ path }) => said(`proxied ${path}`));
  const module = import.meta.resolve("../../../lib/hub/transfer/http.ts");
  const code = `
    import { request } from "${module}";
    const { signal } = new AbortController();
    for (const host of ["a.invalid", "127.0.0.1:1"]) {
      const answer = request(\`http://\${host}/x\`, { signal });
      console.log(await answer.then((r) => r.text(), (e) => e.name));
    }`;
  const { stdout } = await new Deno.Command("deno", {
    args: ["eval", code],
    env: { HTTP_PROXY: proxy.origin, NO_PROXY: "127.0.0.1" },
  }).output();
  assert.equal(
    new TextDecoder().decode(stdout),
    "proxied http://a.invalid/x\nDownloadError\n",
  );
});

Deno.test("shownUrl() hides what an address is signed with", () => {
  assert.equal(
    shownUrl("https://user:password@host.invalid/a/b?Signature=x#y"),
    "https://host.invalid/a/b?...",
  );
});
