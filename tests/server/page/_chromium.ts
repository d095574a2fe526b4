/**
 * Chromium, where it is installed.
 *
 * @module
 */
import assert from "node:assert/strict";

/** Path of the browser; undefined where there is none. */
export const CHROMIUM: string | undefined = [
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
].find((path) => {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
});

/**
 * Runs a script that uses a browser, in a process of its own: it needs more
 * permissions than tests have.
 *
 * @param script Path of the script, which prints JSON.
 * @param task What it is told.
 */
export async function runBrowser<T>(script: string, task: object): Promise<T> {
  const { success, stdout, stderr } = await new Deno.Command("deno", {
    args: [
      ...["run", "-A", "--no-check", "--lock=deno.all.lock"],
      ...[script, JSON.stringify(task)],
    ],
  }).output();
  const decoder = new TextDecoder();
  assert.ok(success, decoder.decode(stderr));
  return JSON.parse(decoder.decode(stdout));
}
