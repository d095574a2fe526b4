/**
 * Asks every route of a server's OpenAPI document, by every method, with and
 * without a token, with every type of body:
 *
 *     deno run -A bench/attacks/routes.ts [--model nano]
 *
 * Prints a table of statuses by token. Ends with 1 where a status was 500 or
 * more that the document does not name, where a route that needs a token
 * answered without one, or where the server ended.
 *
 * @module
 */
import { parseArgs } from "node:util";
import { picture } from "../endpoint.ts";
import { attackedServer } from "./attacked_server.ts";
import { type Sent, statusOf } from "./sent_request.ts";

interface Operation {
  readonly security?: unknown[];
  readonly requestBody?: { readonly content?: Record<string, unknown> };
  readonly responses: Record<string, unknown>;
}

/** Operations by method, by path. */
type Paths = Record<string, Record<string, Operation>>;

interface Case extends Sent {
  readonly token: string;
  readonly operation: Operation | undefined;
}

const { values: { model } } = parseArgs({
  options: { model: { type: "string", default: "nano" } },
});
const TOKEN = "sweep-0123456789abcdef";
const TOKENS: Readonly<Record<string, string | undefined>> = {
  none: undefined,
  wrong: "Bearer sweep-0123456789abcdee",
  malformed: "Basic \u00ff",
  right: `Bearer ${TOKEN}`,
};
const METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
/** No route has these, and the server says so with 501. */
const UNKNOWN = ["TRACE", "PROPFIND"];
/** Values of parameters in paths. */
const VALUES = ["x", "..%2f..%2fetc%2fpasswd", "%00", "mfp-clip"];
/** Pages that the document leaves out. */
const PAGES = new Set(["/"]);
const QUERIES = ["", "?category=cup", "?category=%00&category=b&limit=-1"];
/** Bodies under way at a time. */
const WIDTH = 8;

const image = await picture(1);
const GARBAGE = crypto.getRandomValues(new Uint8Array(300));
const TEXTS = ['{"a":[1e999,null', "{}", "[]"]
  .map((text) => new TextEncoder().encode(text));
const BODIES = [undefined, new Uint8Array(), GARBAGE, ...TEXTS, image];

/** A path of the document with values for its parameters. */
function* pathsOf(template: string): Generator<string> {
  if (!template.includes("{")) return yield template;
  for (const value of VALUES) yield template.replaceAll(/\{[^}]+\}/g, value);
}

/** No type, a wrong one, and each that the operation takes. */
function typesOf(operation: Operation | undefined): (string | undefined)[] {
  const documented = Object.keys(operation?.requestBody?.content ?? {})
    .map((type) => type.replaceAll("*", "png"));
  return [
    undefined,
    "text/x-wrong",
    "application/json",
    "\u00ff",
    ...documented,
  ]
    .filter((type, i, all) => all.indexOf(type) === i);
}

function* requestsOf(
  path: string,
  method: string,
  operation: Operation | undefined,
): Generator<Sent> {
  const isThere = operation !== undefined;
  for (const query of isThere ? QUERIES : QUERIES.slice(0, 1)) {
    for (const type of typesOf(operation).slice(0, isThere ? 9 : 2)) {
      for (const body of isThere ? BODIES : BODIES.slice(0, 3)) {
        const headers: Record<string, string> = {};
        if (type !== undefined) headers["Content-Type"] = type;
        yield { method, path: `${path}${query}`, headers, body };
      }
    }
  }
}

function* casesOf(paths: Paths): Generator<Case> {
  for (const [template, operations] of Object.entries(paths)) {
    for (const path of pathsOf(template)) {
      for (const method of [...METHODS, ...UNKNOWN]) {
        const name = method === "HEAD" ? "get" : method.toLowerCase();
        const operation = operations[name];
        for (const sent of requestsOf(path, method, operation)) {
          for (const [token, header] of Object.entries(TOKENS)) {
            const headers = { ...sent.headers };
            if (header !== undefined) headers.Authorization = header;
            yield { ...sent, headers, token, operation };
          }
        }
      }
    }
  }
}

/** What is wrong with an answer; undefined where nothing is. */
function faultOf(asked: Case, status: string): string | undefined {
  const { operation, token, method } = asked;
  const code = Number(status);
  if (Number.isNaN(code)) return status;
  if (code >= 500 && operation?.responses[status] === undefined) {
    return code === 501 && UNKNOWN.includes(method) ? undefined : status;
  }
  const isPage = PAGES.has(asked.path) && /^(GET|HEAD)$/.test(method);
  const isOpen = isPage || operation?.security?.length === 0;
  const isAnswered = code < 300 || code === 503;
  if (token !== "right" && !isOpen && isAnswered) return "open without a token";
  return undefined;
}

const folder = await Deno.makeTempDir({ prefix: "routes" });
await Deno.mkdir(`${folder}/in`);
await Deno.writeFile(`${folder}/in/a.png`, image);
Deno.env.set("MFP_TOKENS", TOKEN);
Deno.env.set("AIP_PREDICT_ROUTE", "/predict");
Deno.env.set("AIP_HEALTH_ROUTE", "/health");
await using server = await attackedServer(folder, [
  `--model=${model}`,
  `--allow-input=${folder}/in/`,
  `--allow-output=${folder}/out/`,
  `--events=${folder}/out/`,
]);
const { port, address } = server;
const { paths }: { paths: Paths } = await (await fetch(
  `${address}/openapi.json`,
)).json();
const cases = casesOf(paths);
const counts: Record<string, Record<string, number>> = {};
const faults = new Map<string, number>();

async function client(): Promise<void> {
  for (const asked of cases) {
    const status = await statusOf(port, asked);
    const row = counts[status] ??= {};
    row[asked.token] = (row[asked.token] ?? 0) + 1;
    const fault = faultOf(asked, status);
    if (fault === undefined) continue;
    const { method, path, token, headers } = asked;
    const type = headers["Content-Type"] ?? "no type";
    const name = `${fault}: ${method} ${path}, ${type}, token ${token}`;
    faults.set(name, (faults.get(name) ?? 0) + 1);
  }
}
await Promise.all(Array.from({ length: WIDTH }, client));

const names = Object.keys(TOKENS);
console.log(`| status | ${names.map((name) => `${name} token`).join(" | ")} |`);
console.log(`| --- |${" ---: |".repeat(names.length)}`);
for (const status of Object.keys(counts).sort()) {
  const cells = names.map((name) => counts[status]![name] ?? 0);
  console.log(`| ${status} | ${cells.join(" | ")} |`);
}
const total = Object.values(counts).flatMap(Object.values)
  .reduce((sum: number, count: number) => sum + count, 0);
const health = await statusOf(port, {
  method: "GET",
  path: "/healthz",
  headers: {},
});
const megabytes = await server.megabytes();
console.log(
  `${Object.keys(paths).length} paths, ${total} requests, ${faults.size} ` +
    `faults; /healthz then says ${health}, resident ${megabytes.toFixed(0)} MB`,
);
for (const [name, count] of faults) console.log(`${count} ${name}`);
await Deno.remove(folder, { recursive: true }).catch(() => {});
if (faults.size > 0 || health !== "200") Deno.exitCode = 1;
