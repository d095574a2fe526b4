/**
 * A second process that writes to a folder, as far as its lock goes.
 *
 * @module
 */

const MODULE = new URL("../../lib/files/held_folder.ts", import.meta.url);

const HOLDER = `
import { HeldFolder } from "${MODULE}";
await HeldFolder.hold(Deno.args[0]);
console.log("held");
await new Promise((resolve) => setTimeout(resolve, 60_000));
`;

/**
 * Runs while another process holds a folder.
 *
 * @param run Is given what kills the process, and waits until it is dead.
 */
export async function whileOtherRun(
  folder: string,
  run: (kill: () => Promise<void>) => Promise<void>,
): Promise<void> {
  const script = await Deno.makeTempFile({ suffix: ".ts" });
  await Deno.writeTextFile(script, HOLDER);
  const child = new Deno.Command("deno", {
    args: ["run", "--no-check", "--allow-all", script, folder],
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const reader = child.stdout.getReader();
  const kill = async () => {
    try {
      child.kill("SIGKILL");
    } catch { /* it was killed before */ }
    await child.status;
  };
  try {
    await reader.read();
    await run(kill);
  } finally {
    await kill();
    await reader.cancel();
    await Deno.remove(script);
  }
}
