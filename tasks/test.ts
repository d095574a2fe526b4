/**
 * Runs the tests and prints their output. The last line is
 * `N passed, N failed`.
 *
 * @module
 */
import { stripVTControlCharacters } from "node:util";
import { EXIT } from "./cli/exit.ts";
import { ALL_PACKAGES } from "./lock.ts";

const SUMMARY_REGEXP =
  /\| (\d+) passed\b[^|]*\| (\d+) failed\b(?:[^|]*\| (\d+) ignored\b)?/;

/**
 * Finds the counts in what `deno test` prints.
 *
 * @param output All that was printed
 * @returns The closing line, or undefined where no test was run
 */
export function closingLine(output: string): string | undefined {
  const lines = stripVTControlCharacters(output).split("\n");
  const counts = lines.findLast((line) => SUMMARY_REGEXP.test(line))
    ?.match(SUMMARY_REGEXP);
  if (!counts) return undefined;
  const [, passed, failed, skipped] = counts;
  return `${passed} passed, ${failed} failed` +
    (skipped === undefined ? "" : `, ${skipped} skipped`);
}

/** Needs no program but `deno`, and nothing outside of loopback. */
const QUICK = ["-P=test", "--parallel", "--ignore=tests/integration"];

/** Starts real servers, one test after the other. */
const INTEGRATION = ["-P=integration", "tests/integration"];

/**
 * Runs `deno test` with the project's permissions.
 *
 * @param args More arguments for it; a first one `--integration` chooses the
 * tests against real servers instead of the quick ones
 * @returns Its exit code; never 0 where no test was run
 */
export async function runTests(args: readonly string[]): Promise<number> {
  const [first, ...rest] = args;
  const chosen = first === "--integration"
    ? [...INTEGRATION, ...rest]
    : [...QUICK, ...args];
  const child = new Deno.Command("deno", {
    args: ["test", `--lock=${ALL_PACKAGES}`, ...chosen],
    env: Deno.stdout.isTerminal() ? { FORCE_COLOR: "1" } : {},
    stdin: "null",
    stdout: "piped",
  }).spawn();
  const decoder = new TextDecoder();
  let output = "";
  for await (const chunk of child.stdout) {
    output += decoder.decode(chunk, { stream: true });
    for (let at = 0; at < chunk.length;) {
      at += await Deno.stdout.write(chunk.subarray(at));
    }
  }
  const { code } = await child.status;
  const line = closingLine(output);
  if (line === undefined) {
    console.error("Cannot count the tests as none was run");
    return code === EXIT.done ? EXIT.failed : code;
  }
  console.log(line);
  return code;
}

if (import.meta.main) Deno.exit(await runTests(Deno.args));
