/**
 * Has every reader of files read mutated copies of small valid ones:
 *
 *     deno run -A bench/attacks/parsers.ts [--mutations 400] [--only WORD]
 *
 * Each reading must end with a value or with an error whose message was
 * written for a user, in less than 5 seconds and without a gigabyte of memory.
 * Prints a table, and ends with 1 where one did not.
 *
 * @module
 */
import { parseArgs } from "node:util";
import { PARSERS } from "./parser_cases.ts";
import type { Found } from "./parser_worker.ts";

const { values } = parseArgs({
  options: {
    mutations: { type: "string", default: "400" },
    only: { type: "string", default: "" },
  },
});
const WORKER = new URL("./parser_worker.ts", import.meta.url);
/** Milliseconds of one reading at most. */
const MOST = 5000;
/** Milliseconds until the valid files of a reader are made. */
const PREPARATION = 60_000;
const MOST_MEGABYTES = 1000;

/** Runs a reader in a thread of its own, which is ended where it hangs. */
async function foundIn(place: number, count: number): Promise<Found> {
  const worker = new Worker(WORKER, { type: "module" });
  const { promise, resolve } = Promise.withResolvers<Found>();
  const fail = (fault: string) =>
    resolve({
      read: 0,
      refused: 0,
      faults: { [fault]: 1 },
      slowest: 0,
      megabytes: 0,
    });
  let timer = setTimeout(() => fail("not prepared"), PREPARATION);
  worker.onmessage = ({ data }: MessageEvent<number | Found>) => {
    clearTimeout(timer);
    if (typeof data !== "number") return resolve(data);
    timer = setTimeout(() => fail(`mutation ${data} hangs`), 4 * MOST);
  };
  worker.onerror = (event) => {
    event.preventDefault();
    fail(event.message);
  };
  worker.postMessage({ place, count });
  const found = await promise;
  clearTimeout(timer);
  worker.terminate();
  return found;
}

let isHurt = false;
let total = 0;
console.log(
  "| reader | mutations | read | refused | faults | slowest s | MB |",
);
console.log("| --- | ---: | ---: | ---: | ---: | ---: | ---: |");
const told: string[] = [];
for (const [place, { name, share = 1 }] of PARSERS.entries()) {
  if (!name.includes(values.only)) continue;
  const count = Math.ceil(Number(values.mutations) * share);
  const found = await foundIn(place, count);
  const { read, refused, faults, slowest, megabytes } = found;
  const wrong = Object.values(faults).reduce((sum, times) => sum + times, 0);
  total += count;
  isHurt ||= wrong > 0 || slowest > MOST || megabytes > MOST_MEGABYTES;
  const seconds = (slowest / 1000).toFixed(2);
  console.log(
    `| ${name} | ${count} | ${read} | ${refused} | ${wrong} | ${seconds} | ${
      megabytes.toFixed(0)
    } |`,
  );
  for (const [fault, times] of Object.entries(faults)) {
    told.push(`${times} ${name}: ${fault}`);
  }
}
console.log(`${total} mutations`);
for (const line of told) console.log(line);
// A reader that hangs would keep the process.
Deno.exit(isHurt ? 1 : 0);
