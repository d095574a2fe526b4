import assert from "node:assert/strict";
import { documentOf } from "../page/_openapi.ts";
import { imageForm, png, post, readyServer } from "../_server.ts";

const FORM = imageForm(await png(), { category: "cup" });

async function statusOf(
  headers: Record<string, string>,
  tokens: string[] = [],
): Promise<number> {
  const { server } = readyServer({ tokens });
  return (await post(server, "/v1/score", FORM, headers)).status;
}

Deno.test("pages of other origins are refused where there are no tokens", async () => {
  const own = { Origin: "http://localhost" };
  const other = { Origin: "http://example.org" };
  const cases = [
    [{}, 200],
    [own, 200],
    [other, 403],
    [{ Origin: "http://localhost:3000" }, 403],
    [{ Origin: "null" }, 403],
    [{ "Sec-Fetch-Site": "none" }, 200],
    [{ ...own, "Sec-Fetch-Site": "cross-site" }, 403],
    [{ ...own, "Sec-Fetch-Site": "same-site" }, 403],
    // A proxy has rewritten Host.
    [{ ...other, "Sec-Fetch-Site": "same-origin" }, 200],
    [{ ...other, "X-Requested-With": "fetch" }, 200],
  ] as const;
  for (const [headers, status] of cases) {
    assert.equal(await statusOf(headers), status, JSON.stringify(headers));
  }
});

Deno.test("pages of other origins may ask with a token", async () => {
  const headers = { "Sec-Fetch-Site": "cross-site", Authorization: "Bearer t" };
  assert.equal(await statusOf(headers, ["t"]), 200);
});

Deno.test("pages of other origins may not change profiles, but may be linked to this one", async () => {
  const { server } = readyServer();
  const headers = { "Sec-Fetch-Site": "cross-site" };
  for (
    const [method, path, status] of [
      ["POST", "/v1/profiles", 403],
      ["DELETE", "/v1/profiles/x", 403],
      ["POST", "/", 403],
      ["GET", "/", 200],
    ] as const
  ) {
    const response = await server.app.request(path, { method, headers });
    const text = await response.text();
    assert.equal(response.status, status, `${method} ${path}`);
    if (status === 403) {
      assert.match(JSON.parse(text).error, /must have tokens/);
    }
  }
});

Deno.test("other origins may not be allowed to send the header of the page", async () => {
  const { server } = readyServer();
  const response = await server.app.request("/v1/score", {
    method: "OPTIONS",
    headers: {
      Origin: "http://example.org",
      "Access-Control-Request-Method": "POST",
      "Access-Control-Request-Headers": "x-requested-with",
    },
  });
  const names = [...response.headers.keys()];
  assert.deepEqual(names.filter((name) => name.startsWith("access-")), []);
});

Deno.test("GET /openapi.json names 403 where there are no tokens", async () => {
  for (const { route, operation } of (await documentOf([])).operations) {
    if (route.startsWith("get ")) continue;
    assert.ok("403" in operation.responses, route);
  }
});
