import assert from "node:assert/strict";
import { allStores } from "../../lib/batch/stores.ts";
import {
  imageForm,
  png,
  post,
  readyServer,
  temporaryFolder,
} from "./_server.ts";

Deno.test("GET /openapi.json describes every route", async () => {
  await using folder = await temporaryFolder();
  const { server } = readyServer({
    predictRoute: "/predict",
    healthRoute: "/health",
    tokens: ["t"],
    state: allStores().folder(folder.path),
  });
  const document = await (await server.app.request("/openapi.json")).json();
  assert.equal(document.openapi, "3.1.0");
  const described = new Set(
    Object.entries<object>(document.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method} ${path}`)
    ),
  );
  const pages = /^get \/(assets\/.+|docs|openapi\.json)?$/;
  for (const { method, path } of server.app.routes) {
    if (path.includes("*")) continue;
    const route = `${method.toLowerCase()} ${
      path.replaceAll(/:(\w+)/g, "{$1}")
    }`;
    if (!pages.test(route)) assert.ok(described.has(route), route);
  }
  assert.ok(described.has("get /metrics") && described.has("post /predict"));
  assert.deepEqual(document.security, [{ bearerAuth: [] }]);
  const open = ["/healthz", "/ping", "/health", "/v2/models/{model}/ready"];
  for (const path of open) {
    assert.deepEqual(document.paths[path].get.security, [], path);
  }
  const { schema } = document.paths["/v1/score"].post.responses["200"]
    .content["application/json"];
  assert.equal(schema.$ref, "#/components/schemas/Score");
  await server.drain();
});

Deno.test("GET /docs shows the same without the network", async () => {
  const { server } = readyServer();
  const response = await server.app.request("/docs");
  const html = await response.text();
  assert.match(html, /\/v1\/score/);
  assert.doesNotMatch(html, /(src|href)="(https?:)?\/\//);
  assert.match(
    response.headers.get("Content-Security-Policy") ?? "",
    /default-src 'none'/,
  );
});

Deno.test("GET / is a page that loads nothing from elsewhere", async () => {
  const { server } = readyServer({ allowCategories: ["cup", "<b>nut</b>"] });
  const html = await (await server.app.request("/")).text();
  assert.match(html, /^<!doctype html>/);
  assert.doesNotMatch(html, /(src|href)="(https?:)?\/\//);
  assert.match(html, /&lt;b&gt;nut/);
  for (const [, path] of html.matchAll(/src="(\/assets\/[^"]+)"/g)) {
    const response = await server.app.request(path!);
    assert.equal(response.status, 200);
    assert.match(response.headers.get("Content-Type") ?? "", /javascript/);
  }
});

Deno.test("the page asks for readiness where every platform lets it", async () => {
  const { server } = readyServer({ tokens: ["t"] });
  const script = await server.app.request("/assets/common.js");
  const text = await script.text();
  const [path, ...others] = [...text.matchAll(/fetch\("([^"]+)"\)/g)]
    .map(([, path]) => path!);
  assert.deepEqual(others, []);
  // Cloud Run keeps some paths that end in z for itself.
  assert.doesNotMatch(path!, /z$/);
  const response = await server.app.request(path!);
  assert.equal(response.status, 200);
  assert.deepEqual(await response.json(), { ready: true, phase: "ready" });
});

Deno.test("GET / asks for a token only where there is one", async () => {
  const open = await readyServer().server.app.request("/");
  assert.doesNotMatch(await open.text(), /id="token"/);
  const closed = await readyServer({ tokens: ["t"] }).server.app.request("/");
  assert.match(await closed.text(), /id="token"/);
});

Deno.test("GET /metrics counts images, errors, batches and stages", async () => {
  const { server } = readyServer();
  await post(server, "/v1/score", imageForm(await png(), { category: "cup" }));
  await post(server, "/v1/score?category=cup", "noise", {
    "Content-Type": "image/png",
  });
  const text = await (await server.app.request("/metrics")).text();
  const wanted = [
    'mfp_images_total{outcome="ok"} 1',
    'mfp_images_total{outcome="error"} 1',
    'mfp_image_errors_total{reason="unsupported_format"} 1',
    "mfp_batch_size_count 1",
    'mfp_stage_seconds_count{stage="decode"} 1',
    'mfp_stage_seconds_count{stage="session"} 1',
    "mfp_queue_images 0",
    "mfp_ready 1",
    'http_requests_total{method="POST",route="/v1/score",status="200",ok="true"} 1',
  ];
  for (const line of wanted) assert.ok(text.includes(line), line);
});

Deno.test("unknown routes are one metric, whatever they are called", async () => {
  const { server } = readyServer();
  for (let i = 0; i < 5; i++) await server.app.request(`/nothing/${i}`);
  const text = await (await server.app.request("/metrics")).text();
  assert.equal(text.match(/^http_requests_total\{.*404/gm)?.length, 1);
  assert.doesNotMatch(text, /nothing/);
});
