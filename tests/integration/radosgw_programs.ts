/**
 * Ceph's programs: whether they are there, and running them.
 *
 * @module
 */

const PACKAGES = ["radosgw", "ceph-mon", "ceph-osd", "ceph-common"];
const PROGRAMS = [
  "ceph",
  "ceph-mon",
  "ceph-osd",
  "monmaptool",
  "radosgw",
  "radosgw-admin",
];

/**
 * Runs a program to its end.
 *
 * @param program Its name
 * @param args Its arguments
 * @param env More variables for it
 * @throws If it fails, with the last line that it wrote to its error output
 */
export async function run(
  program: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<void> {
  const { success, stderr } = await new Deno.Command(program, {
    args: [...args],
    env: { ...env },
    stdin: "null",
    stdout: "null",
  }).output();
  if (success) return;
  const said = new TextDecoder().decode(stderr).trim().split("\n").at(-1);
  throw new Error(`Cannot go on as ${program} must succeed: ${said}`);
}

async function areThere(programs: readonly string[]): Promise<boolean> {
  const { success } = await new Deno.Command("sh", {
    args: ["-c", `command -v ${programs.join(" && command -v ")}`],
    stdout: "null",
  }).output();
  return success;
}

async function install(): Promise<string | undefined> {
  const env = { DEBIAN_FRONTEND: "noninteractive" };
  const options = ["-y", "-qq", "--no-install-recommends"];
  try {
    await run("apt-get", ["update", "-qq"], env);
    await run("apt-get", ["install", ...options, ...PACKAGES], env);
    return undefined;
  } catch (error) {
    return `radosgw is not installed: ${(error as Error).message}`;
  }
}

/**
 * Whether Ceph's gateway can be started here. Where its packages are absent
 * they are installed, if that is possible.
 *
 * @returns Why not; undefined where it can
 */
export async function whyNoRadosgw(): Promise<string | undefined> {
  const { state } = await Deno.permissions.query({ name: "run" });
  if (state !== "granted") return "radosgw may not be run: use -P=integration";
  if (Deno.build.os !== "linux") return "radosgw runs on Linux only";
  if (await areThere(PROGRAMS)) return undefined;
  if (Deno.uid() !== 0 || !await areThere(["apt-get"])) {
    return `radosgw is not installed: apt-get install ${PACKAGES.join(" ")}`;
  }
  return await install();
}
