import assert from "node:assert/strict";
import { Ajv2020 } from "ajv/dist/2020.js";
import { allStores } from "../../lib/batch/stores.ts";
import { temporaryFolder } from "../checkpoint/temporary.ts";
import { GOLDEN_IMAGES } from "../golden/mfp_clip/golden.ts";
import { startServer, untilReady } from "../server/_client.ts";
import {
  CREDENTIALS,
  type S3Server,
  startS3Server,
} from "../storage/_s3_server.ts";
import { whyNoPrograms } from "./debian_packages.ts";

const TOKEN = "secret";

const reason = await whyNoPrograms(["curl", "bash"], ["curl"]);
if (reason !== undefined) console.error(`curl is not tested: ${reason}`);

const ENTITIES: Readonly<Record<string, string>> = {
  "&#39;": "'",
  "&quot;": '"',
  "&lt;": "<",
  "&gt;": ">",
  "&amp;": "&",
};

/** The lines that /docs shows; those that delete come last. */
async function curlLines(address: string): Promise<string[]> {
  const html = await (await fetch(`${address}/docs`)).text();
  const lines = [...html.matchAll(/<pre>(curl [^<]*)/g)].map(([, line = ""]) =>
    line.replace(/&#?\w+;/g, (entity) => ENTITIES[entity]!)
  );
  const deletes = (line: string) => line.includes("-X DELETE");
  return [
    ...lines.filter((line) => !deletes(line)),
    ...lines.filter(deletes),
  ];
}

/** A folder with the files that the lines send. */
async function photos() {
  const folder = await temporaryFolder();
  const [, first, second] = GOLDEN_IMAGES as [string, string, string];
  await Deno.copyFile(first, `${folder.path}/photo.png`);
  await Deno.copyFile(second, `${folder.path}/photo2.png`);
  return folder;
}

/** Starts a server that may use the bucket of the lines. */
async function serverBeside({ bucket, settings }: S3Server, state: string) {
  const uri = `s3://${bucket}`;
  const image = await Deno.readFile(GOLDEN_IMAGES[1]!);
  await allStores(settings).folder(`${uri}/images/bottle`).put("1.png", image);
  const { accessKeyId, secretAccessKey } = CREDENTIALS;
  return await startServer([
    "--port=0",
    "--threshold=0",
    ...["--endpoint", settings.endpoint, "--state", state],
    ...["--allow-input", `${uri}/images/`, "--allow-output", `${uri}/results/`],
    ...["--events", `${uri}/events/`],
  ], {
    MFP_TOKENS: TOKEN,
    AIP_PREDICT_ROUTE: "/predict",
    AIP_HEALTH_ROUTE: "/health",
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_REGION: "us-east-1",
  });
}

async function runLine(cwd: string, line: string) {
  const form = "\\n%{http_code} %{content_type}";
  const command = new Deno.Command("bash", {
    args: ["-c", line.replace(/^curl/, `curl -sS -m 60 -w '${form}'`)],
    cwd,
  });
  const { success, stdout, stderr } = await command.output();
  const decoder = new TextDecoder();
  assert.ok(success, `${line}: ${decoder.decode(stderr)}`);
  const output = decoder.decode(stdout);
  const end = output.lastIndexOf("\n");
  const [status, type = ""] = output.slice(end + 1).split(" ");
  const body = output.slice(0, end);
  return { status: Number(status), isJson: type.includes("json"), body };
}

interface Declared {
  readonly paths: Readonly<Record<string, object>>;
}

/** Asserts that answers are as the OpenAPI document declares them. */
async function declaredAnswers(address: string) {
  const document: Declared = await (await fetch(`${address}/openapi.json`))
    .json();
  const ajv = new Ajv2020({ strict: false, validateFormats: false });
  ajv.addSchema(document, "api");
  return (
    line: string,
    { status, answer }: { readonly status: number; readonly answer: unknown },
  ): void => {
    const [, asked = ""] = /'http:\/\/[^/]+([^'?]*)[^']*'$/.exec(line) ?? [];
    const path = Object.keys(document.paths).find((pattern) =>
      new RegExp(`^${pattern.replace(/\{\w+\}/g, "[^/]+")}$`).test(asked)
    )!;
    const [, method = /-d |-F |--data/.test(line) ? "post" : "get"] =
      /-X (\w+)/.exec(line) ?? [];
    const place = ["paths", path, method.toLowerCase(), "responses", status]
      .concat(["content", "application/json", "schema"])
      .map((name) => `${name}`.replaceAll("~", "~0").replaceAll("/", "~1"))
      .map(encodeURIComponent).join("/");
    const validate = ajv.getSchema(`api#/${place}`);
    assert(validate !== undefined, `${line}: ${place}`);
    const errors = () => `${line}: ${ajv.errorsText(validate.errors)}`;
    assert(validate(answer), errors());
  };
}

const ENDED = ["succeeded", "failed", "cancelled"];

/** Waits until a batch has its report. */
async function untilDone(address: string, id: string): Promise<void> {
  const headers = { Authorization: `Bearer ${TOKEN}` };
  for (;;) {
    const url = `${address}/v1/batches/${id}`;
    const { state } = await (await fetch(url, { headers })).json();
    if (ENDED.includes(state)) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

Deno.test({
  name: "each curl line of /docs works as it stands",
  ignore: reason !== undefined,
  async fn() {
    await using folder = await photos();
    await using storage = await startS3Server("bucket");
    const state = `${folder.path}/state`;
    await using server = await serverBeside(storage, state);
    const { address } = server;
    await untilReady(address);
    const lines = await curlLines(address);
    const assertDeclared = await declaredAnswers(address);
    const ids: Record<string, string> = {};
    for (const line of lines) {
      const [, kind = ""] = /\/v1\/(profiles|batches)/.exec(line) ?? [];
      const filled = line
        .replaceAll("http://127.0.0.1:8080", address)
        .replaceAll("TOKEN", TOKEN)
        .replaceAll("/ID", `/${ids[kind]}`);
      const { status, isJson, body } = await runLine(folder.path, filled);
      assert.ok(status >= 200 && status < 300, `${line}: ${status} ${body}`);
      const answer = isJson ? JSON.parse(body) : {};
      if (isJson) assertDeclared(line, { status, answer });
      if (status !== 201 && status !== 202) continue;
      ids[kind] = answer.id;
      if (kind === "batches") await untilDone(address, answer.id);
    }
    assert.deepEqual(Object.keys(ids), ["profiles", "batches"]);
    assert.ok(lines.length > 30);
  },
});
