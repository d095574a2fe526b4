/**
 * Runs a command of the program as a user does.
 *
 * @module
 */
import { fileURLToPath } from "node:url";

const MAIN = fileURLToPath(new URL("../../main.ts", import.meta.url));

/** Sets of permissions of verbs that have none of their own name. */
const PERMISSIONS: Readonly<Record<string, string>> = {
  calibrate: "eval",
  merge: "score",
};

/** How a command ended. */
export interface Ended {
  /** Its exit code. */
  readonly code: number;
  /** What it printed to stderr. */
  readonly text: string;
  /** Its resident memory at most, in 10^6 bytes. */
  readonly megabytes: number;
}

/** When a command is killed. */
export interface RunOptions {
  /**
   * Seconds after which it is killed.
   *
   * @default {300}
   */
  readonly seconds?: number;
  /**
   * Whether the modes of files hold for it, also where it is run by root.
   *
   * @default {false}
   */
  readonly isBound?: boolean;
}

/** Takes away what lets root pass over the modes of files. */
const BOUND = [
  "setpriv",
  "--bounding-set",
  "-dac_override,-dac_read_search",
];

async function peakOf(pid: number): Promise<number> {
  const status = await Deno.readTextFile(`/proc/${pid}/status`).catch(() => "");
  return Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0) * 1024 / 1e6;
}

/** Runs a command, and looks at its memory. */
export async function runMain(
  [verb = "", ...flags]: readonly string[],
  { seconds = 300, isBound = false }: RunOptions = {},
): Promise<Ended> {
  const [command = "", ...args] = [
    ...isBound ? BOUND : [],
    ...["deno", "run", "--no-prompt", `-P=${PERMISSIONS[verb] ?? verb}`],
    ...[MAIN, verb, ...flags],
  ];
  const child = new Deno.Command(command, {
    args,
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).spawn();
  let megabytes = 0;
  const look = setInterval(async () => {
    megabytes = Math.max(megabytes, await peakOf(child.pid));
  }, 50);
  const timer = setTimeout(() => {
    try {
      child.kill("SIGKILL");
    } catch (error) {
      // It has just ended.
      if (!(error instanceof TypeError)) throw error;
    }
  }, seconds * 1000);
  const [{ code }, text] = await Promise.all([
    child.status,
    new Response(child.stderr).text(),
  ]);
  clearInterval(look);
  clearTimeout(timer);
  return { code, text, megabytes };
}
