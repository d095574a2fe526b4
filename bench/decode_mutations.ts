/**
 * Sends broken and slow images through the decode workers:
 *
 *     deno run -A bench/decode_mutations.ts [--images 10000] [--bombs 200]
 *
 * Each mutated image must be decoded or refused with a reason. Each slow image
 * is given up after 20 ms; its worker must end and be replaced. Prints counts
 * as JSON, and ends with 1 where one was not answered as it must be.
 *
 * @module
 */
import { parseArgs } from "node:util";
import sharp from "sharp";
import { DecodePool } from "../lib/framing/decode_pool.ts";
import { ImageDecodeError } from "../lib/image/image.ts";

const { values } = parseArgs({
  options: {
    images: { type: "string", default: "10000" },
    bombs: { type: "string", default: "200" },
  },
});
const FOLDER = new URL("../tests/golden/image/", import.meta.url);
const HOW = { options: {}, side: 32, keepImage: false };
/** Images under way at a time. */
const WIDTH = 8;

const seeds: Uint8Array[] = [];
async function collect(folder: URL): Promise<void> {
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    if (isDirectory) await collect(new URL(`${name}/`, folder));
    else if (/\.(png|jpg|tif|webp|bmp|p[gp]m)$/.test(name)) {
      seeds.push(await Deno.readFile(new URL(name, folder)));
    }
  }
}
await collect(FOLDER);

let state = 1;
/** A number from 0 to below `most`, the same in each run. */
function below(most: number): number {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  return Math.floor(state / 2 ** 32 * most);
}

/** Flips bits, overwrites, cuts off, doubles or fills a part of a file. */
function mutated(file: Uint8Array): Uint8Array {
  const bytes = file.slice();
  const changes = 1 + below(8);
  for (let i = 0; i < changes; i++) {
    const at = below(bytes.length);
    if (below(2) === 0) bytes[at]! ^= 1 << below(8);
    else bytes.fill(below(2) * 255, at, at + 1 + below(8));
  }
  const kind = below(8);
  if (kind === 0) return bytes.subarray(0, below(bytes.length));
  if (kind > 1) return bytes;
  const at = below(bytes.length);
  return new Uint8Array([...bytes.subarray(0, at), ...bytes.subarray(at / 2)]);
}

const counts: Record<string, number> = {};
let slowest = 0;
using pool = new DecodePool({ workers: 2 });

async function sendOne(file: Uint8Array): Promise<void> {
  const start = performance.now();
  const outcome = await pool.decode(file, HOW).then(
    () => "decoded",
    (error) =>
      error instanceof ImageDecodeError ? error.reason : `other: ${error}`,
  );
  counts[outcome] = (counts[outcome] ?? 0) + 1;
  slowest = Math.max(slowest, performance.now() - start);
}

const total = Number(values.images);
let sent = 0;
async function client(): Promise<void> {
  while (sent < total) {
    const seed = seeds[sent++ % seeds.length]!;
    await sendOne(mutated(seed));
  }
}
await Promise.all(Array.from({ length: WIDTH }, client));

const create = { width: 3000, height: 3000, channels: 3 as const };
const slow = await sharp({ create: { ...create, background: "#777" } })
  .jpeg({ progressive: true }).toBuffer();
let bombs = 0;
let mostRetired = 0;
for (let i = 0; i < Number(values.bombs); i++) {
  const signal = AbortSignal.timeout(20);
  await pool.decode(slow, { ...HOW, signal }).catch((error) => {
    if (error === signal.reason) bombs++;
  });
  mostRetired = Math.max(mostRetired, pool.retired);
}
while (pool.retired > 0) await new Promise((done) => setTimeout(done, 50));
await sendOne(seeds[0]!);

const { rss } = Deno.memoryUsage();
const answered = Object.values(counts).reduce((a, b) => a + b, 0) - 1;
console.log(JSON.stringify({
  seeds: seeds.length,
  answered,
  counts,
  slowestMilliseconds: Math.round(slowest),
  bombsGivenUp: bombs,
  mostRetired,
  retiredAtTheEnd: pool.retired,
  residentMegabytes: Math.round(rss / 1e6),
}));
const others = Object.keys(counts).some((name) => name.startsWith("other"));
if (answered !== total || others) Deno.exitCode = 1;
