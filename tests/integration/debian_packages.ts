/**
 * Programs from Debian's packages that a test needs.
 *
 * @module
 */
import { run } from "./radosgw_programs.ts";

async function areThere(programs: readonly string[]): Promise<boolean> {
  const { success } = await new Deno.Command("sh", {
    args: ["-c", `command -v ${programs.join(" && command -v ")}`],
    stdout: "null",
  }).output();
  return success;
}

async function install(packages: readonly string[]): Promise<void> {
  const env = { DEBIAN_FRONTEND: "noninteractive" };
  const options = ["-y", "-qq", "--no-install-recommends"];
  const wait = ["-o", "DPkg::Lock::Timeout=300"];
  await run("apt-get", ["update", "-qq"], env);
  await run("apt-get", ["install", ...wait, ...options, ...packages], env);
}

/**
 * Whether programs can be run here. Where they are absent their packages are
 * installed, if that is possible.
 *
 * @param programs Their names
 * @param packages The packages that have them
 * @returns Why not; undefined where they can
 */
export async function whyNoPrograms(
  programs: readonly string[],
  packages: readonly string[],
): Promise<string | undefined> {
  const { state } = await Deno.permissions.query({ name: "run" });
  const [first] = programs;
  if (state !== "granted") return `${first} may not be run: use -P=integration`;
  if (Deno.build.os !== "linux") return `${first} is run on Linux only`;
  if (await areThere(programs)) return undefined;
  if (Deno.uid() !== 0 || !await areThere(["apt-get"])) {
    return `${first} is not installed: apt-get install ${packages.join(" ")}`;
  }
  try {
    await install(packages);
  } catch (error) {
    return `${first} is not installed: ${(error as Error).message}`;
  }
  return undefined;
}
