/**
 * Writes the two lock files anew.
 *
 * `deno task` installs all that the lock file beside deno.json names, before
 * it runs anything. So `deno.lock` names the packages of `imports` only, and
 * `deno.all.lock` also those of `scopes`: of tests, of builds and of
 * TensorFlow.js, 490 MB. Commands that need them say `--lock=deno.all.lock`.
 *
 * No task can mend a lock file that lags behind deno.json, so run:
 *
 *     deno run --no-lock -P=lock tasks/lock.ts
 *
 * @module
 */
import { join } from "node:path";
import { EXIT } from "./cli/exit.ts";

/** The lock file of all packages, below the root. */
export const ALL_PACKAGES = "deno.all.lock";

/** What deno.json asks for, `scopes` and all, stands behind it in both. */
const WORKSPACE = '\n  "workspace": ';

async function install(cwd: string, lock: string): Promise<void> {
  const { success } = await new Deno.Command("deno", {
    args: ["install", "--quiet", "--frozen=false", `--lock=${lock}`],
    cwd,
  }).output();
  if (!success) throw new Error(`Cannot write ${lock} as installing must work`);
}

/**
 * Writes both lock files of a project. Versions that `deno.all.lock` has
 * already are kept.
 *
 * @param root The folder of deno.json.
 */
export async function writeLocks(root: string): Promise<void> {
  await install(root, ALL_PACKAGES);
  const all = await Deno.readTextFile(join(root, ALL_PACKAGES));
  const config = JSON.parse(await Deno.readTextFile(join(root, "deno.json")));
  const folder = await Deno.makeTempDir();
  try {
    // Deno leaves out of a lock file what its deno.json no longer asks for.
    const { imports, unstable } = config;
    const lean = JSON.stringify({ imports, unstable });
    await Deno.writeTextFile(join(folder, "deno.json"), lean);
    await Deno.writeTextFile(join(folder, "deno.lock"), all);
    await install(folder, "deno.lock");
    const lock = await Deno.readTextFile(join(folder, "deno.lock"));
    const [packages] = lock.split(WORKSPACE);
    const [, workspace] = all.split(WORKSPACE);
    const text = [packages, workspace].join(WORKSPACE);
    await Deno.writeTextFile(join(root, "deno.lock"), text);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

if (import.meta.main) {
  await writeLocks(new URL("..", import.meta.url).pathname);
  Deno.exit(EXIT.done);
}
