/**
 * Running programs that tests need.
 *
 * @module
 */

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
