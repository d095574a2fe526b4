import { Validator } from "@seriousme/openapi-schema-validator";
import { Ajv2020 } from "ajv/dist/2020.js";
import assert from "node:assert/strict";
import { allStores } from "../../../lib/batch/stores.ts";
import { readyServer, temporaryFolder } from "../_server.ts";
import { documentOf } from "./_openapi.ts";

Deno.test("GET /openapi.json is valid to a validator, with and without tokens", async () => {
  for (const tokens of [["t"], []]) {
    const { document } = await documentOf(tokens);
    const { valid, errors } = await new Validator().validate({ ...document });
    assert.ok(valid, JSON.stringify(errors));
  }
});

Deno.test("GET /openapi.json names each operation, its path and its errors", async () => {
  const { document, operations } = await documentOf(["t"]);
  const ids = operations.map(({ operation }) => operation.operationId);
  assert.ok(ids.every((id) => id !== undefined));
  assert.equal(new Set(ids).size, ids.length);
  const { bearerAuth } = document.components.securitySchemes;
  const { description, ...scheme } = bearerAuth!;
  assert.deepEqual(scheme, { type: "http", scheme: "bearer" });
  assert.match(description!, /MFP_TOKENS/);
  for (const { route, path, operation } of operations) {
    const named = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
    const declared = (operation.parameters ?? [])
      .filter((parameter) => parameter.in === "path");
    assert.deepEqual(declared.map(({ name }) => name), named, route);
    assert.ok(declared.every(({ required }) => required), route);
    const isOpen = operation.security?.length === 0;
    assert.equal("401" in operation.responses, !isOpen, route);
    for (
      const [status, { headers, content }] of Object.entries(
        operation.responses,
      )
    ) {
      assert.ok(headers !== undefined && "X-Request-Id" in headers, route);
      const isBare = path === "/ping" || status === "204";
      if (!isBare) assert.ok(content !== undefined, `${route} ${status}`);
    }
  }
});

Deno.test("GET /openapi.json shows examples that are valid", async () => {
  const { document } = await documentOf(["t"]);
  const ajv = new Ajv2020({ strict: false, validateFormats: false });
  ajv.addSchema(document, "api");
  let count = 0;
  for (const [name, schema] of Object.entries(document.components.schemas)) {
    const { example } = schema;
    if (example === undefined) continue;
    const validate = ajv.getSchema(`api#/components/schemas/${name}`)!;
    assert.ok(validate(example), `${name}: ${ajv.errorsText(validate.errors)}`);
    count++;
  }
  assert(count > 15);
});

Deno.test("GET /docs shows how to ask each route with curl", async () => {
  const { server } = readyServer({ tokens: ["t"] });
  const html = await (await server.app.request("/docs")).text();
  const lines = html.match(/<pre>curl /g) ?? [];
  const { paths } = await (await server.app.request("/openapi.json")).json();
  const count = Object.values<object>(paths)
    .flatMap((methods) => Object.keys(methods)).length;
  assert.equal(lines.length, count);
  assert.ok(html.includes(
    "curl -H &#39;Authorization: Bearer TOKEN&#39; " +
      "-H &#39;Content-Type: image/png&#39; --data-binary @photo.png " +
      "&#39;http://127.0.0.1:8080/v1/score?category=bottle&#39;",
  ));
  server.close();
});

Deno.test("lib/server/README.md has the curl lines of /docs", async () => {
  await using folder = await temporaryFolder();
  const { server } = readyServer({
    predictRoute: "/predict",
    healthRoute: "/health",
    tokens: ["t"],
    state: allStores().folder(folder.path),
  });
  const html = await (await server.app.request("/docs")).text();
  await server.drain();
  server.close();
  const url = new URL("../../../lib/server/README.md", import.meta.url);
  const escaped = (await Deno.readTextFile(url))
    .replaceAll("&", "&amp;").replaceAll('"', "&quot;").replaceAll(
      "'",
      "&#39;",
    );
  const written = escaped.split("\n").filter((line) =>
    line.startsWith("curl ")
  );
  const shown = [...html.matchAll(/<pre>(curl [^<]*)/g)].map(([, line]) =>
    line
  );
  assert.deepEqual(written, shown);
});
