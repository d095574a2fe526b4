/**
 * A real server that is attacked, and what is seen of it meanwhile.
 *
 * @module
 */
import { fileURLToPath } from "node:url";

const MAIN = fileURLToPath(new URL("../../main.ts", import.meta.url));
const PROBE = new URL("./health_probe.ts", import.meta.url);

/** What was seen of a server during an attack. */
export interface Seen {
  /** The slowest answer of /healthz, in seconds. */
  readonly health: number;
  /** The longest block of its event loop in the last minute, in seconds. */
  readonly blocked: number;
  /** Its resident memory at most, in 10^6 bytes. */
  readonly megabytes: number;
  /** Whether the process still runs. */
  readonly isAlive: boolean;
}

/** A running server. */
export interface AttackedServer extends AsyncDisposable {
  /** Its port. */
  readonly port: number;
  /** Its address. */
  readonly address: string;
  /** Looks at it while something is done. */
  during(attack: () => Promise<void>): Promise<Seen>;
  /** Its resident memory now, in 10^6 bytes. */
  megabytes(): Promise<number>;
}

async function residentOf(pid: number): Promise<number> {
  const status = await Deno.readTextFile(`/proc/${pid}/status`).catch(() => "");
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? NaN) * 1024 / 1e6;
}

async function blockedSeconds(address: string): Promise<number> {
  const signal = AbortSignal.timeout(30_000);
  const answer = await fetch(`${address}/metrics`, { signal });
  const found = /^mfp_loop_blocked_seconds (\S+)$/m.exec(await answer.text());
  return Number(found?.[1] ?? NaN);
}

/** Reads the log to its end, so that the server can write it. */
async function portIn(log: ReadableStream<Uint8Array>): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  let text = "";
  (async () => {
    for await (const part of log.pipeThrough(new TextDecoderStream())) {
      text = (text + part).slice(-100_000);
      const [, port] = /Listening at http:\S+:(\d+)\//.exec(text) ?? [];
      if (port !== undefined && text.includes("Ready with")) {
        resolve(Number(port));
      }
    }
    reject(new Error(`The server ended: ${text}`));
  })().catch(reject);
  return await promise;
}

/** Starts a server with some flags; its state lies in `folder`. */
export async function attackedServer(
  folder: string,
  flags: readonly string[] = [],
): Promise<AttackedServer> {
  const child = new Deno.Command("deno", {
    args: [
      ...["run", "--no-prompt", "-P=serve", MAIN, "serve", "--port=0"],
      ...[`--state=${folder}/state`, ...flags],
    ],
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).spawn();
  let isAlive = true;
  child.status.then(() => isAlive = false);
  const port = await portIn(child.stderr);
  const address = `http://127.0.0.1:${port}`;
  return {
    port,
    address,
    megabytes: () => residentOf(child.pid),
    async during(attack) {
      const probe = new Worker(PROBE, { type: "module" });
      probe.postMessage(address);
      let megabytes = await residentOf(child.pid);
      const timer = setInterval(async () => {
        const now = await residentOf(child.pid);
        if (now > megabytes) megabytes = now;
      }, 50);
      await attack();
      clearInterval(timer);
      const slowest = Promise.withResolvers<number>();
      probe.onmessage = ({ data }) => slowest.resolve(data);
      probe.postMessage("end");
      const health = await slowest.promise;
      probe.terminate();
      const blocked = await blockedSeconds(address).catch(() => NaN);
      return { health, blocked, megabytes, isAlive };
    },
    async [Symbol.asyncDispose]() {
      if (isAlive) child.kill("SIGKILL");
      await child.status;
    },
  };
}
