import { Validator } from "@seriousme/openapi-schema-validator";
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { allStores } from "../../../lib/batch/stores.ts";
import { readyServer, temporaryFolder } from "../_server.ts";

const TYPES = fileURLToPath(new URL("./_types.ts", import.meta.url));

async function runDeno(args: string[], cwd?: string): Promise<string> {
  const options = cwd === undefined ? { args } : { args, cwd };
  const command = new Deno.Command("deno", options);
  const { success, stdout, stderr } = await command.output();
  const decoder = new TextDecoder();
  assert.ok(success, decoder.decode(stderr));
  return decoder.decode(stdout);
}

interface Operation {
  operationId?: string;
  summary?: string;
  security?: unknown[];
  parameters?: { name: string; in: string; required?: boolean }[];
  responses: Record<string, { headers?: object; content?: object }>;
}

async function documentOf(tokens: string[]) {
  await using folder = await temporaryFolder();
  const { server } = readyServer({
    predictRoute: "/predict",
    healthRoute: "/health",
    tokens,
    state: allStores().folder(folder.path),
  });
  const document = await (await server.app.request("/openapi.json")).json();
  await server.drain();
  server.close();
  const operations = Object.entries<Record<string, Operation>>(document.paths)
    .flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({
        route: `${method} ${path}`,
        path,
        operation,
      }))
    );
  return { document, operations };
}

Deno.test("GET /openapi.json is valid to a validator, with and without tokens", async () => {
  for (const tokens of [["t"], []]) {
    const { document } = await documentOf(tokens);
    const { valid, errors } = await new Validator().validate(document);
    assert.ok(valid, JSON.stringify(errors));
  }
});

Deno.test("GET /openapi.json names each operation, its path and its errors", async () => {
  const { document, operations } = await documentOf(["t"]);
  const ids = operations.map(({ operation }) => operation.operationId);
  assert.ok(ids.every((id) => id !== undefined));
  assert.equal(new Set(ids).size, ids.length);
  assert.deepEqual(document.components.securitySchemes, {
    bearerAuth: { type: "http", scheme: "bearer" },
  });
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

Deno.test("openapi-typescript makes types of GET /openapi.json that a client can use", async () => {
  const { document } = await documentOf(["t"]);
  const types = await runDeno(
    ["run", "-A", "--no-check", TYPES, JSON.stringify(document)],
  );
  await using folder = await temporaryFolder();
  await Deno.writeTextFile(`${folder.path}/api.d.ts`, types);
  await Deno.writeTextFile(`${folder.path}/deno.json`, "{}");
  await Deno.writeTextFile(
    `${folder.path}/client.ts`,
    `import type { operations, paths } from "./api.d.ts";
type Scored = operations["scoreImage"]["responses"][200]["content"];
export const score: (answer: Scored["application/json"]) => number =
  (answer) => answer.score + answer.milliseconds.session;
export const refused: operations["scoreImage"]["responses"][400]["content"]["application/json"] =
  { error: "no category", request_id: "1" };
export const model: paths["/v2/models/{model}"]["get"]["parameters"]["path"] =
  { model: "nano" };
export const version: operations["inferVersion"]["parameters"]["path"] =
  { model: "nano", version: "1" };
export const batch: operations["startBatch"]["requestBody"]["content"]["application/json"] =
  { input: "s3://a/", output: "s3://b/" };
type Made = operations["makeProfile"]["responses"][201]["content"];
export const scoreBy: (made: Made["application/json"]) => operations["scoreImage"]["parameters"]["query"] =
  ({ id, calibration }) => ({ profile: id, threshold: calibration?.threshold });
`,
  );
  const check = ["check", "--no-lock", "--quiet", "client.ts"];
  await runDeno(check, folder.path);
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
