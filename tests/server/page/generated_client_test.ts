import assert from "node:assert/strict";
import config from "../../../deno.json" with { type: "json" };
import { allStores } from "../../../lib/batch/stores.ts";
import { listen } from "../../../lib/server/listen.ts";
import { png, readyServer, temporaryFolder } from "../_server.ts";
import { documentOf, runDeno, typesOf } from "./_openapi.ts";

Deno.test("openapi-typescript makes types of GET /openapi.json that a client can use", async () => {
  const { document } = await documentOf(["t"]);
  const types = await typesOf(document);
  await using folder = await temporaryFolder();
  await Deno.writeTextFile(`${folder.path}/api.d.ts`, types);
  await Deno.writeTextFile(`${folder.path}/deno.json`, "{}");
  await Deno.writeTextFile(
    `${folder.path}/client.ts`,
    `import type { operations, paths } from "./api.d.ts";
export const photo: paths["/v1/score"]["post"]["requestBody"]["content"]["image/*"] =
  new Blob();
export const form: paths["/v1/profiles"]["post"]["requestBody"]["content"]["multipart/form-data"] =
  { good: [photo], category: "bottle" };
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

/** Calls a server with a generated client, as its users do. */
const CLIENT = `
import createClient from "openapi-fetch";
import type { paths } from "./api.d.ts";
const [baseUrl = "", token, path = ""] = Deno.args;
const headers = { Authorization: "Bearer " + token };
const { GET, POST, DELETE } = createClient<paths>({ baseUrl, headers });
const image = new Blob([await Deno.readFile(path)], { type: "image/png" });
const query = { category: "bottle" };
const bodySerializer = (body: unknown) => body as Blob;
const scored = await POST("/v1/score", {
  params: { query },
  body: image,
  headers: { "Content-Type": "image/png" },
  bodySerializer,
});
if (scored.data === undefined || !("score" in scored.data)) Deno.exit(1);
const score: number = scored.data.score;
const heatmap = await POST("/v1/score", {
  params: { query },
  body: image,
  headers: { "Content-Type": "image/png", Accept: "image/png" },
  bodySerializer,
  parseAs: "blob",
});
const pixels: Blob = heatmap.data!;
const form = new FormData();
form.append("image", image, "photo.png");
form.append("category", "cup");
const sent = await POST("/v1/score", {
  body: { image, category: "cup" },
  bodySerializer: () => form,
});
const inferred = await POST("/v2/models/{model}/infer", {
  params: { path: { model: "fake" } },
  body: {
    inputs: [
      {
        name: "image",
        shape: [1],
        datatype: "BYTES",
        data: [(await image.bytes()).toBase64()],
      },
      { name: "category", shape: [1], datatype: "BYTES", data: ["bottle"] },
    ],
  },
});
const refused = await POST("/v1/score", {
  body: image,
  headers: { "Content-Type": "image/png" },
  bodySerializer,
});
const reason: string = refused.error!.error;
const stranger = await GET("/v1/places", {
  headers: { Authorization: "Bearer other" },
});
const missing = await DELETE("/v1/batches/{id}", {
  params: { path: { id: "20260101000000-000000000000" } },
});
const live = await GET("/healthz");
console.log(JSON.stringify({
  score,
  heatmap: [pixels.type, heatmap.response.headers.has("X-Score")],
  sent: sent.response.status,
  inferred: inferred.data!.outputs[0]!.data[0],
  refused: [refused.response.status, reason.length > 0],
  stranger: stranger.response.status,
  missing: missing.response.status,
  live: live.response.status,
}));
`;

Deno.test("a client generated from GET /openapi.json calls a live server", async () => {
  const { document } = await documentOf(["t"]);
  const types = await typesOf(document);
  await using folder = await temporaryFolder();
  const { server } = readyServer({
    tokens: ["t"],
    state: allStores().folder(`${folder.path}/state`),
  });
  const listening = await listen(server, { hostname: "127.0.0.1", port: 0 });
  const imports = { "openapi-fetch": config.scopes["./"]["openapi-fetch"] };
  const write = (name: string, text: string) =>
    Deno.writeTextFile(`${folder.path}/${name}`, text);
  await write("deno.json", JSON.stringify({ imports }));
  await write("api.d.ts", types);
  await write("client.ts", CLIENT);
  const photo = `${folder.path}/photo.png`;
  await Deno.writeFile(photo, await png(200));
  const args = [`http://127.0.0.1:${listening.port}`, "t", photo];
  const permissions = ["--no-lock", "--allow-net=127.0.0.1", "--allow-read"];
  const output = await runDeno(
    ["run", "--check", "--quiet", ...permissions, "client.ts", ...args],
    folder.path,
  );
  await listening.drain({ accept: 0 });
  const { score, ...found } = JSON.parse(output);
  assert(score > 0 && score < 1);
  assert.deepEqual(found, {
    heatmap: ["image/png", true],
    sent: 200,
    inferred: score,
    refused: [400, true],
    stranger: 401,
    missing: 404,
    live: 200,
  });
});
