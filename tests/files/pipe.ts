/**
 * A named pipe: to open it waits until somebody writes into it.
 *
 * @module
 */

/** Makes a pipe; on Linux. */
export function makePipe(path: string): void {
  const libc = Deno.dlopen("libc.so.6", {
    mkfifo: { parameters: ["buffer", "u32"], result: "i32" },
  });
  const failed = libc.symbols.mkfifo(
    new TextEncoder().encode(`${path}\0`),
    0o600,
  );
  libc.close();
  if (failed !== 0) throw new Error(`Cannot make a pipe at ${path}`);
}
