/**
 * Runs cases one after the other, each within a time, and prints how they
 * ended.
 *
 * @module
 */
/** One case. */
export interface Case {
  /** What is done. */
  readonly name: string;
  /**
   * Does it.
   *
   * @returns What was answered, in a few words.
   * @throws {Error} Where it is refused.
   */
  run(): Promise<string>;
}

/** What counts as an answer. */
export interface CaseOptions {
  /** The errors whose message was written for a user. */
  readonly own: readonly (abstract new (...args: never[]) => Error)[];
  /**
   * Seconds of one case at most.
   *
   * @default {30}
   */
  readonly seconds?: number;
  /**
   * Growth of resident memory by one case at most, in 10^6 bytes.
   *
   * @default {500}
   */
  readonly megabytes?: number;
}

/** Thrown by a case that found a fault. */
export class Fault extends Error {}

const TICK = 50;

async function resultOf(
  { run }: Case,
  { own, seconds = 30 }: CaseOptions,
): Promise<{ told: string; isFault: boolean }> {
  let timer;
  const late = new Promise<never>((_, reject) => {
    const fail = () => reject(new Fault(`no end after ${seconds} s`));
    timer = setTimeout(fail, seconds * 1000);
  });
  try {
    return { told: await Promise.race([run(), late]), isFault: false };
  } catch (error) {
    const isOwn = own.some((kind) => error instanceof kind);
    const words = error instanceof Error && isOwn
      ? `refused: ${error.message}`
      : `FAULT: ${error}`;
    return { told: words, isFault: !isOwn };
  } finally {
    clearTimeout(timer);
  }
}

function shorten(text: string): string {
  const line = text.replace(/\s+/g, " ").replaceAll("|", "/")
    .replace(/127\.0\.0\.1:\d+/g, "HOST");
  return line.length > 170 ? `${line.slice(0, 167)}...` : line;
}

/**
 * Prints a table of cases.
 *
 * @returns How many were faults.
 */
export async function printCases(
  cases: readonly Case[],
  options: CaseOptions,
): Promise<number> {
  console.log("| case | answered | s | MB |");
  console.log("| --- | --- | ---: | ---: |");
  let faults = 0;
  for (const one of cases) {
    const start = performance.now();
    const before = Deno.memoryUsage().rss;
    let most = before;
    const look = setInterval(() => {
      most = Math.max(most, Deno.memoryUsage().rss);
    }, TICK);
    const { told, isFault } = await resultOf(one, options);
    clearInterval(look);
    const seconds = ((performance.now() - start) / 1000).toFixed(1);
    const megabytes = (most - before) / 1e6;
    const isLarge = megabytes > (options.megabytes ?? 500);
    if (isFault || isLarge) faults++;
    console.log(
      `| ${one.name} | ${isLarge ? "MEMORY: " : ""}${shorten(told)} | ${
        [seconds, megabytes.toFixed(0)].join(" | ")
      } |`,
    );
  }
  console.log(`${cases.length} cases, ${faults} faults`);
  return faults;
}
