/**
 * Sends mixed requests to a real server for a long time; some clients leave
 * before they are answered:
 *
 *     deno run -A bench/soak.ts [--requests 20000] [--clients 64]
 *
 * Says the resident memory of the server after each thousand as it goes, and
 * at the end prints, as JSON, the answers by status, that memory in 10^6 bytes,
 * and its growth: the median of the last 5,000 requests over that of the 5,000
 * that follow the first 3,000.
 *
 * @module
 */
import { parseArgs } from "node:util";
import sharp from "sharp";
import { attackedServer } from "./attacks/attacked_server.ts";
import { picture } from "./endpoint.ts";
import { median } from "./measure.ts";

const { values } = parseArgs({
  options: {
    requests: { type: "string", default: "20000" },
    clients: { type: "string", default: "64" },
  },
});

/** The part of clients that leave, and the milliseconds until they do. */
const LEAVING = 0.15;
const PATIENCE = 60;

const folder = await Deno.makeTempDir({ prefix: "soak" });
await using server = await attackedServer(folder);
const { address } = server;

const png = await picture(1);
const jpeg = new Uint8Array(
  await sharp(png).resize(900, 700).jpeg().toBuffer(),
);
const broken = jpeg.slice(0, 2000);
const b64 = png.toBase64();
const json = { "Content-Type": "application/json" };

function form(): FormData {
  const fields = new FormData();
  fields.set("image", new File([jpeg], "a.jpg", { type: "image/jpeg" }));
  fields.set("category", "cup");
  return fields;
}

function post(
  path: string,
  body: BodyInit,
  headers = {},
): [string, RequestInit] {
  return [path, { method: "POST", body, headers }];
}

const SCORE = "/v1/score?category=cup";
const KINDS: readonly (() => [string, RequestInit])[] = [
  () => post(SCORE, png, { "Content-Type": "image/png" }),
  () => post(SCORE, jpeg, { "Content-Type": "image/jpeg" }),
  () => post(SCORE, png, { "Content-Type": "image/png", Accept: "image/png" }),
  () => post(SCORE, broken, { "Content-Type": "image/jpeg" }),
  () => post("/v1/score", form()),
  () =>
    post(
      "/invocations",
      JSON.stringify({ instances: [{ b64 }, { b64: "no" }, { b64 }] }),
      json,
    ),
  () => post("/v1/score", "{", json),
  () => ["/healthz", {}],
  () => ["/metrics", {}],
  () => ["/", {}],
  () => ["/nowhere", {}],
];

const answers: Record<string, number> = {};
const megabytes: number[] = [];
const total = Number(values.requests);
let sent = 0;

async function send(index: number): Promise<string> {
  const [path, init] = KINDS[index % KINDS.length]!();
  const leaves = Math.random() < LEAVING;
  const patience = leaves ? Math.random() * PATIENCE : 120_000;
  const signal = AbortSignal.timeout(patience);
  try {
    const answer = await fetch(`${address}${path}`, { ...init, signal });
    await answer.arrayBuffer();
    return `${answer.status}`;
  } catch (error) {
    return leaves ? "left" : (error as Error).name;
  }
}

async function weigh(): Promise<void> {
  const now = Math.round(await server.megabytes());
  megabytes.push(now);
  console.error(`${sent} requests sent, ${now} MB`);
}

async function client(): Promise<void> {
  while (sent < total) {
    const index = sent++;
    if (index % 1000 === 0) await weigh();
    const answer = await send(index);
    answers[answer] = (answers[answer] ?? 0) + 1;
  }
}

await Promise.all(Array.from({ length: Number(values.clients) }, client));
await weigh();
const growth = median(megabytes.slice(-5)) / median(megabytes.slice(3, 8));
console.log(JSON.stringify({ requests: total, answers, megabytes, growth }));
await Deno.remove(folder, { recursive: true });
