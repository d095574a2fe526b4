/**
 * Frees arrays between which others stay, so that the C library cannot shrink
 * its heap, and prints the resident memory before, then and after what the
 * argument names.
 *
 * @module
 */
import {
  free,
  giveBackMemory,
  keepLittleMemory,
} from "../lib/native_memory.ts";

const megabytes = () => Math.round(Deno.memoryUsage().rss / 1e6);
const [way] = Deno.args;
if (way === "keepLittleMemory") keepLittleMemory();
const before = megabytes();
const kept: Uint8Array[] = [];
const freed: Uint8Array[] = [];
for (let i = 0; i < 1000; i++) {
  freed.push(new Uint8Array(100_000).fill(1));
  kept.push(new Uint8Array(1000).fill(1));
}
freed.forEach(free);
const then = megabytes();
if (way === "giveBackMemory") giveBackMemory();
console.log(JSON.stringify({ before, then, after: megabytes() }));
// Read here, so that it lives until now.
if (kept.length === 0) throw new Error("Nothing was kept");
