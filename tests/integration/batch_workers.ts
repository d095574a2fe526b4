/**
 * Worker processes of a run on a bucket, and what happens to them.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import type { FaultProxy } from "./fault_proxy.ts";
import type { Radosgw } from "./radosgw.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** How a process ended. */
export interface Ended {
  readonly code: number;
  readonly signal: string | null;
  readonly stderr: string;
}

/** A process that may be killed. */
export interface Worker {
  kill(): void;
  readonly ended: Promise<Ended>;
}

/** Starts `main.ts VERB` with the keys of a gateway. */
export function startVerb(
  gateway: Radosgw,
  endpoint: string,
  args: readonly string[],
): Worker {
  const [verb = "", ...flags] = args;
  const child = new Deno.Command("deno", {
    args: [
      "run",
      "-P=score",
      "main.ts",
      verb,
      "--endpoint",
      endpoint,
      ...flags,
    ],
    cwd: ROOT,
    env: {
      AWS_ACCESS_KEY_ID: gateway.accessKey,
      AWS_SECRET_ACCESS_KEY: gateway.secretKey,
    },
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).spawn();
  const ended = child.output().then(({ code, signal, stderr }) => ({
    code,
    signal,
    stderr: new TextDecoder().decode(stderr),
  }));
  return { kill: () => child.kill("SIGKILL"), ended };
}

/** What a run went through. */
export interface Ordeal {
  /** Workers that were killed. */
  kills: number;
  /** Workers that gave up by themselves, and were started again. */
  failures: number;
  /** Times that a worker was started on the shard of another. */
  races: number;
}

/** Options of {@linkcode survive}. */
export interface SurviveOptions {
  readonly shards: number;
  /** How many workers are to be killed. */
  readonly kills: number;
  /** In front of the store; its requests are the clock of the kills. */
  readonly proxy: FaultProxy;
  /** Gives whole numbers from 0 to below a bound. */
  readonly roll: (bound: number) => number;
  /** Starts a worker on a shard. */
  readonly start: (shard: number) => Worker;
}

/** Most requests of all workers between the start of one and its end. */
const REQUESTS = 120;

function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/** Kills a worker after some requests, unless it ends before. */
async function killLater(
  worker: Worker,
  { proxy, roll }: SurviveOptions,
): Promise<void> {
  let hasEnded = false;
  worker.ended.then(() => hasEnded = true);
  const end = proxy.requests + roll(REQUESTS);
  while (!hasEnded && proxy.requests < end) await sleep(5);
  await sleep(roll(50));
  if (!hasEnded) worker.kill();
}

/**
 * Runs all shards to their end by two workers at a time, the first so many of
 * which are killed at random moments.
 */
export async function survive(options: SurviveOptions): Promise<Ordeal> {
  const { shards, kills, roll, start } = options;
  const ordeal = { kills: 0, failures: 0, races: 0 };
  const open = new Set(Array.from({ length: shards }, (_, shard) => shard));
  const busy: number[] = [];
  const work = async () => {
    while (open.size > 0) {
      const other = busy.find((shard) => open.has(shard));
      const isRace = other !== undefined && roll(2) === 0;
      const shard = isRace ? other : [...open][roll(open.size)]!;
      if (busy.includes(shard)) ordeal.races++;
      busy.push(shard);
      const worker = start(shard);
      if (ordeal.kills < kills) await killLater(worker, options);
      const { code, signal, stderr } = await worker.ended;
      busy.splice(busy.indexOf(shard), 1);
      if (signal === "SIGKILL") ordeal.kills++;
      else if (code === 0) open.delete(shard);
      else if (code === 1) ordeal.failures++;
      else throw new Error(`Cannot go on as a worker ended so: ${stderr}`);
    }
  };
  await Promise.all([work(), work()]);
  return ordeal;
}
